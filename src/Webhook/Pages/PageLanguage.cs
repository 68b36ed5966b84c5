using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CoopLine.Webhook.Pages;

/// <summary>
/// The language of a member's page: Japanese, or English for a browser that asks for it before Japanese. Not the thread's
/// culture, which comes from the machine.
/// </summary>
internal static class PageLanguage
{
    private static readonly CultureInfo Japanese = CultureInfo.InvariantCulture; // the neutral resources
    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en");
    private static readonly AsyncLocal<CultureInfo?> Asked = new();

    public static CultureInfo Current => Asked.Value ?? Japanese;

    public static CultureInfo For(HttpRequest request)
    {
        var wanted = request.GetTypedHeaders().AcceptLanguage
            .OrderByDescending(language => language.Quality ?? 1)
            .Select(language => language.Value.AsSpan() is var tag && Is(tag, "ja") ? Japanese : Is(tag, "en") ? English : null);
        return wanted.FirstOrDefault(language => language is not null) ?? Japanese;
    }

    private static bool Is(ReadOnlySpan<char> tag, string language) =>
        tag.StartsWith(language, StringComparison.OrdinalIgnoreCase) && (tag.Length == language.Length || tag[language.Length] == '-');

    extension(IApplicationBuilder app)
    {
        /// <summary>Comes first, so that it also holds for what goes wrong.</summary>
        public void UsePageLanguage() => app.Use((http, next) =>
        {
            Asked.Value = For(http.Request);
            return next(http);
        });
    }
}

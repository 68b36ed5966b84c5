using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace CoopLine.Webhook.Edge;

/// <summary>JSON and forms in a character set that nobody can read are refused, where ASP.NET would report a defect.</summary>
internal static class Charsets
{
    public static void UseKnownCharsets(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        var request = http.Request;
        return IsUsualJson(request.ContentType)
            || !(request.HasJsonContentType() || request.HasFormContentType) || IsKnown(request.ContentType)
            ? next(http)
            : Problems.Refuse(415, "charset", "The character set of the body is unknown; send UTF-8.").ExecuteAsync(http);
    });

    /// <summary>JSON in UTF-8 as nearly everybody says it: nothing of it has to be taken apart.</summary>
    public static bool IsUsualJson(string? contentType) => contentType is "application/json" or "application/json; charset=utf-8";

    private static bool IsKnown(string? contentType)
    {
        var charset = MediaTypeHeaderValue.TryParse(contentType, out var type) ? HeaderUtilities.RemoveQuotes(type.Charset) : "";
        if (charset.Length == 0) return true;
        try
        {
            Encoding.GetEncoding(charset.ToString());
            return true;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }
}

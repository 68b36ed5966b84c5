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
        if (IsUsualJson(request.ContentType) || !(request.HasJsonContentType() || request.HasFormContentType)
            || !MediaTypeHeaderValue.TryParse(request.ContentType, out var type) || !type.Charset.HasValue)
            return next(http);

        var charset = HeaderUtilities.RemoveQuotes(type.Charset);
        if (!IsKnown(charset.ToString()))
            return Problems.Refuse(415, "charset", "The character set of the body is unknown; send UTF-8.").ExecuteAsync(http);

        // A name may stand in quotation marks (RFC 9110 5.6.6), and ASP.NET would take them for a part of it.
        type.Charset = charset;
        request.ContentType = type.ToString();
        return next(http);
    });

    /// <summary>JSON in UTF-8 as nearly everybody says it: nothing of it has to be taken apart.</summary>
    public static bool IsUsualJson(string? contentType) => contentType is "application/json" or "application/json; charset=utf-8";

    private static bool IsKnown(string charset)
    {
        try
        {
            Encoding.GetEncoding(charset);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }
}

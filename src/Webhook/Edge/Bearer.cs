using System.Net.Http.Headers;
using Microsoft.AspNetCore.Http;

namespace CoopLine.Webhook.Edge;

/// <summary><c>Authorization: Bearer TOKEN</c> (RFC 6750).</summary>
internal static class Bearer
{
    public const string Scheme = "Bearer";

    /// <returns>Null without such a header.</returns>
    public static string? Token(HttpRequest request) =>
        AuthenticationHeaderValue.TryParse(request.Headers.Authorization, out var sent)
        && Scheme.Equals(sent.Scheme, StringComparison.OrdinalIgnoreCase)
        && sent.Parameter is { Length: > 0 } token
            ? token
            : null;
}

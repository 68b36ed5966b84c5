using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace CoopLine.Webhook.Edge;

/// <summary>The pages are built from their own address, which has the <c>Host</c> header in it. One that names no host is refused.</summary>
internal static class Hosts
{
    /// <summary>Before everything else: not even the page that tells of a problem could be built.</summary>
    public static void UseKnownHosts(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        // Load balancers ask about our health, and not all of them say of which host.
        if (IsHost(http.Request) || http.Request.Path.StartsWithSegments("/health")) return next(http);

        http.Response.StatusCode = StatusCodes.Status400BadRequest;
        http.Response.ContentType = "text/plain";
        return http.Response.WriteAsync("The Host header names no host.\n", http.RequestAborted);
    });

    private static bool IsHost(HttpRequest request)
    {
        try
        {
            return Uri.TryCreate($"{request.Scheme}://{request.Host}/", UriKind.Absolute, out _);
        }
        catch (ArgumentException) // HostString throws for a name that cannot be written as an international domain name
        {
            return false;
        }
    }
}

using CoopLine.Grains.Line;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Pages;

/// <summary>Headers of everything personal: kept by no cache, told to no other site, and no script but ours and LINE's.</summary>
internal sealed class PageHeaders(IOptions<LineOptions> line, IOptions<MemberPageOptions> pages)
{
    private readonly string policy = Policy(line.Value, pages.Value);

    public void Set(HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        response.Headers.ContentSecurityPolicy = policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
    }

    private static string Policy(LineOptions line, MemberPageOptions pages)
    {
        var liff = $"{Origin(line.LiffSdk)} {Origin(line.ApiBase)} {Origin(line.AccessBase)}";
        return string.Join("; ",
            "default-src 'none'",
            $"script-src 'self' {Origin(line.LiffSdk)}",
            "style-src 'self'",
            "img-src 'self' data:",
            $"connect-src 'self' {liff} https://*.line.me https://*.line-scdn.net",
            // Browsers hold every redirect after a form to this, and LINE's dialog may go on to LINE's app.
            $"form-action 'self' {Origin(line.AccessBase)} https: line:",
            "base-uri 'none'",
            $"frame-ancestors {pages.FrameAncestors}");
    }

    private static string Origin(Uri address) => address.GetLeftPart(UriPartial.Authority);
}

internal static class PageHeadersSetup
{
    extension(RouteGroupBuilder group)
    {
        public RouteGroupBuilder WithPageHeaders()
        {
            group.AddEndpointFilter((context, next) =>
            {
                var http = context.HttpContext;
                http.RequestServices.GetRequiredService<PageHeaders>().Set(http.Response);
                return next(context);
            });
            return group;
        }
    }
}

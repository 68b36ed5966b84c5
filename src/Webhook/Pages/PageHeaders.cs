using CoopLine.Grains.Line;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Pages;

/// <summary>Headers of everything personal: kept by no cache, told to no other site, and no script but ours and, for members, LINE's.</summary>
internal sealed class PageHeaders(IOptions<LineOptions> line, IOptions<MemberPageOptions> pages)
{
    /// <summary>Nobody but this program has anything to do with the operators' pages.</summary>
    private const string OperatorsPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

    private readonly string membersPolicy = Policy(line.Value, pages.Value);

    public void SetForMembers(HttpResponse response) => Set(response, membersPolicy, "no-store");

    /// <remarks>In the words that the framework's form tokens would put there as well, with a warning.</remarks>
    public static void SetForOperators(HttpResponse response) => Set(response, OperatorsPolicy, "no-cache, no-store");

    private static void Set(HttpResponse response, string policy, string caching)
    {
        response.Headers.CacheControl = caching;
        response.Headers.ContentSecurityPolicy = policy;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers["Referrer-Policy"] = "no-referrer";
        response.Headers["Permissions-Policy"] =
            "screen-wake-lock=(self), camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()";
    }

    private static string Policy(LineOptions line, MemberPageOptions pages)
    {
        var liff = $"{Origin(line.LiffSdk)} {Origin(line.ApiBase)} {Origin(line.AccessBase)}";
        return string.Join("; ",
            "default-src 'none'",
            $"script-src 'self' {Origin(line.LiffSdk)}",
            "style-src 'self'",
            $"img-src 'self' data:{string.Concat(pages.PictureHosts.Select(host => $" https://{host}"))}",
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
        public RouteGroupBuilder WithPageHeaders() => group.With(
            http => http.RequestServices.GetRequiredService<PageHeaders>().SetForMembers(http.Response));

        public RouteGroupBuilder WithOperatorsHeaders() => group.With(http => PageHeaders.SetForOperators(http.Response));

        private RouteGroupBuilder With(Action<HttpContext> set) => group.AddEndpointFilter((context, next) =>
        {
            set(context.HttpContext);
            return next(context);
        });
    }
}

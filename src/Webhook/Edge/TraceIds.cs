using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace CoopLine.Webhook.Edge;

internal static class TraceIds
{
    /// <summary>What the counter quotes and the operator looks for: 32 hex digits.</summary>
    public static string Of(HttpContext http) => Grains.Telemetry.TraceId ?? http.TraceIdentifier;

    extension(IApplicationBuilder app)
    {
        /// <summary>Addresses hold member numbers and session ids: spans name the route instead.</summary>
        public void UseTracesWithoutAddresses() => app.Use((http, next) =>
        {
            if (Activity.Current is { } span && http.GetEndpoint() is RouteEndpoint endpoint)
            {
                span.SetTag("url.path", endpoint.RoutePattern.RawText);
                span.SetTag("url.query", null);
            }
            return next(http);
        });
    }
}

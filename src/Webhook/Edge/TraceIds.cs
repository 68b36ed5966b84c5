using Microsoft.AspNetCore.Http;

namespace CoopLine.Webhook.Edge;

internal static class TraceIds
{
    /// <summary>What the counter quotes and the operator looks for: 32 hex digits.</summary>
    public static string Of(HttpContext http) => Grains.Telemetry.TraceId ?? http.TraceIdentifier;
}

using System.ComponentModel.DataAnnotations;

namespace CoopLine.Webhook.Ops;

/// <summary>Section <c>CoopLine:Ops</c>.</summary>
internal sealed class OpsOptions
{
    /// <summary>Address of a page of the trace store, with <c>{traceId}</c> in it; default none.</summary>
    [RegularExpression(@"^https?://.+\{traceId\}.*$", ErrorMessage = "CoopLine:Ops:TraceUrl is an address with {{traceId}} in it.")]
    public string? TraceUrl { get; init; }

    /// <summary>Address of the dashboards; default none.</summary>
    [Url]
    public string? DashboardsUrl { get; init; }
}

using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace CoopLine.Grains;

/// <summary>Spans and instruments of the rules.</summary>
public static class Telemetry
{
    public const string Name = "CoopLine.Grains";

    internal static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);

    internal static readonly Counter<long> Redemptions = Meter.CreateCounter<long>(
        "coopline.redemptions", "{redemption}", "Decisions on redemption requests, by outcome.");

    internal static readonly Counter<long> Links = Meter.CreateCounter<long>(
        "coopline.links", "{link}", "Ends of link attempts, by outcome.");

    internal static readonly Counter<long> LineCalls = Meter.CreateCounter<long>(
        "coopline.line.calls", "{call}", "Calls made from the outbox, by kind and answer.");

    /// <summary>The id of the current trace (32 hex digits), or null outside of one.</summary>
    public static string? TraceId => Activity.Current?.TraceId.ToString();
}

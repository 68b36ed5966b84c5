using System.Diagnostics.Metrics;

namespace CoopLine.Webhook;

/// <summary>Instruments of the edge.</summary>
public static class Telemetry
{
    public const string Name = "CoopLine.Webhook";

    private static readonly Meter Meter = new(Name);

    internal static readonly Counter<long> WebhookEvents = Meter.CreateCounter<long>(
        "coopline.webhook.events", "{event}", "Events that LINE delivered, by kind and outcome.");

    internal static readonly Counter<long> Conflicts = Meter.CreateCounter<long>(
        "coopline.edge.conflicts", "{call}", "Grain calls repeated because another activation had written first.");

    internal static readonly Counter<long> Repeats = Meter.CreateCounter<long>(
        "coopline.edge.repeats", "{call}", "Grain calls repeated because a silo did not answer, by fault.");
}

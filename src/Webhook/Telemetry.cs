using System.Diagnostics.Metrics;

namespace CoopLine.Webhook;

/// <summary>Instruments of the edge.</summary>
public static class Telemetry
{
    public const string Name = "CoopLine.Webhook";

    private static readonly Meter Meter = new(Name);

    internal static readonly Counter<long> WebhookEvents = Meter.CreateCounter<long>(
        "coopline.webhook.events", "{event}", "Events that LINE delivered, by kind and outcome.");

    internal static readonly Counter<long> WebhooksRejected = Meter.CreateCounter<long>(
        "coopline.webhook.rejected", "{request}", "Webhook requests that were not taken, by reason.");

    internal static readonly Histogram<double> WebhookLag = Meter.CreateHistogram<double>(
        "coopline.webhook.lag", "s", "From LINE's time of an event until it is safe here.",
        advice: new() { HistogramBucketBoundaries = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 600, 3600] });

    internal static readonly Counter<long> Conflicts = Meter.CreateCounter<long>(
        "coopline.edge.conflicts", "{call}", "Grain calls repeated because another activation had written first.");

    internal static readonly Counter<long> Repeats = Meter.CreateCounter<long>(
        "coopline.edge.repeats", "{call}", "Grain calls repeated because a silo did not answer, by fault.");

    internal static readonly Counter<long> UnknownCodes = Meter.CreateCounter<long>(
        "coopline.codes.unknown", "{code}", "Codes in tills' calls that were shown to nobody, by store.");

    internal static readonly Counter<long> Limited = Meter.CreateCounter<long>(
        "coopline.edge.limited", "{request}", "Requests refused because their caller had asked too much, by limit.");

    /// <summary>Starts the counters that alerts watch: one that first appears with its first trouble shows no increase.</summary>
    public static void BeginAtZero()
    {
        Conflicts.Add(0);
        foreach (var reason in (string[])["signature", "too-large", "not-a-webhook", "crowded"])
            WebhooksRejected.Add(0, new KeyValuePair<string, object?>("coopline.webhook.reason", reason));
    }
}

using System.Diagnostics;
using System.Diagnostics.Metrics;
using CoopLine.Grains.Messages;

namespace CoopLine.Grains;

/// <summary>Spans and instruments of the rules. docs/telemetry.md lists them all.</summary>
public static class Telemetry
{
    public const string Name = "CoopLine.Grains";

    internal static readonly ActivitySource Source = new(Name);

    private static readonly Meter Meter = new(Name);

    internal static readonly Counter<long> Redemptions = Meter.CreateCounter<long>(
        "coopline.redemptions", "{redemption}", "Answers to redemption requests, by store, outcome and reason.");

    internal static readonly Counter<long> Coupons = Meter.CreateCounter<long>(
        "coopline.coupons", "{coupon}", "Coupons of answered redemption requests, by campaign and outcome.");

    internal static readonly Counter<long> Discounts = Meter.CreateCounter<long>(
        "coopline.discounts", "JPY", "Discounts given, by campaign; those taken back later are not subtracted.");

    internal static readonly Counter<long> Links = Meter.CreateCounter<long>(
        "coopline.links", "{link}", "Steps of linking, by step and outcome.");

    internal static readonly Counter<long> Lockouts = Meter.CreateCounter<long>(
        "coopline.lockouts", "{lockout}", "Locks after too many wrong answers, by what was locked.");

    internal static readonly Counter<long> WebhookDuplicates = Meter.CreateCounter<long>(
        "coopline.webhook.duplicates", "{event}", "Webhook events that had been taken before.");

    internal static readonly Histogram<double> LineCalls = Meter.CreateHistogram<double>(
        "coopline.line.call.duration", "s", "Calls to LINE, by call and HTTP status (none: no answer).",
        advice: new() { HistogramBucketBoundaries = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] });

    internal static readonly Counter<long> GivenUp = Meter.CreateCounter<long>(
        "coopline.outbox.given_up", "{message}", "Messages that LINE never took.");

    private static readonly Counter<long> MessagePersons = Meter.CreateCounter<long>(
        "coopline.messages.persons", "{person}", "Persons in the plans of messages to many for whom it is over, by outcome.");

    /// <summary>As LINE was heard last, whoever asked.</summary>
    internal static readonly Gauge<long> MonthLeft = Meter.CreateGauge<long>(
        "coopline.line.month_left", "{message}", "Messages of this month that are left, as this process last heard; of accounts with a limit.");

    /// <summary>Starts the counters that alerts watch: one that first appears with its first trouble shows no increase.</summary>
    public static void BeginAtZero()
    {
        GivenUp.Add(0);
        WebhookDuplicates.Add(0);
        foreach (var outcome in (PersonState[])[PersonState.Accepted, PersonState.Refused, PersonState.Parked, PersonState.Skipped])
            OverForPersons(outcome, 0);
        foreach (var locked in (string[])["account", "member"])
            Lockouts.Add(0, new KeyValuePair<string, object?>("coopline.lockout.of", locked));
    }

    /// <summary>Nothing of a message to many happens any more for so many persons.</summary>
    internal static void OverForPersons(PersonState outcome, long persons) =>
        MessagePersons.Add(persons, new KeyValuePair<string, object?>("coopline.message.outcome", outcome.ToString()));

    /// <summary>The id of the current trace (32 hex digits), or null outside of one.</summary>
    public static string? TraceId => Activity.Current?.TraceId.ToString();

    /// <summary>The W3C traceparent to keep with work that will be done later; null outside of a trace.</summary>
    internal static string? TraceParent => Activity.Current is { IdFormat: ActivityIdFormat.W3C, Id: var id } ? id : null;

    /// <summary>
    /// A span in the trace in which the work was ordered, also after a crash, linked to where it is being done now.
    /// </summary>
    /// <param name="orderedBy">W3C traceparent; null continues the current trace.</param>
    internal static Activity? Resume(string name, string? orderedBy)
    {
        if (!ActivityContext.TryParse(orderedBy, null, isRemote: true, out var ordered)) return Source.StartActivity(name);

        ActivityLink[] doneBy = Activity.Current is { } here ? [new(here.Context)] : [];
        return Source.StartActivity(name, ActivityKind.Internal, ordered, links: doneBy);
    }
}

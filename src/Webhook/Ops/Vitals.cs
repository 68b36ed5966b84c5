using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using CoopLine.Grains;
using Microsoft.Extensions.Logging;

namespace CoopLine.Webhook.Ops;

/// <summary>
/// The last hour of this process, in steps of ten seconds, out of the instruments that are exported as well: what the
/// operations page draws where no Prometheus is installed.
/// </summary>
internal sealed partial class Vitals : Rounds
{
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(10);

    private const int Steps = 360;
    private const string TillCall = "/pos/v1/redemptions";

    private readonly TimeProvider clock;
    private readonly ILogger<Vitals> log;
    private readonly MeterListener listener;
    private readonly ConcurrentDictionary<string, double> gauges = new();
    private readonly Lock changing = new();
    private ImmutableQueue<Interval> past = [];
    private Counting now = new();

    public Vitals(TimeProvider clock, ILogger<Vitals> log)
        : base(Step, TimeProvider.System, atOnce: true)
    {
        (this.clock, this.log) = (clock, log);
        listener = new()
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Meter.Name.StartsWith("CoopLine.", StringComparison.Ordinal) || instrument.Name == "http.server.request.duration")
                    listening.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Count(instrument, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Count(instrument, value, tags));
        listener.Start();
    }

    /// <summary>Oldest first.</summary>
    public ImmutableArray<Interval> Past => [.. past];

    /// <summary>The newest value of an observable instrument, the largest of its series.</summary>
    public double? Gauge(string name) => gauges.TryGetValue(name, out var value) ? value : null;

    public override void Dispose()
    {
        listener.Dispose();
        base.Dispose();
    }

    protected override Task Round(CancellationToken stopping)
    {
        lock (changing)
        {
            past = past.Enqueue(now.ToInterval(clock.GetUtcNow()));
            now = new();
        }

        while (past.Count() > Steps) past = past.Dequeue();
        gauges.Clear();
        listener.RecordObservableInstruments();
        return Task.CompletedTask;
    }

    protected override void Failed(Exception fault) =>
        LogUnobserved(fault); // Some instrument of some library; the others have told theirs.

    private void Count(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (instrument.IsObservable)
        {
            gauges.AddOrUpdate(instrument.Name, value, (_, before) => Math.Max(before, value));
            return;
        }

        var tag = (Route: Tag(tags, "http.route"), Outcome: Tag(tags, "coopline.redemption.outcome"), Status: Tag(tags, "coopline.line.status"));
        lock (changing)
        {
            switch (instrument.Name)
            {
                case "http.server.request.duration" when tag.Route == TillCall:
                    now.Latencies.Add(value);
                    break;
                case "coopline.redemptions" when tag.Outcome is "Redeemed" or "Partial":
                    now.Redeemed += (int)value;
                    break;
                case "coopline.redemptions":
                    now.Refused += (int)value;
                    break;
                case "coopline.webhook.events":
                    now.Webhooks += (int)value;
                    break;
                case "coopline.lockouts":
                    now.Lockouts += (int)value;
                    break;
                case "coopline.line.call.duration" when tag.Status is not ['2', ..]:
                    now.LineFailures++;
                    break;
            }
        }
    }

    private static string? Tag(ReadOnlySpan<KeyValuePair<string, object?>> tags, string key)
    {
        foreach (var (name, value) in tags)
            if (name == key) return value?.ToString();
        return null;
    }

    [LoggerMessage(LogLevel.Debug, "An instrument could not be observed")]
    private partial void LogUnobserved(Exception e);

    /// <param name="P50">Seconds; null when no till called.</param>
    internal sealed record Interval(
        DateTimeOffset At, int Redeemed, int Refused, int Webhooks, int LineFailures, int Lockouts, double? P50, double? P99);

    private sealed class Counting
    {
        public int Redeemed { get; set; }

        public int Refused { get; set; }

        public int Webhooks { get; set; }

        public int LineFailures { get; set; }

        public int Lockouts { get; set; }

        public Sample Latencies { get; } = new();

        public Interval ToInterval(DateTimeOffset at) =>
            new(at, Redeemed, Refused, Webhooks, LineFailures, Lockouts, Latencies.Quantile(0.50), Latencies.Quantile(0.99));
    }

    /// <summary>At most a few thousand values, each as likely to be among them as any other, however many there were.</summary>
    private sealed class Sample
    {
        private const int Size = 2_000;

        private readonly List<double> kept = [];
        private int seen;

        public void Add(double value)
        {
            seen++;
            if (kept.Count < Size) kept.Add(value);
            else if (Random.Shared.Next(seen) is var place && place < Size) kept[place] = value;
        }

        public double? Quantile(double part) =>
            kept.Count == 0 ? null : kept.Order().ElementAt((int)Math.Min(kept.Count - 1, Math.Floor(part * kept.Count)));
    }
}

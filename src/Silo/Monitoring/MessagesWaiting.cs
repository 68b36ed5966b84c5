using System.Diagnostics.Metrics;
using CoopLine.Grains;
using CoopLine.Grains.Messages;
using CoopLine.Silo.Storage.Sending;

namespace CoopLine.Silo.Monitoring;

/// <summary>
/// Tells every half minute what of messages to many waits. Every process with grains tells the same numbers; take the largest, not
/// the sum.
/// </summary>
internal sealed partial class MessagesWaiting : Rounds
{
    private readonly SendBacklog backlog;
    private readonly TimeProvider clock;
    private readonly ILogger<MessagesWaiting> log;
    private SendsWaiting? waiting;

    public MessagesWaiting(SendBacklog backlog, TimeProvider clock, IMeterFactory meters, ILogger<MessagesWaiting> log)
        : base(TimeSpan.FromSeconds(30), TimeProvider.System, atOnce: true)
    {
        (this.backlog, this.clock, this.log) = (backlog, clock, log);
        var meter = meters.Create(Telemetry.Name);
        meter.CreateObservableGauge(
            "coopline.messages.blocks",
            () => Tell<long>(now => [Of("coopline.block.state", nameof(BlockState.Open), now.Open), Of("coopline.block.state", nameof(BlockState.InFlight), now.InFlight)]),
            "{block}", "Blocks of messages to many that are not over, by state.");
        meter.CreateObservableGauge(
            "coopline.messages.age", () => Tell<double>(now => [new(now.Age.TotalSeconds)]), "s",
            "Since the block, or the message, that has been due for the longest time was due.");
        meter.CreateObservableGauge(
            "coopline.messages.paused",
            () => Tell<long>(now => [.. Enum.GetValues<PauseReason>().Select(reason =>
                Of("coopline.message.pause", reason.ToString(), now.Paused.GetValueOrDefault(reason)))]),
            "{message}", "Messages to many that are paused, by reason.");
        meter.CreateObservableGauge(
            "coopline.messages.parked", () => Tell<long>(now => [new(now.Parked)]), "{person}",
            "Persons of whom nobody knows whether LINE took their message, and whom nobody tries again; of the last day.");
    }

    protected override async Task Round(CancellationToken stopping) => waiting = await backlog.Count(clock.GetUtcNow(), stopping);

    /// <summary>The database does not answer: then nothing is told, rather than something old.</summary>
    protected override void Failed(Exception fault)
    {
        LogNotCounted(fault);
        waiting = null;
    }

    private Measurement<T>[] Tell<T>(Func<SendsWaiting, Measurement<T>[]> measure)
        where T : struct => waiting is { } now ? measure(now) : [];

    private static Measurement<long> Of(string name, string value, long count) => new(count, new KeyValuePair<string, object?>(name, value));

    [LoggerMessage(LogLevel.Warning, "What of messages to many waits could not be counted")]
    private partial void LogNotCounted(Exception e);
}

using System.Diagnostics.Metrics;
using CoopLine.Grains;

namespace CoopLine.Silo.Monitoring;

/// <summary>
/// Notices when somebody sets the machine's clock: the time of day and the time that has passed since the last look, which nobody
/// can set, then differ. Codes, links and campaigns follow the clock that was set; Orleans does not (<c>docs/decisions/0014</c>).
/// </summary>
internal sealed partial class ClockWatch : Rounds
{
    /// <summary>NTP that corrects a clock gradually moves it by less than a hundredth of this between two looks.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(5);

    private readonly TimeProvider machine;
    private readonly ILogger<ClockWatch> log;
    private readonly long started;
    private readonly DateTimeOffset startedAt;
    private readonly Counter<long> steps;
    private TimeSpan offset;

    /// <param name="machine">Its time of day can be set; its timestamps cannot.</param>
    public ClockWatch(TimeProvider machine, IMeterFactory meters, ILogger<ClockWatch> log)
        : base(BetweenLooks, machine, atOnce: true)
    {
        (this.machine, this.log) = (machine, log);
        (started, startedAt) = (machine.GetTimestamp(), machine.GetUtcNow());
        var meter = meters.Create(Telemetry.Name);
        steps = meter.CreateCounter<long>("coopline.clock.steps", "{step}", "How often the machine's clock was set by a second or more.");
        steps.Add(0); // from the start, so that the first step is an increase
        meter.CreateObservableGauge(
            "coopline.clock.offset", () => offset.TotalSeconds, "s",
            "By how much the machine's clock was set, all together, since this process started; negative: back.");
    }

    protected override Task Round(CancellationToken stopping)
    {
        var now = machine.GetUtcNow() - (startedAt + machine.GetElapsedTime(started));
        var step = now - offset;
        offset = now;
        if (step.Duration() < Step) return Task.CompletedTask;

        steps.Add(1);
        LogStep(step.TotalSeconds);
        return Task.CompletedTask;
    }

    protected override void Failed(Exception fault)
    {
        // Reading a clock does not fail.
    }

    [LoggerMessage(LogLevel.Warning, "The machine's clock was set by {Seconds:0.0} seconds while this process ran")]
    private partial void LogStep(double seconds);
}

using Microsoft.Extensions.Logging;

namespace CoopLine.Grains.Tracing;

/// <summary>Has the grain that tells this silo's spans live in this silo, again and again: a start must not depend on it.</summary>
internal sealed partial class Settling(IGrainFactory grains, ILocalSiloDetails silo, ILogger<Settling> log)
    : Rounds(TimeSpan.FromSeconds(10), TimeProvider.System, atOnce: false)
{
    protected override Task Round(CancellationToken stopping) =>
        grains.RecentSpans(silo.SiloAddress).Settle().WaitAsync(stopping);

    protected override void Failed(Exception fault) => LogUnsettled(fault.GetType().Name); // The next round tries again.

    [LoggerMessage(LogLevel.Debug, "This silo's spans cannot be asked for yet: {Fault}")]
    private partial void LogUnsettled(string fault);
}

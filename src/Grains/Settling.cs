using CoopLine.Grains.Coupons;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CoopLine.Grains;

/// <summary>Has the grains that stand for this silo live in this silo, again and again: a start must not depend on it.</summary>
internal sealed partial class Settling(
    IGrainFactory grains, ILocalSiloDetails silo, RecentCodes codes, IHostApplicationLifetime host, ILogger<Settling> log)
    : Rounds(TimeSpan.FromSeconds(10), TimeProvider.System, atOnce: false)
{
    protected override Task Round(CancellationToken stopping)
    {
        // The silo ends before this service does, and Orleans logs what it cannot place any more as an error.
        if (host.ApplicationStopping.IsCancellationRequested) return Task.CompletedTask;

        codes.Turn();
        return Task.WhenAll(
            grains.RecentSpans(silo.SiloAddress).Settle().WaitAsync(stopping),
            grains.RecentAnswers(silo.SiloAddress).Settle().WaitAsync(stopping),
            grains.RecentCodes(silo.SiloAddress).Settle().WaitAsync(stopping));
    }

    protected override void Failed(Exception fault) => LogUnsettled(fault.GetType().Name); // The next round tries again.

    [LoggerMessage(LogLevel.Debug, "What this silo remembers cannot be asked for yet: {Fault}")]
    private partial void LogUnsettled(string fault);
}

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CoopLine.Grains.Tracing;

/// <summary>Has the grain that tells this silo's spans live in this silo, again and again: a start must not depend on it.</summary>
internal sealed partial class Settling(IGrainFactory grains, ILocalSiloDetails silo, ILogger<Settling> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var rounds = new PeriodicTimer(Period);
        try
        {
            while (await rounds.WaitForNextTickAsync(stoppingToken))
            {
                try
                {
                    await RecentSpans.Of(grains, silo.SiloAddress).Settle().WaitAsync(stoppingToken);
                }
                catch (Exception e) when (!stoppingToken.IsCancellationRequested)
                {
                    LogUnsettled(e.GetType().Name); // The next round tries again.
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return; // The host stops.
        }
    }

    [LoggerMessage(LogLevel.Debug, "This silo's spans cannot be asked for yet: {Fault}")]
    private partial void LogUnsettled(string fault);
}

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CoopLine.Grains;

/// <summary>Calls the sweeper at start and every half minute.</summary>
internal sealed partial class Sweeping(IGrainFactory grains, TimeProvider clock, ILogger<Sweeping> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var rounds = new PeriodicTimer(Period, clock);
        try
        {
            do await Sweep();
            while (await rounds.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return; // The host stops.
        }
    }

    private async Task Sweep()
    {
        try
        {
            await grains.Sweeper.Sweep();
        }
        catch (Exception e)
        {
            LogFailed(e); // The next round tries again.
        }
    }

    [LoggerMessage(LogLevel.Error, "A sweep failed")]
    private partial void LogFailed(Exception e);
}

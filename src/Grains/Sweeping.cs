using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CoopLine.Grains;

/// <summary>Calls the sweeper at start and every half minute.</summary>
internal sealed partial class Sweeping(
    IGrainFactory grains, TimeProvider clock, IHostApplicationLifetime lifetime, ILogger<Sweeping> log) : BackgroundService
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Before that, the silo may not be one that grains can be placed on.
        var started = new TaskCompletionSource();
        using var onStart = lifetime.ApplicationStarted.Register(started.SetResult);
        using var rounds = new PeriodicTimer(Period, clock);
        try
        {
            await started.Task.WaitAsync(stoppingToken);
            do await Sweep(stoppingToken);
            while (await rounds.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return; // The host stops.
        }
    }

    private async Task Sweep(CancellationToken stopping)
    {
        try
        {
            await grains.Sweeper.Sweep().WaitAsync(stopping); // a long one must not hold up the end of this process
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            LogFailed(e); // The next round tries again.
        }
    }

    [LoggerMessage(LogLevel.Error, "A sweep failed")]
    private partial void LogFailed(Exception e);
}

using Microsoft.Extensions.Hosting;

namespace CoopLine.Grains;

/// <summary>What is done again and again while the host runs. A round that fails ends neither the host nor the rounds.</summary>
/// <param name="period">From the beginning of one round to the next; one that takes longer is followed by one at once.</param>
/// <param name="atOnce">False: the first round is one period after the start.</param>
public abstract class Rounds(TimeSpan period, TimeProvider clock, bool atOnce) : BackgroundService
{
    protected abstract Task Round(CancellationToken stopping);

    /// <summary>What a failed round means. The next one comes all the same.</summary>
    protected abstract void Failed(Exception fault);

    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var ticks = new PeriodicTimer(period, clock);
        try
        {
            if (atOnce) await Try(stoppingToken);
            while (await ticks.WaitForNextTickAsync(stoppingToken)) await Try(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            return; // The host stops.
        }
    }

    private async Task Try(CancellationToken stopping)
    {
        try
        {
            await Round(stopping);
        }
        catch (Exception e) when (!stopping.IsCancellationRequested)
        {
            Failed(e); // Whatever it is: the host would end with this service.
        }
    }
}

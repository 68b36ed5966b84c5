using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CoopLine.Grains;

/// <summary>Calls the sweeper at start and every half minute.</summary>
internal sealed partial class Sweeping(
    IGrainFactory grains, TimeProvider clock, IHostApplicationLifetime lifetime, ILogger<Sweeping> log)
    : Rounds(TimeSpan.FromSeconds(30), clock, atOnce: true)
{
    private readonly Task started = Start(lifetime);

    protected override async Task Round(CancellationToken stopping)
    {
        await started.WaitAsync(stopping); // before that, the silo may not be one that grains can be placed on
        await grains.Sweeper.Sweep().WaitAsync(stopping); // a long one must not hold up the end of this process
    }

    protected override void Failed(Exception fault) => LogFailed(fault); // The next round tries again.

    private static Task Start(IHostApplicationLifetime lifetime)
    {
        var started = new TaskCompletionSource();
        lifetime.ApplicationStarted.Register(started.SetResult);
        return started.Task;
    }

    [LoggerMessage(LogLevel.Error, "A sweep failed")]
    private partial void LogFailed(Exception e);
}

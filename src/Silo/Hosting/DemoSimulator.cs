#if DEBUG
using CoopLine.Silo.RichMenus;
using CoopLine.Simulator;
using CoopLine.Simulator.Demo;

namespace CoopLine.Silo.Hosting;

/// <summary>Runs the simulator beside the service and fills in the demo once the service listens.</summary>
internal sealed partial class DemoSimulator(
    LineSimulatorOptions options, DemoClock clock, RichMenuPublisher menus, IHostEnvironment environment,
    IHostApplicationLifetime lifetime, ILogger<DemoSimulator> log)
    : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var started = new TaskCompletionSource();
        using var onStart = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(stoppingToken);
        await using var simulator = await LineSimulator.StartDemo(options, clock, environment);
        await menus.Publish(dryRun: false, say: _ => { }, stoppingToken);
        await simulator.CoopLineIsListening(options.CoopLineUrl!, stoppingToken);
        LogReady(simulator.BaseAddress, options.CoopLineUrl!);
        await Task.Delay(Timeout.InfiniteTimeSpan, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    [LoggerMessage(LogLevel.Information, "The demo is ready: open {Simulator} in a browser. CoopLine itself is at {CoopLine}.")]
    private partial void LogReady(Uri simulator, Uri coopLine);
}
#endif

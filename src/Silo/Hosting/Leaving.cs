using System.ComponentModel.DataAnnotations;
using CoopLine.Silo.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace CoopLine.Silo.Hosting;

/// <summary>Section <c>CoopLine:Shutdown</c>.</summary>
internal sealed class ShutdownOptions
{
    /// <summary>Everything together, from the signal to the end of the process.</summary>
    public const int LimitSeconds = 25;

    /// <summary>
    /// How long the process still takes requests after it has said that it is not ready, so that a load balancer notices,
    /// 0 to 15 seconds. Default 2 on PostgreSQL outside of Development, else 0: there is nobody else to send them to.
    /// </summary>
    [Range(0, 15, ErrorMessage = "CoopLine:Shutdown:PauseSeconds is 0 to 15.")]
    public int? PauseSeconds { get; init; }
}

/// <summary>
/// The way out, so that no request is lost: not ready any more (<c>/health/ready</c>), a pause, requests under way end (the
/// web server was started last and stops first), the silo hands its grains over and leaves the cluster.
/// </summary>
internal sealed partial class Leaving(
    IHostApplicationLifetime lifetime, IOptions<ShutdownOptions> options, IConfiguration configuration,
    IHostEnvironment environment, TimeProvider clock, ILogger<Leaving> log) : IHostedLifecycleService, IHealthCheck
{
    private static readonly TimeSpan UsualPause = TimeSpan.FromSeconds(2);

    private TimeSpan Pause => options.Value.PauseSeconds is { } seconds ? TimeSpan.FromSeconds(seconds)
        : configuration.IsPostgreSql && !environment.IsDevelopment() ? UsualPause
        : TimeSpan.Zero;

    public bool HasBegun => lifetime.ApplicationStopping.IsCancellationRequested;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(HasBegun ? HealthCheckResult.Unhealthy("The process is about to end.") : HealthCheckResult.Healthy());

    /// <summary>Called before anything is stopped.</summary>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        lifetime.StopApplication(); // a signal has done so already; stopping the host in another way has not
        if (Pause == TimeSpan.Zero) return;
        LogPause(Pause.TotalSeconds);
        await Task.Delay(Pause, clock, cancellationToken);
    }

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(LogLevel.Information, "Not ready any more; ends in {Seconds} seconds")]
    private partial void LogPause(double seconds);
}

internal static class LeavingSetup
{
    extension(IServiceCollection services)
    {
        public void AddLeaving()
        {
            services.AddOptions<ShutdownOptions>()
                .BindConfiguration("CoopLine:Shutdown").ValidateDataAnnotations().ValidateOnStart();
            services.AddSingleton<Leaving>();
            services.AddHostedService(provider => provider.GetRequiredService<Leaving>());
            services.Configure<HostOptions>(
                host => host.ShutdownTimeout = TimeSpan.FromSeconds(ShutdownOptions.LimitSeconds));
        }
    }

    extension(WebApplication app)
    {
        /// <summary>Callers are told in time to open their next connection elsewhere: none is closed under a request.</summary>
        public void UseLeaving()
        {
            var leaving = app.Services.GetRequiredService<Leaving>();
            app.Use((http, next) =>
            {
                if (leaving.HasBegun) http.Response.Headers.Connection = "close";
                return next(http);
            });
        }
    }
}

using CoopLine.Silo.Hosting;
using Microsoft.Extensions.Time.Testing;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace CoopLine.Tests.Fixtures;

/// <summary>One CoopLine process, as the program builds it, in this process: real Kestrel, real silo, real database file.</summary>
public sealed class Host : IAsyncDisposable
{
    /// <summary>
    /// A call under way may wait for one that a stopping silo has turned away, as long as <see cref="Patiently(MessagingOptions)"/>
    /// says; a stop does not wait for it.
    /// </summary>
    private static readonly TimeSpan Stopping = TimeSpan.FromSeconds(3);

    private readonly WebApplication app;

    private Host(WebApplication app) => this.app = app;

    public Uri Address => new(app.Urls.First());

    public IServiceProvider Services => app.Services;

    public IGrainFactory Grains => app.Services.GetRequiredService<IGrainFactory>();

    public static async Task<Host> Start(
        IReadOnlyDictionary<string, string?> settings, FakeTimeProvider clock, Action<IServiceCollection>? after = null)
    {
        var app = CoopLineApp.Create(
            ["--environment", "Production"],
            builder =>
            {
                builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
                {
                    ["urls"] = "http://127.0.0.1:0",
                    ["CoopLine:Cluster:SiloPort"] = Ports.Free().ToString(System.Globalization.CultureInfo.InvariantCulture),
                });
                builder.Configuration.AddInMemoryCollection(settings);
                builder.Services.AddSingleton<TimeProvider>(clock);
                // Grains, sessions and codes follow the test's clock; the cluster's own timers keep running.
                builder.Services.UseTimeProviderForBackgroundAreas(TimeProvider.System);
            },
            services =>
            {
                services.AddLogging(logging => logging.ClearProviders().AddProvider(new TestLog()));
                TestDatabase.Follow(services, clock);
                services.PostConfigure<SiloMessagingOptions>(Patiently);
                services.PostConfigure<ClientMessagingOptions>(Patiently);
                services.PostConfigure<ClusterMembershipOptions>(Patiently);
                services.PostConfigure<HostOptions>(host => host.ShutdownTimeout = Stopping);
                after?.Invoke(services);
            });
        await app.StartAsync();
        return new(app);
    }

    // A busy machine stands still for seconds. What then happens to calls and silos is told by the cluster tests.
    private static void Patiently(MessagingOptions messaging) => messaging.ResponseTimeout = TimeSpan.FromMinutes(1);

    private static void Patiently(ClusterMembershipOptions membership) =>
        (membership.ProbeTimeout, membership.MinProbeTimeout, membership.MaxProbeTimeout, membership.NumMissedProbesLimit) =
            (TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(10), 10);

    /// <exception cref="TimeoutException">It has not ended in three minutes: that is a fault, and no reason to wait for ever.</exception>
    public async ValueTask DisposeAsync()
    {
        await End().WaitAsync(TimeSpan.FromMinutes(3), TimeProvider.System);

        async Task End()
        {
            await app.StopAsync();
            await app.DisposeAsync();
        }
    }
}

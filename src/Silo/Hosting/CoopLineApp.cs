using CoopLine.Grains;
using CoopLine.Grains.Registry;
using CoopLine.Silo.Monitoring;
using CoopLine.Silo.Registry;
using CoopLine.Silo.Storage;
using CoopLine.Webhook;
using CoopLine.Webhook.Ops;
using Orleans.Dashboard;

namespace CoopLine.Silo.Hosting;

/// <summary>
/// The whole program: grains, their storage, and everything the outside can reach, in one process; or a part of it, by
/// <see cref="Role"/>.
/// </summary>
public static class CoopLineApp
{
    public const string DefaultAddress = "http://localhost:5080";

    /// <param name="before">For tests: other settings, another clock.</param>
    /// <param name="after">For tests: what they wrap of the services.</param>
    /// <exception cref="MissingSettingsException">Settings are missing; the message names each.</exception>
    /// <exception cref="InvalidOperationException">A setting cannot work; the message names it.</exception>
    /// <exception cref="SchemaException">The PostgreSQL database is not migrated, or not to what this program needs.</exception>
    public static WebApplication Create(
        string[] args, Action<WebApplicationBuilder>? before = null, Action<IServiceCollection>? after = null)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = args,
            ApplicationName = typeof(CoopLineApp).Assembly.GetName().Name,
            ContentRootPath = AppContext.BaseDirectory,
        });
        before?.Invoke(builder);
        if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey]))
            builder.WebHost.UseUrls(DefaultAddress);

        var cluster = ClusterSettings.Read(builder.Configuration);
#if DEBUG
        if (cluster.Role == Role.All) builder.AddDemo();
#endif
        RequiredSettings.Check(builder.Configuration);
        var opsPort = builder.AddOpsListener();
        builder.AddMaskedLogging();
        builder.AddMonitoring(prometheus: opsPort is not null);
        builder.Services.AddSettings();
        builder.Services.AddLeaving();
        builder.Services.AddHealth();
        if (cluster.Role == Role.Web) builder.AddGrainsElsewhere(cluster);
        else builder.AddGrainsHere(cluster, dashboard: opsPort is not null);
        if (cluster.Role != Role.Silo) builder.AddOutside();
        after?.Invoke(builder.Services);

        var app = builder.Build();
        app.UseMonitoring();
        // Asked for here, so that what is wrong with them is said before anything starts.
        app.Services.GetRequiredService<Database>();
        app.Services.GetRequiredService<RegistryHashes>();
        app.Services.GetRequiredService<CoopTime>();
        app.UseLeaving();
        app.UseOpsListener(opsPort);
        if (cluster.Role != Role.Silo)
        {
            app.MapWebhook();
            app.MapOps();
            if (opsPort is not null && cluster.Role == Role.All)
                app.MapOrleansDashboard("/ops/orleans").ForOperators().ExcludeFromDescription();
        }

        app.MapHealth();
        if (opsPort is not null) app.MapPrometheusScrapingEndpoint("/metrics");
        return app;
    }

    private static void AddGrainsHere(this WebApplicationBuilder builder, ClusterSettings cluster, bool dashboard)
    {
        builder.Services.AddGrains();
        builder.Services.AddRegistry();
        builder.Services.AddWatching();
        builder.Services.AddKeyedSingleton<TimeProvider>(TimeProviderNames.ActivationManagement, new SteadyClock());
        builder.UseOrleans(silo =>
        {
            silo.AddCluster(cluster, builder.Configuration.IsPostgreSql).AddStorage().AddTracing();
            if (dashboard) silo.AddDashboard(options => options.HideTrace = true); // the trace would show the log
        });
    }

    private static void AddGrainsElsewhere(this WebApplicationBuilder builder, ClusterSettings cluster)
    {
        builder.Services.AddLineClient();
        builder.Services.AddRedemptions();
        builder.Services.AddRegistry();
        builder.Services.AddDatabase();
        builder.Services.AddSendingAndErasing();
        builder.UseOrleansClient(client => client.AddCluster(cluster).AddTracing());
    }

    private static void AddOutside(this WebApplicationBuilder builder)
    {
        builder.AddSessionKeys();
        builder.Services.AddWebhook(builder.Configuration);
        builder.Services.AddHostedService(provider => provider.GetRequiredService<Baskets>());
    }
}

using System.Net;
using CoopLine.Grains;
using CoopLine.Silo.Registry;
using CoopLine.Silo.Storage;
using CoopLine.Webhook;
using Orleans.Configuration;

namespace CoopLine.Silo.Hosting;

/// <summary>The whole program: grains, their storage, and everything the outside can reach, in one process.</summary>
public static class CoopLineApp
{
    public const string DefaultAddress = "http://localhost:5080";

    /// <summary>A service and its grain states belong together for ever; the cluster is whoever runs now.</summary>
    private const string ServiceId = "coopline";

    /// <param name="before">For tests: other settings, another clock.</param>
    /// <param name="after">For tests: what they wrap of the services.</param>
    /// <exception cref="MissingSettingsException">Settings are missing; the message names each.</exception>
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

#if DEBUG
        builder.AddDemo();
#endif
        RequiredSettings.Check(builder.Configuration);
        builder.AddMaskedLogging();
        builder.AddTelemetry();
        builder.Services.AddSettings();
        builder.Services.AddGrains();
        builder.Services.AddRegistry();
        builder.Services.AddWebhook(builder.Configuration);
        builder.Services.AddHealthChecks().AddCheck<StorageHealth>("storage");
        builder.UseOrleans(silo => silo.AddCluster(builder.Configuration).AddStorage().AddActivityPropagation());
        after?.Invoke(builder.Services);

        var app = builder.Build();
        app.Services.GetRequiredService<Database>(); // what is wrong with it is told before anything starts
        app.MapWebhook();
        return app;
    }

    /// <summary>
    /// On SQLite one silo on loopback; on PostgreSQL one of several, which find each other in the database. It answers only
    /// the web server in its own process, so it opens no gateway.
    /// </summary>
    private static ISiloBuilder AddCluster(this ISiloBuilder silo, ConfigurationManager configuration)
    {
        var cluster = configuration.GetSection("CoopLine:Cluster");
        var port = cluster.GetValue("SiloPort", 11111);
        if (port is < 1 or > ushort.MaxValue)
            throw new InvalidOperationException("CoopLine:Cluster:SiloPort is a port, 1 to 65535.");
        var clusterId = cluster.GetValue("ClusterId", "coopline")!;
        if (configuration.IsPostgreSql)
        {
            silo.Configure<ClusterOptions>(ids => (ids.ServiceId, ids.ClusterId) = (ServiceId, clusterId));
            silo.UseAdoNetClustering(options => options.Configure<Database>(
                (adoNet, database) => (adoNet.Invariant, adoNet.DataSource) = (database.Invariant, database.Source)));
        }
        else
        {
            silo.UseLocalhostClustering(siloPort: port, serviceId: ServiceId, clusterId: clusterId);
        }

        silo.Configure<EndpointOptions>(endpoint =>
        {
            // What other silos call. It is not encrypted: an address of a private network, never a public one.
            endpoint.AdvertisedIPAddress = IPAddress.Parse(cluster.GetValue("Address", "127.0.0.1")!);
            endpoint.SiloPort = port;
            endpoint.GatewayPort = 0;
        });
        // A till waits for seconds, not for half a minute.
        silo.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(10));
        return silo;
    }
}

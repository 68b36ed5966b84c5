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
        app.MapWebhook();
        return app;
    }

    /// <summary>One silo on loopback. It answers only the web server in its own process, so it opens no gateway.</summary>
    private static ISiloBuilder AddCluster(this ISiloBuilder silo, ConfigurationManager configuration)
    {
        var cluster = configuration.GetSection("CoopLine:Cluster");
        silo.UseLocalhostClustering(
            siloPort: cluster.GetValue("SiloPort", 11111),
            serviceId: ServiceId,
            clusterId: cluster.GetValue("ClusterId", "coopline")!);
        silo.Configure<EndpointOptions>(endpoint =>
        {
            endpoint.AdvertisedIPAddress = IPAddress.Loopback;
            endpoint.GatewayPort = 0;
        });
        // A till waits for seconds, not for half a minute.
        silo.Configure<SiloMessagingOptions>(messaging => messaging.ResponseTimeout = TimeSpan.FromSeconds(10));
        return silo;
    }
}

using CoopLine.Silo.Storage;
using Orleans.Configuration;
using Orleans.Serialization;

namespace CoopLine.Silo.Hosting;

/// <summary>
/// How silos and web processes find each other, and how soon they notice that one is gone: the times and the measurements
/// behind them are in <c>docs/decisions/0009</c>.
/// </summary>
internal static class ClusterSetup
{
    /// <summary>A service and its grain states belong together for ever; the cluster is whoever runs now.</summary>
    private const string ServiceId = "coopline";

    /// <summary>The largest message is a page with every campaign that a member can use.</summary>
    private const int MessageLimitBytes = 4 * 1024 * 1024;

    /// <summary>A till waits ten seconds; what is not answered by then must leave time to ask once more.</summary>
    private static readonly TimeSpan ResponseTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Grains of other silos of which a silo remembers where they live. Orleans makes the table at the start, for a million
    /// unless told otherwise: 18 MB that are never filled, for a code, its coupon and its member are called for a few minutes
    /// and then no more. Whatever is not in it costs one more call to another silo.
    /// </summary>
    private const int RememberedPlaces = 100_000;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan RefreshPeriod = TimeSpan.FromSeconds(5);

    extension(ISiloBuilder silo)
    {
        /// <summary>On SQLite one silo on loopback; on PostgreSQL one of several, which find each other in the database.</summary>
        public ISiloBuilder AddCluster(ClusterSettings cluster, bool inDatabase)
        {
            if (inDatabase)
            {
                silo.Configure<ClusterOptions>(cluster.Name);
                silo.UseAdoNetClustering(options => options.Configure<Database>(
                    (adoNet, database) => (adoNet.Invariant, adoNet.DataSource) = (database.Invariant, database.Source)));
                silo.Configure<ClusterMembershipOptions>(NoticeSoon);
            }
            else
            {
                silo.UseLocalhostClustering(cluster.SiloPort, serviceId: ServiceId, clusterId: cluster.ClusterId);
            }

            silo.Configure<EndpointOptions>(endpoint =>
            {
                // It listens on this address only.
                endpoint.AdvertisedIPAddress = cluster.Address;
                endpoint.SiloPort = cluster.SiloPort;
                endpoint.GatewayPort = cluster.GatewayPort;
            });
            silo.Configure<GrainDirectoryOptions>(directory => directory.CacheSize = RememberedPlaces);
            silo.Configure<SiloMessagingOptions>(LimitMessages);
            silo.Configure<ExceptionSerializationOptions>(AllowOurExceptions);
            silo.Configure<ConnectionOptions>(connection => connection.OpenConnectionTimeout = ConnectTimeout);
            return silo;
        }
    }

    extension(IClientBuilder client)
    {
        /// <summary>A client of the silos that are in the database.</summary>
        public IClientBuilder AddCluster(ClusterSettings cluster)
        {
            client.Configure<ClusterOptions>(cluster.Name);
            client.UseAdoNetClustering(options => options.Configure<Database>(
                (adoNet, database) => (adoNet.Invariant, adoNet.DataSource) = (database.Invariant, database.Source)));
            client.Configure<GatewayOptions>(gateway => gateway.GatewayListRefreshPeriod = RefreshPeriod);
            client.Configure<ClientMessagingOptions>(LimitMessages);
            client.Configure<ExceptionSerializationOptions>(AllowOurExceptions);
            client.Configure<ConnectionOptions>(connection => connection.OpenConnectionTimeout = ConnectTimeout);
            client.UseConnectionRetryFilter<WaitForSilos>();
            return client;
        }
    }

    private static void Name(this ClusterSettings cluster, ClusterOptions ids) =>
        (ids.ServiceId, ids.ClusterId) = (ServiceId, cluster.ClusterId);

    private static void LimitMessages(MessagingOptions messaging)
    {
        messaging.ResponseTimeout = ResponseTimeout;
        messaging.MaxMessageBodySize = MessageLimitBytes;
    }

    /// <summary>Without this, a caller in another process learns of a database's fault only that it could not be serialized.</summary>
    private static void AllowOurExceptions(ExceptionSerializationOptions exceptions) =>
        exceptions.SupportedExceptionTypeFilter = _ => true;

    private static void NoticeSoon(ClusterMembershipOptions membership)
    {
        membership.ProbeTimeout = TimeSpan.FromSeconds(1.5);
        membership.MinProbeTimeout = TimeSpan.FromSeconds(1);
        membership.MaxProbeTimeout = TimeSpan.FromSeconds(2);
        membership.NumMissedProbesLimit = 2;
        membership.NumVotesForDeathDeclaration = 2;
        membership.TableRefreshTimeout = RefreshPeriod;
        membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(3); // three of them missed: no start waits for that silo
    }
}

/// <summary>A web process that is started before its silos listens as soon as there is one.</summary>
internal sealed partial class WaitForSilos(ILogger<WaitForSilos> log) : IClientConnectionRetryFilter
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);

    public async Task<bool> ShouldRetryConnectionAttempt(Exception exception, CancellationToken cancellationToken)
    {
        LogNobody(exception.Message);
        await Task.Delay(Wait, cancellationToken);
        return true;
    }

    [LoggerMessage(LogLevel.Warning, "No silo can be reached yet: {Why}")]
    private partial void LogNobody(string why);
}

namespace CoopLine.ClusterTests.Fixtures;

/// <summary>Three processes for several tests, each of which may leave them as it likes.</summary>
public sealed class ThreeSilos(ClusterDatabase database) : IAsyncDisposable
{
    private RunningCluster? cluster;

    internal async Task<RunningCluster> AllReady()
    {
        cluster ??= await RunningCluster.Start(database);
        foreach (var silo in cluster.Silos.Where(silo => !silo.IsRunning)) silo.Start();
        foreach (var silo in cluster.Silos) await silo.UntilReady();
        return cluster;
    }

    public async ValueTask DisposeAsync()
    {
        if (cluster is not null) await cluster.DisposeAsync();
    }
}

using System.Net;
using CoopLine.ClusterTests.Fixtures;

namespace CoopLine.ClusterTests;

public sealed class Starting_a_cluster(ClusterDatabase database)
{
    [Fact]
    public async Task Three_processes_start_and_one_that_was_killed_or_stood_still_comes_back()
    {
        await using var cluster = await RunningCluster.Start(database);
        var (killed, stopped, ended) = (cluster.Silos[0], cluster.Silos[1], cluster.Silos[2]);

        await killed.Kill();
        Assert.False(killed.IsRunning);
        await ended.UntilReady();
        killed.Start();
        await killed.UntilReady();

        // Not for so long that the others take it for dead.
        using var aMoment = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await stopped.Stop();
        Assert.False(await stopped.IsReady(aMoment.Token));
        await stopped.Continue();
        await stopped.UntilReady();

        Assert.Equal(0, await ended.Terminate());
        using var http = new HttpClient { BaseAddress = cluster.Balancer.Address };
        for (var i = 0; i < cluster.Silos.Count; i++)
        {
            using var answer = await http.GetAsync("/health/live");
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }
}

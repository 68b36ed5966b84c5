using System.Diagnostics;
using System.Globalization;
using CoopLine.ClusterTests.Fixtures;
using CoopLine.ClusterTests.Histories;
using CoopLine.ClusterTests.Load;

namespace CoopLine.ClusterTests;

/// <summary>
/// A new version is put in place: every process ends and starts again, one after the other, while tills work. They are sent
/// to the processes that say they are ready, and nothing is sent twice.
/// </summary>
public sealed class Rolling_restart(ClusterDatabase database)
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan TillPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan EndBound = TimeSpan.FromSeconds(25);

    private IReadOnlyList<SiloProcess> ready = [];

    [Fact]
    public async Task No_till_notices()
    {
        var random = new Random(1);
        var sometimes = new Sometimes();
        var history = new History();
        await using var cluster = await RunningCluster.Start(database);
        ready = cluster.Silos;
        using var time = new CancellationTokenSource();
        using var caller = new Caller(history, () => ready, sometimes, time.Token, TillPatience);
        using var crowd = new Crowd(
            new(caller, history, sometimes, oneCluster: true), cluster.Line, history, sometimes, random, shoppers: 8, movers: 0);
        await crowd.Prepare();
        var looking = Look(cluster, time.Token);
        var load = crowd.Run();

        foreach (var silo in cluster.Silos)
        {
            var before = crowd.Baskets.Count;
            var since = Stopwatch.GetTimestamp();
            Assert.Equal(0, await silo.Terminate());
            var ended = Stopwatch.GetElapsedTime(since);
            silo.Start();
            await silo.UntilReady();
            TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{silo.Name} ended in {ended.TotalSeconds:0.0} s; {crowd.Baskets.Count - before} receipts meanwhile"));
            Assert.InRange(ended, TimeSpan.Zero, EndBound);
            Assert.NotEqual(before, crowd.Baskets.Count);
        }

        await time.CancelAsync();
        await load;
        await looking;
        Assert.Empty(caller.NotAnswered);
        await Verdict.Settled(database, cluster.Database);
        Assert.Empty(await Verdict.Violations(database, cluster.Database, history, crowd.Baskets));
        await Verdict.Consistent(database, cluster.Database);
    }

    /// <summary>What a load balancer does.</summary>
    private async Task Look(RunningCluster cluster, CancellationToken end)
    {
        using var looks = new PeriodicTimer(BetweenLooks);
        while (!end.IsCancellationRequested)
        {
            var answers = await Task.WhenAll(cluster.Silos.Select(silo => silo.IsReady(CancellationToken.None)));
            ready = [.. cluster.Silos.Where((_, number) => answers[number])];
            await looks.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}

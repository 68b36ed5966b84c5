using System.Collections.Concurrent;
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
    private static readonly TimeSpan TillPatience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<SiloProcess, bool> notReady = new();

    [Fact]
    public async Task No_till_notices()
    {
        var random = new Random(1);
        var sometimes = new Sometimes();
        var history = new History();
        // Longer than a look at a busy machine takes.
        await using var cluster = await RunningCluster.Start(database, also: new() { ["CoopLine:Shutdown:PauseSeconds"] = "8" });
        using var time = new CancellationTokenSource();
        using var caller = new Caller(history, () => Ready(cluster), sometimes, time.Token, TillPatience);
        using var crowd = new Crowd(
            new(caller, history, sometimes, oneCluster: true), cluster.Line, history, sometimes, random, shoppers: 8, movers: 0)
        {
            Pause = TimeSpan.FromMilliseconds(300),
        };
        await crowd.Prepare();
        var looking = Task.WhenAll(cluster.Silos.Select(silo => Look(silo, time.Token)));
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
            Assert.NotEqual(before, crowd.Baskets.Count);
        }

        await time.CancelAsync();
        await load;
        await looking;
        // What staff do is no till's call.
        Assert.DoesNotContain(caller.NotAnswered, one => !one.Path.StartsWith("/staff/", StringComparison.Ordinal));
        await Verdict.Settled(database, cluster.Database);
        Assert.Empty(await Verdict.Violations(database, cluster.Database, history, crowd.Baskets));
        await Verdict.Consistent(database, cluster.Database);
    }

    private SiloProcess[] Ready(RunningCluster cluster) =>
        cluster.Silos.Where(silo => !notReady.GetValueOrDefault(silo)).ToArray() is { Length: > 0 } some ? some : [.. cluster.Silos];

    /// <summary>What a load balancer does.</summary>
    private async Task Look(SiloProcess silo, CancellationToken end)
    {
        using var looks = new PeriodicTimer(BetweenLooks);
        while (!end.IsCancellationRequested)
        {
            notReady[silo] = !await silo.IsReady(CancellationToken.None);
            await looks.WaitForNextTickAsync(CancellationToken.None);
        }
    }
}

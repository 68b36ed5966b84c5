using CoopLine.ClusterTests.Fixtures;
using CoopLine.ClusterTests.Histories;
using CoopLine.ClusterTests.Load;

namespace CoopLine.ClusterTests;

/// <summary>
/// Two processes that know nothing of each other: every grain lives twice, all the time. What a partition or a race of
/// membership makes for seconds, and worse. Only the conditional write stands between them.
/// </summary>
public sealed class Two_clusters_on_one_database(ClusterDatabase database)
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task Every_coupon_and_every_member_stays_one_register()
    {
        var (violations, sometimes) = await Run(null);

        Assert.Empty(violations);
        Assert.Empty(sometimes.Missing(Danger.DuplicateActivation));
    }

    private async Task<(IReadOnlyList<string> Violations, Sometimes Sometimes)> Run(Action<string>? prepare)
    {
        var seed = Random.Shared.Next();
        var sometimes = new Sometimes();
        var history = new History();
        await using var cluster = await RunningCluster.Start(database, size: 1, prepare);
        using var time = new CancellationTokenSource();
        using var caller = new Caller(history, () => cluster.Silos, sometimes, time.Token);
        using var crowd = new Crowd(
            new(caller, history, sometimes), cluster.Line, history, sometimes, new Random(seed), shoppers: 8, movers: 3);
        await crowd.Prepare();
        var rival = cluster.Add("rival");
        rival.Start();
        await rival.UntilReady();

        time.CancelAfter(Long);
        using var redelivering = new CancellationTokenSource();
        var redelivery = cluster.RedeliverWebhooks(redelivering.Token);
        await crowd.Run();
        await redelivering.CancelAsync();
        await redelivery;
        await Verdict.Settled(database, cluster.Database);
        File.WriteAllLines("/tmp/hist-silo.log", cluster.Silos.SelectMany(silo => silo.Log));
        TestContext.Current.TestOutputHelper!.WriteLine($"{history.Now()} moments, {crowd.Baskets.Count} receipts; {sometimes}");
        return (await Verdict.Violations(database, cluster.Database, history, crowd.Baskets), sometimes);
    }
}

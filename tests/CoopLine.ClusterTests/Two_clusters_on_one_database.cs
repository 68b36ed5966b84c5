using CoopLine.ClusterTests.Fixtures;
using CoopLine.ClusterTests.Histories;
using CoopLine.ClusterTests.Load;
using CoopLine.Tests.Fixtures;

namespace CoopLine.ClusterTests;

/// <summary>
/// Two processes that know nothing of each other: every grain lives twice, all the time. What a partition or a race of
/// membership makes for seconds, and worse. Only the conditional write stands between them.
/// </summary>
public sealed class Two_clusters_on_one_database(ClusterDatabase database)
{
    private const int RunsMax = 4;

    private static readonly TimeSpan Long = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task Every_coupon_and_every_member_stays_one_register()
    {
        var history = new History();
        var sometimes = new Sometimes();
        await using var cluster = await RunningCluster.Start(database, size: 1);
        var baskets = await Run(cluster, history, sometimes, movers: 3);
        await Verdict.Settled(database, cluster.Database);

        sometimes.Saw(Danger.DuplicateActivation, cluster.Silos.Sum(silo => silo.Count("InconsistentStateException")));
        TestContext.Current.TestOutputHelper!.WriteLine($"{history.Now()} moments, {baskets.Count} receipts; {sometimes}");
        Verdict.AssertNone(await Verdict.Violations(database, cluster.Database, history, baskets));
        await Verdict.Consistent(database, cluster.Database);
        Assert.Empty(sometimes.Missing(Danger.DuplicateActivation));
    }

    /// <summary>
    /// The proof of the checker and of the watcher: the same run, but every write wins, whatever version it has read. On a slow
    /// machine one run may be too short for it.
    /// </summary>
    [Fact]
    public async Task Without_the_condition_of_the_write_they_do_not()
    {
        var (checker, watcher) = (false, false);
        for (var run = 0; run < RunsMax && !(checker && watcher); run++)
        {
            var history = new History();
            await using var cluster = await RunningCluster.Start(database, size: 1, EveryWriteWins, plainStorage: true);
            var baskets = await Run(cluster, history, new(), movers: 0);

            var violations = await Verdict.Violations(database, cluster.Database, history, baskets);
            checker |= violations.Any(one => one.StartsWith("coupon ", StringComparison.Ordinal));
            watcher |= await Verdict.Watch(database, cluster.Database, new(canceled: true)) is not [];
        }

        Assert.True(checker, "The checker found nothing.");
        Assert.True(watcher, "The watcher found nothing.");
    }

    private static async Task<IReadOnlyCollection<Basket>> Run(
        RunningCluster cluster, History history, Sometimes sometimes, int movers)
    {
        using var time = new CancellationTokenSource();
        using var caller = new Caller(history, () => cluster.Silos, sometimes, time.Token);
        using var crowd = new Crowd(
            new(caller, history, sometimes, oneCluster: false), cluster.Line, history, sometimes, Chance.New(out _), shoppers: 8, movers)
        {
            Pause = TimeSpan.FromMilliseconds(100),
        };
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
        return crowd.Baskets;
    }

    private static void EveryWriteWins(string owner) => PostgresServer.Execute(
        owner,
        """
        UPDATE OrleansQuery
        SET QueryText = replace(replace(QueryText,
            'AND Version = @GrainStateVersion', ''),
            'ON CONFLICT DO NOTHING',
            'ON CONFLICT (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString, GrainIdExtensionString, ServiceId)
             DO UPDATE SET PayloadBinary = excluded.PayloadBinary, Version = OrleansStorage.Version + 1,
                 ModifiedOn = excluded.ModifiedOn, Pending = excluded.Pending')
        WHERE QueryKey = 'WriteToStorageKey'
        """);
}

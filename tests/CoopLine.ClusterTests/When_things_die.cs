using CoopLine.ClusterTests.Fixtures;
using CoopLine.ClusterTests.Histories;
using CoopLine.ClusterTests.Load;
using CoopLine.Tests.Fixtures;

namespace CoopLine.ClusterTests;

/// <summary>
/// Three processes under load while processes, database and connections die: for a minute, or for as long as
/// <see cref="Chance"/> is told.
/// </summary>
public sealed class When_things_die(ClusterDatabase database)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Every_coupon_and_every_member_stays_one_register()
    {
        var random = Chance.New(out _);
        var sometimes = new Sometimes();
        var history = new History();
        await using var cluster = await RunningCluster.Start(database, clockOff: true);
        using var time = new CancellationTokenSource();
        using var caller = new Caller(history, () => cluster.Silos, sometimes, time.Token);
        using var crowd = new Crowd(
            new(caller, history, sometimes, oneCluster: true), cluster.Line, history, sometimes, random, shoppers: 8, movers: 3)
        {
            Pause = TimeSpan.FromMilliseconds(100),
        };
        await crowd.Prepare();

        using var redelivering = new CancellationTokenSource();
        var redelivery = cluster.RedeliverWebhooks(redelivering.Token);
        using var resting = new CancellationTokenSource();
        var watching = Verdict.Watch(database, cluster.Database, resting.Token);
        var load = crowd.Run();
        var nemesis = new Nemesis(cluster, database, caller, sometimes, history, new Random(random.Next()));
        var faults = nemesis.Run(Chance.Time > Shortest ? Chance.Time : Shortest);
        if (await Task.WhenAny(load, faults) == load) await load;
        await faults;
        await time.CancelAsync();
        await load;
        await redelivering.CancelAsync();
        await redelivery;
        await Verdict.Settled(database, cluster.Database);
        await resting.CancelAsync();

        await Verdict.Count(database, cluster.Database, caller.Unknown, nemesis.Kills, sometimes);
        TestContext.Current.TestOutputHelper!.WriteLine($"{history.Now()} moments, {crowd.Baskets.Count} receipts; {sometimes}");
        Verdict.AssertNone([.. await Verdict.Violations(database, cluster.Database, history, crowd.Baskets), .. await watching]);
        await Verdict.Consistent(database, cluster.Database);
        Assert.Empty(sometimes.Missing(Enum.GetValues<Danger>()
            .Except([Danger.DuplicateActivation, .. RunningCluster.FakeTime is null && !IsCi ? [Danger.ClockOff] : Array.Empty<Danger>()])));
    }

    private static bool IsCi => Environment.GetEnvironmentVariable("CI") == "true";
}

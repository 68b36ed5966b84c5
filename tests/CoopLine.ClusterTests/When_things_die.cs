using System.Globalization;
using CoopLine.ClusterTests.Fixtures;
using CoopLine.ClusterTests.Histories;
using CoopLine.ClusterTests.Load;

namespace CoopLine.ClusterTests;

/// <summary>
/// Three processes under load while processes, database and connections die. COOPLINE_CLUSTER_MINUTES says for how long,
/// COOPLINE_CLUSTER_SEED repeats the order of faults.
/// </summary>
public sealed class When_things_die(ClusterDatabase database)
{
    [Fact]
    public async Task Every_coupon_and_every_member_stays_one_register()
    {
        var minutes = Number("COOPLINE_CLUSTER_MINUTES") ?? 1;
        var seed = Number("COOPLINE_CLUSTER_SEED") ?? Random.Shared.Next();
        TestContext.Current.TestOutputHelper!.WriteLine($"COOPLINE_CLUSTER_SEED={seed}");
        var random = new Random(seed);
        var sometimes = new Sometimes();
        var history = new History();
        await using var cluster = await RunningCluster.Start(database, clockOff: true);
        using var time = new CancellationTokenSource();
        using var caller = new Caller(history, () => cluster.Silos, sometimes, time.Token);
        using var crowd = new Crowd(
            new(caller, history, sometimes, oneCluster: true), cluster.Line, history, sometimes, random, shoppers: 8, movers: 3);
        await crowd.Prepare();

        using var redelivering = new CancellationTokenSource();
        var redelivery = cluster.RedeliverWebhooks(redelivering.Token);
        using var resting = new CancellationTokenSource();
        var watching = Verdict.Watch(database, cluster.Database, resting.Token);
        var load = crowd.Run();
        var nemesis = new Nemesis(cluster, database, caller, sometimes, history, new Random(random.Next()));
        var faults = nemesis.Run(TimeSpan.FromMinutes(minutes));
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

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}

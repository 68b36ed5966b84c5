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
    public async Task Every_coupon_every_receipt_and_every_member_stays_one_register()
    {
        var random = Chance.New(out _);
        var sometimes = new Sometimes();
        var history = new History();
        await using var cluster = await RunningCluster.Start(database, clockOff: true);
        using var time = new CancellationTokenSource();
        using var caller = new Caller(history, () => cluster.Silos, sometimes, time.Token);
        const int Shoppers = 8;
        const int Movers = 3;
        var counter = new Counter(caller, history, sometimes, oneCluster: true) { Members = Shoppers + Movers };
        using var crowd = new Crowd(counter, cluster.Line, history, sometimes, random, Shoppers, Movers)
        {
            Pause = TimeSpan.FromMilliseconds(100),
        };
        var insistent = new InsistentTills(counter, new(counter, random), random);
        var forgetful = new ForgetfulTills(counter, new(counter, random), random);
        await crowd.Prepare();
        var length = Chance.Time > Shortest ? Chance.Time : Shortest;
        using var rushing = new Crowd(counter, cluster.Line, history, sometimes, random, Rush.MembersIn(length), movers: 0);
        await rushing.Prepare();
        var rush = new Rush(counter, history, rushing.Linked, random, length);
        await rush.Publish();

        using var redelivering = new CancellationTokenSource();
        var redelivery = cluster.RedeliverWebhooks(redelivering.Token);
        using var resting = new CancellationTokenSource();
        var watching = Verdict.Watch(database, cluster.Database, resting.Token);
        var load = Task.WhenAll(
            crowd.Run(), rush.Run(), insistent.Serve(crowd.Linked.Take(2)), forgetful.Serve(crowd.Linked.Skip(2).Take(4)));
        var nemesis = new Nemesis(cluster, database, caller, sometimes, history, new Random(random.Next()));
        var faults = nemesis.Run(length);
        if (await Task.WhenAny(load, faults) == load) await load;
        await faults;
        await time.CancelAsync();
        await load;
        await redelivering.CancelAsync();
        await redelivery;
        await Verdict.Settled(database, cluster.Database);
        await rush.Finish();
        var learned = await forgetful.AskAgain(() => Verdict.Ledger(database, cluster.Database));
        await Verdict.Settled(database, cluster.Database);
        await resting.CancelAsync();

        await Verdict.Count(database, cluster.Database, caller.Unknown, nemesis.Kills, sometimes);
        sometimes.Saw(Danger.LeftCallHadHappened, learned.Count(one => one.HadHappened));
        sometimes.Saw(Danger.LeftCallHadNotHappened, learned.Count(one => !one.HadHappened));
        var (given, wronglyGiven) = await rush.Outcome(await Verdict.Ledger(database, cluster.Database));
        Basket[] baskets = [.. crowd.Baskets, .. rush.Baskets, .. insistent.Baskets, .. forgetful.Baskets];
        string[] violations =
        [
            .. await Verdict.Violations(database, cluster.Database, history, baskets),
            .. Verdict.Violations(learned),
            .. wronglyGiven,
            .. await watching,
        ];
        Tell($"{history.Now()} moments; {sometimes}");
        Tell($"figures: {nemesis.Faults}");
        Tell($"figures: {caller.Calls} calls, {history.Receipts.Count()} receipts, {await Verdict.Decided(database, cluster.Database)} of them decided");
        Tell($"figures: {caller.Unknown.Count} calls without an answer, {sometimes.Count(Danger.DecidedWithoutAnswer)} of them in the ledger; {learned.Count} were not sent again before the end:");
        Tell($"figures: {learned.Count(one => one.HadHappened)} had happened ({learned.Count(one => one.Before > 0)} as the ledger has it), {learned.Count(one => !one.HadHappened)} had not");
        Tell($"figures: limits: {given}");
        Tell($"figures: lost {Verdict.HowMany(Verdict.Lost, violations)}, double {Verdict.HowMany(Verdict.Double, violations)}, violations in all {violations.Length}");
        Verdict.AssertNone(violations);
        await Verdict.Consistent(database, cluster.Database);
        Assert.Empty(sometimes.Missing(Enum.GetValues<Danger>()
            .Except([Danger.DuplicateActivation, .. RunningCluster.FakeTime is null && !Ci.IsHere ? [Danger.ClockOff] : Array.Empty<Danger>()])));
    }

    private static void Tell(FormattableString what) =>
        TestContext.Current.TestOutputHelper!.WriteLine(FormattableString.Invariant(what));
}

using System.Collections.Concurrent;
using System.Diagnostics;
using CoopLine.ClusterTests.Fixtures;
using CoopLine.ClusterTests.Histories;
using CoopLine.Grains.Ledger;
using Shopper = (CoopLine.Tests.Fixtures.RegisteredMember Member, CoopLine.Simulator.SimulatedPhone Phone);

namespace CoopLine.ClusterTests.Load;

/// <summary>
/// One campaign with limits, in eight stores, which more members want than there are uses. Some stores are sold out before the
/// campaign is, which is when about three quarters of the time are over. All the time uses are taken back, and who was refused comes again.
/// </summary>
internal sealed class Rush(Counter counter, History history, IReadOnlyList<Shopper> shoppers, Random random, TimeSpan time)
{
    private const int UsesInHalfAnHour = 1_000;
    private const int UsesMin = 40;
    private const int AtOnce = 8;

    /// <summary>Of so many visits one takes an earlier use back.</summary>
    private const int VisitsForAVoid = 6;

    /// <summary>For each use that stands in the end. The others are voids, what they void, and refusals in stores that are sold out.</summary>
    private const double VisitsForAUse = 2;

    /// <summary>Then nobody comes any more, however long it takes: the history of a coupon has room for 64 receipts.</summary>
    private const double VisitsForAUseMax = 20;

    private readonly string campaign = $"rush-{random.Next(0x1000000):x6}";
    private readonly int total = TotalIn(time);
    private readonly Limits limits = LimitsOf(TotalIn(time));
    private readonly ConcurrentQueue<Shopper> waiting = new(shoppers);
    private readonly ConcurrentQueue<(Shopper Shopper, Basket Basket)> served = new();
    private readonly ConcurrentQueue<Basket> baskets = new();
    private readonly List<string> violations = [];
    private int visits;

    public IReadOnlyCollection<Basket> Baskets => baskets;

    /// <summary>One in six will get nothing.</summary>
    public static int MembersIn(TimeSpan time) => TotalIn(time) * 6 / 5;

    /// <summary>Before anything goes wrong.</summary>
    public Task Publish() => counter.Publish(random, campaign, limits);

    /// <summary>Returns when the time is over and everything that was begun has its answer.</summary>
    public Task Run()
    {
        var since = Stopwatch.GetTimestamp();
        return Task.WhenAll(Randoms(AtOnce).Select(mine => Task.Run(() => Serve(since, mine))));
    }

    /// <summary>
    /// When everything has come to rest: whoever has no use tries every store, until no use is left. Then one is given back, and two
    /// want it.
    /// </summary>
    public async Task Finish()
    {
        await Parallel.ForEachAsync(
            shoppers.Zip(Randoms(shoppers.Count)), new ParallelOptions { MaxDegreeOfParallelism = AtOnce },
            async (one, _) => await TryEverywhere(one.First, one.Second));

        Assert.True(served.TryDequeue(out var last));
        Assert.True((await counter.Void(random, last.Basket)).Ok);
        var two = new List<Basket>();
        foreach (var shopper in shoppers)
            if (two.Count < 2 && await Code(shopper, random) is { } code) two.Add(NewBasket(shopper, code, last.Basket.Store));
        var answers = await Task.WhenAll(two.Zip(Randoms(2), (basket, mine) => counter.Redeem(mine, basket)));
        if (answers is not [{ IsPromise: true }, { IsSoldOut: true }] and not [{ IsSoldOut: true }, { IsPromise: true }])
            violations.Add($"{campaign}: two wanted the use that was given back, and were answered {string.Join(" | ", answers.AsEnumerable())}.");
    }

    /// <summary>Not one use is left, no store has more than its own, and staff are told the same.</summary>
    /// <returns>What was given away, and what is wrong with it.</returns>
    public async Task<(string Figures, IReadOnlyList<string> Violations)> Outcome(IReadOnlyList<LedgerRow> ledger)
    {
        var givenBack = ledger.Where(row => row.GivenBack).Select(row => row.Amends!).ToHashSet();
        var uses = ledger.Where(row => row.Kind == LedgerKind.Used && row.Campaign == campaign);
        var standing = uses.Where(use => !givenBack.Contains(use.Id)).ToArray();
        var byStore = standing.CountBy(use => use.Store!).ToArray();
        var stands = Given(standing.Length, standing.Sum(use => use.Yen), byStore);
        var given = await counter.Given(random, campaign);
        var told = Given(
            given.GetProperty("uses").GetInt32(), given.GetProperty("yen").GetInt64(),
            given.GetProperty("byStore").EnumerateObject()
                .Select(one => KeyValuePair.Create(one.Name, one.Value.GetProperty("uses").GetInt32())));

        if (standing.Length != total || standing.Any(use => use.Yen != Limits.Yen))
            violations.Add($"{campaign} gives away {total} uses of {Limits.Yen} yen, and has given {stands}.");
        if (byStore.Any(one => one.Value > limits.Of(one.Key)))
            violations.Add($"{campaign} gives a store {limits.EachStore} or its own, and has given {stands}.");
        if (told != stands) violations.Add($"Staff are told that {campaign} has given {told}; it has given {stands}.");
        var of = history.LimitsOf(campaign)!;
        return ($"limit {total}, given {stands}, refused as sold out {of.SoldOuts}, voided {of.Voids}", violations);
    }

    private static int TotalIn(TimeSpan time) => Math.Max(UsesMin, (int)(UsesInHalfAnHour * time / TimeSpan.FromMinutes(30)));

    /// <summary>The stores have half as much again as the total, but for one, which has little.</summary>
    private static Limits LimitsOf(int total) => new(
        total, EachStore: total * 3 / 2 / RunningCluster.Stores.Length, new Dictionary<string, int> { [RunningCluster.Stores[1]] = total / 16 });

    private static string Given(int uses, long yen, IEnumerable<KeyValuePair<string, int>> byStore)
    {
        var stores = byStore.OrderBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Key}: {one.Value}");
        return $"{uses} uses and {yen} yen (in store {string.Join(", ", stores)})";
    }

    private async Task Serve(long since, Random mine)
    {
        while (!counter.IsOver && Interlocked.Increment(ref visits) is var visit && visit <= total * VisitsForAUseMax)
        {
            // In step with the time: those who could not be served during a fault come all at once after it.
            var due = time * 0.75 / (total * VisitsForAUse) * visit - Stopwatch.GetElapsedTime(since);
            if (due > TimeSpan.Zero) await Task.Delay(due);
            if (mine.Next(VisitsForAVoid) == 0 && served.TryDequeue(out var earlier))
            {
                await counter.Void(mine, earlier.Basket);
                waiting.Enqueue(earlier.Shopper);
            }
            else if (waiting.TryDequeue(out var shopper) && !await Shop(shopper, mine))
            {
                waiting.Enqueue(shopper);
            }
        }
    }

    /// <summary>At one till, or at two at once.</summary>
    private async Task<bool> Shop(Shopper shopper, Random mine)
    {
        if (await Code(shopper, mine) is not { } code) return false;
        var tills = Enumerable.Range(0, mine.Next(4) == 0 ? 2 : 1).Select(_ => new Random(mine.Next())).ToArray();
        return (await Task.WhenAll(tills.Select(till => Buy(shopper, code, Popular(till), till)))).Any(redeemed => redeemed);
    }

    /// <summary>Sometimes the till sends the same again.</summary>
    private async Task<bool> Buy(Shopper shopper, string code, string store, Random mine)
    {
        var basket = NewBasket(shopper, code, store);
        var redeemed = (await counter.Redeem(mine, basket)).IsPromise;
        if (mine.Next(4) == 0) redeemed |= (await counter.Redeem(mine, basket)).IsPromise;
        if (redeemed) served.Enqueue((shopper, basket));
        return redeemed;
    }

    private async Task TryEverywhere(Shopper shopper, Random mine)
    {
        if (await Code(shopper, mine) is not { } code) return; // has a use, or they are all gone
        foreach (var store in RunningCluster.Stores)
            if (await Buy(shopper, code, store, mine)) return;
    }

    private Task<string?> Code(Shopper shopper, Random mine) => counter.ShowCode(mine, shopper.Member.Number, shopper.Phone, campaign);

    private Basket NewBasket(Shopper shopper, string code, string store)
    {
        var basket = Counter.NewBasketIn(store, code, shopper.Member.Number, Counter.Shown(shopper.Phone.UserId), campaign);
        baskets.Enqueue(basket);
        return basket;
    }

    /// <summary>Any store; the first ones have most customers.</summary>
    private static string Popular(Random mine) =>
        RunningCluster.Stores[Math.Min(mine.Next(RunningCluster.Stores.Length), mine.Next(RunningCluster.Stores.Length))];

    private Random[] Randoms(int count) => [.. Enumerable.Range(0, count).Select(_ => new Random(random.Next()))];
}

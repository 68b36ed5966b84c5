using CoopLine.ClusterTests.Fixtures;
using CoopLine.ClusterTests.Histories;
using CoopLine.ClusterTests.Load;
using CoopLine.Grains.Ledger;
using CoopLine.Tests.Fixtures;
using Shopper = (CoopLine.Tests.Fixtures.RegisteredMember Member, CoopLine.Simulator.SimulatedPhone Phone);

namespace CoopLine.ClusterTests;

/// <summary>Many tills at three processes want the last uses of a campaign at the same moment. Nothing dies.</summary>
public sealed class At_a_limit(ClusterDatabase database)
{
    private const int Callers = 64;
    private const int Limit = 10;
    private const int Voids = 5;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task As_many_tills_are_served_as_the_limit_allows_and_whoever_asks_again_gets_what_was_given_back(bool plainStorage)
    {
        var random = Chance.New(out _);
        var (history, sometimes) = (new History(), new Sometimes());
        await using var cluster = await RunningCluster.Start(database, plainStorage: plainStorage);
        using var caller = new Caller(history, () => cluster.Silos, sometimes, CancellationToken.None);
        var counter = new Counter(caller, history, sometimes, oneCluster: true);
        using var crowd = new Crowd(counter, cluster.Line, history, sometimes, random, Callers, movers: 0);
        await counter.Publish(random, "in-all", new(Total: Limit));
        await counter.Publish(random, "in-a-store", new(EachStore: Limit));
        await counter.Publish(random, "on-a-day", new(EachDay: Limit));
        await crowd.Prepare();
        await Task.Delay(Desk.Heard, TestContext.Current.CancellationToken);

        Basket[] baskets =
        [
            .. await Contest("in-all", RunningCluster.Stores),
            .. await Contest("in-a-store", [RunningCluster.Store]),
            .. await Contest("on-a-day", RunningCluster.Stores),
        ];
        Verdict.AssertNone(await Verdict.Violations(database, cluster.Database, history, baskets));
        await Verdict.Consistent(database, cluster.Database);

        async Task<IReadOnlyList<Basket>> Contest(string campaign, string[] stores)
        {
            var carts = await Task.WhenAll(crowd.Linked.Zip(Randoms(Callers), (shopper, mine) => ShowCode(shopper, mine)));
            var first = await Redeem(carts);
            Assert.Equal((Limit, Callers - Limit), (first.Count(one => one.IsPromise), first.Count(one => one.IsSoldOut)));
            Assert.Equal(Limit, await Standing());

            // Some are given back while others try. Whoever comes too early asks again when everything is at rest.
            var losers = carts.Where((_, i) => first[i].IsSoldOut).Take(2 * Voids).ToArray();
            var winners = carts.Where((_, i) => first[i].IsPromise).Take(Voids);
            var voids = Task.WhenAll(winners.Zip(Randoms(Voids), (cart, mine) => counter.Void(mine, cart)));
            var meanwhile = await Redeem(losers);
            Assert.All(await voids, one => Assert.True(one.Ok, one.ToString()));
            var again = await Redeem([.. losers.Where((_, i) => meanwhile[i].IsSoldOut)]);
            Assert.Equal(Voids, meanwhile.Concat(again).Count(one => one.IsPromise));
            Assert.Equal(Limit, await Standing());
            return carts;

            async Task<Basket> ShowCode(Shopper shopper, Random mine)
            {
                var code = await counter.ShowCode(mine, shopper.Member.Number, shopper.Phone, campaign);
                Assert.NotNull(code);
                return Counter.NewBasketIn(
                    stores[mine.Next(stores.Length)], code, shopper.Member.Number, Counter.Shown(shopper.Phone.UserId), campaign);
            }

            async Task<int> Standing()
            {
                var ledger = await Verdict.Ledger(database, cluster.Database);
                var takenBack = ledger.Select(row => row.Amends).ToHashSet();
                return ledger.Count(row => row.Kind == LedgerKind.Used && row.Campaign == campaign && !takenBack.Contains(row.Id));
            }
        }

        Task<Answer[]> Redeem(Basket[] carts) => Task.WhenAll(carts.Zip(Randoms(carts.Length), (cart, mine) => counter.Redeem(mine, cart)));

        Random[] Randoms(int count) => [.. Enumerable.Range(0, count).Select(_ => new Random(random.Next()))];
    }
}

using System.Collections.Concurrent;
using System.Globalization;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.ClusterTests.Load;

/// <summary>
/// Tills that send each receipt again and again, at once and one after the other, as it is and with other contents. Several
/// receipts want the same coupon. Until the caller's time is over.
/// </summary>
internal sealed class InsistentTills(Counter counter, Campaigns campaigns, Random random)
{
    private const int Receipts = 3;
    private const int AtOnce = 4;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(400);

    private readonly ConcurrentQueue<Basket> baskets = new();

    /// <summary>One for each receipt and contents.</summary>
    public IReadOnlyCollection<Basket> Baskets => baskets;

    public Task Serve(IEnumerable<(RegisteredMember Member, SimulatedPhone Phone)> customers) => Task.WhenAll(
        customers.Select(one => Task.Run(() => Serve(one.Member, one.Phone, new Random(random.Next())))));

    private async Task Serve(RegisteredMember member, SimulatedPhone phone, Random mine)
    {
        for (var next = 0; !counter.IsOver;)
        {
            var chosen = await campaigns.From(next, mine.Next(3) == 0 ? 2 : 1);
            next += chosen.Length;
            await Contest(member, phone, chosen, mine);
            await Task.Delay(Pause * mine.NextDouble());
        }
    }

    private async Task Contest(RegisteredMember member, SimulatedPhone phone, string[] chosen, Random mine)
    {
        if (await counter.ShowCode(mine, member.Number, phone, chosen) is not { } code) return;
        if (await counter.ShowCode(mine, member.Number, phone, chosen[0]) is not { } otherCode) return;

        var receipts = Enumerable.Range(0, Receipts).Select(_ => Bodies(member, phone, code, otherCode, chosen)).ToArray();
        await Task.WhenAll(receipts.Select(bodies => Insist(bodies, new Random(mine.Next()))));

        // The winner gives its coupon back, and is not asked again; then another one may get it.
        var decided = receipts.SelectMany(bodies => bodies).FirstOrDefault(body => body.Promised.Any());
        if (decided is null || mine.Next(2) == 0) return;
        await counter.Void(mine, decided);
        await Task.WhenAll(receipts.Where(bodies => !bodies.Contains(decided)).Select(bodies => Insist(bodies, new Random(mine.Next()))));
    }

    private async Task Insist(Basket[] bodies, Random mine)
    {
        await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(_ =>
            counter.Redeem(new Random(mine.Next()), bodies[mine.Next(2) == 0 ? 0 : mine.Next(bodies.Length)])));
        foreach (var body in mine.GetItems(bodies, bodies.Length + 2)) await counter.Redeem(mine, body);
    }

    /// <summary>A receipt, and three others that say that they are it.</summary>
    private Basket[] Bodies(RegisteredMember member, SimulatedPhone phone, string code, string otherCode, string[] chosen)
    {
        var basket = Counter.NewBasket(code, member.Number, Counter.Shown(phone.UserId), chosen);
        var later = DateTimeOffset.Parse(basket.Sale.purchasedAt, CultureInfo.InvariantCulture).AddSeconds(1);
        Basket[] bodies =
        [
            basket,
            basket.As("other lines", basket.Sale with { lines = [Sale.Line(quantity: 3)] }),
            basket.As("later", basket.Sale with { purchasedAt = later.ToString("O", CultureInfo.InvariantCulture) }),
            basket.As("other code", basket.Sale with { code = otherCode }, [chosen[0]]),
        ];
        foreach (var body in bodies) baskets.Enqueue(body);
        return bodies;
    }
}

using System.Collections.Concurrent;
using CoopLine.Grains.Ledger;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.ClusterTests.Load;

/// <summary>
/// Tills that send everything once. When no answer comes they leave it at that, and ask after the run what became of it.
/// Several receipts want the same coupon.
/// </summary>
internal sealed class ForgetfulTills(Counter counter, Campaigns campaigns, Random random)
{
    private const int ReceiptsMax = 3;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentQueue<Basket> baskets = new();
    private readonly ConcurrentQueue<LeftCall> left = new();

    public IReadOnlyCollection<Basket> Baskets => baskets;

    public Task Serve(IEnumerable<(RegisteredMember Member, SimulatedPhone Phone)> customers) => Task.WhenAll(
        customers.Select(one => Task.Run(() => Serve(one.Member, one.Phone, new Random(random.Next())))));

    /// <summary>When everything has come to rest: what was left is sent once more, until there is an answer.</summary>
    public async Task<IReadOnlyList<LearnedCall>> AskAgain(Func<Task<List<LedgerRow>>> ledger)
    {
        var before = await ledger();
        var answers = new List<(LeftCall Call, Answer Answer)>();
        foreach (var call in left)
            answers.Add((call, call.IsVoid ? await counter.Void(random, call.Basket) : await counter.Redeem(random, call.Basket)));
        var after = await ledger();
        return [.. answers.Select(one => new LearnedCall(one.Call, one.Answer, one.Call.TimesIn(before), one.Call.TimesIn(after)))];
    }

    private async Task Serve(RegisteredMember member, SimulatedPhone phone, Random mine)
    {
        for (var next = 0; !counter.IsOver;)
        {
            var chosen = await campaigns.From(next, mine.Next(3) == 0 ? 2 : 1);
            next += chosen.Length;
            if (await counter.ShowCode(mine, member.Number, phone, chosen) is { } code)
            {
                await Task.WhenAll(Enumerable.Range(0, mine.Next(1, ReceiptsMax + 1)).Select(_ =>
                    Sell(Counter.NewBasket(code, member.Number, Counter.Shown(phone.UserId), chosen), new Random(mine.Next()))));
            }

            await Task.Delay(Pause * mine.NextDouble());
        }
    }

    private async Task Sell(Basket basket, Random mine)
    {
        baskets.Enqueue(basket);
        var redeemed = await counter.Redeem(mine, basket, tries: 1);
        if (redeemed.IsUnknown) left.Enqueue(new(basket, IsVoid: false, redeemed.Trace));
        if (!redeemed.IsPromise || mine.Next(2) == 0) return;

        var voided = await counter.Void(mine, basket, tries: 1);
        if (voided.IsUnknown) left.Enqueue(new(basket, IsVoid: true, voided.Trace));
    }
}

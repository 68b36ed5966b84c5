using System.Net;
using System.Text.Json;
using CoopLine.Grains;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Campaigns;

/// <summary>
/// One random history of three campaigns with limits. Before each call the <see cref="Tally"/> says what the answer must be; writes fail, and the
/// process dies, on the way; whoever has no answer asks again. After each step the numbers on disk are those of the tally.
/// </summary>
internal sealed class LimitHistory(RunningSystem coop, Random random, (SimulatedPhone Phone, RegisteredMember Member)[] members)
{
    public static readonly string[] Stores = ["0123", "0456", "0789"];

    /// <summary>Business dates: today, and the day before, which some tills have not closed yet.</summary>
    public static readonly string[] Days = ["2026-11-22", "2026-11-21"];

    private static readonly string[] Jans = ["4901234567894", "4902345678905", "4901234567924"];

    private readonly Tally tally = new();
    private readonly List<Purchase> purchases = [];
    private readonly List<string> told = [];
    private Offer[] offers = [];

    private DateTimeOffset Now => coop.Clock.GetUtcNow();

    /// <summary>Refusals for want of room.</summary>
    public int SoldOut { get; private set; }

    /// <summary>Uses that made room again.</summary>
    public int GivenBack => offers.Sum(offer => tally.All(offer).Count(use => !use.Stands));

    /// <summary>What happened so far, to be read when it went wrong.</summary>
    public override string ToString() => string.Join('\n', told);

    public async Task Go(int steps)
    {
        offers = [.. Jans.Select((jan, i) => new Offer(
            Some.CampaignId(), jan, i == 0 ? "yen" : "percent", random.Next(20, 60), Now + TimeSpan.FromMinutes(i == 2 ? 15 : 600)))];
        foreach (var offer in offers)
        {
            offer.Limits = Draw();
            await coop.Publish(offer.Definition(offer.Limits, offer.EndsAt), offer.Id);
        }

        told.Add($"Offers: {string.Join("; ", offers)}");
        for (var i = 1; i <= steps; i++)
        {
            told.Add($"{i}.");
            await Step();
            await Settle();
            await Compare();
        }
    }

    private Task Step() => random.Next(100) switch
    {
        < 40 => Redeem(),
        < 48 => RedeemAtOnce(),
        < 56 => SendAgain(),
        < 68 => Void(),
        < 78 => Return(),
        < 86 => Restore(),
        < 92 => Define(),
        < 97 => Switch(),
        _ => LetTimePass(),
    };

    private async Task Redeem()
    {
        var purchase = await Purchase(Any(members), [.. offers.Where(_ => random.Next(2) == 0).DefaultIfEmpty(Any(offers))], linesMax: 2);
        var (uses, refusals) = tally.Decide(purchase, Now);
        if (random.Next(4) == 0) AssertAnswer(await coop.Redeem(purchase.Sale, purchase.Store, "evaluations"), uses, refusals);
        await Send(purchase);
    }

    /// <summary>Several members with the coupon of one campaign. In which order they are served, nobody knows.</summary>
    private async Task RedeemAtOnce()
    {
        var offer = Any(offers);
        var crowd = new List<Purchase>();
        foreach (var member in random.GetItems(members, 5).Distinct()) crowd.Add(await Purchase(member, [offer], linesMax: 1));
        var before = crowd.ConvertAll(purchase => tally.Decide(purchase, Now));
        OrderTrouble(StateNames.Coupon, StateNames.Coupon, StateNames.Coupon, StateNames.Receipt, null);

        var answers = await Ask([.. crowd.Select(Redemption)]);

        for (var i = 0; i < crowd.Count; i++)
        {
            if (answers[i].Body.Discounts is []) continue;
            AssertAnswer(answers[i].Body, before[i].Uses, before[i].Refusals);
            Keep(crowd[i], before[i].Uses, before[i].Refusals);
        }

        for (var i = 0; i < crowd.Count; i++)
            if (answers[i].Body.Discounts is []) AssertAnswer(answers[i].Body, [], tally.Decide(crowd[i], Now).Refusals);
    }

    /// <summary>A receipt that was decided, or one that was refused just now.</summary>
    private async Task SendAgain()
    {
        if (Any(purchases.Where((one, i) => one.Refusals is not null || i >= purchases.Count - 2)) is { } purchase) await Send(purchase);
    }

    private async Task Void()
    {
        if (Any(random.Next(4) == 0 ? purchases : purchases.Where(one => one.Refusals is not null)) is not { } purchase) return;
        var uses = tally.On(purchase).ToArray();
        if (uses is []) purchase.IsVoidedEarly = true;
        foreach (var use in uses) tally.TakeBack(use, "voided", IsOn(use.Offer));

        await OfReceipt(purchase, uses, "void", null);
    }

    private async Task Return()
    {
        if (Any(purchases.Where(one => tally.On(one).Any())) is not { } purchase) return;
        var line = Any(tally.On(purchase)).Line;
        var units = random.Next(1, line.Quantity + 1);
        var uses = tally.On(purchase).Where(use => use.Line == line).ToArray();
        foreach (var use in uses.Where(use => !use.IsTakenBack))
        {
            use.Returned += units;
            if (use.Returned >= line.Quantity) tally.TakeBack(use, "returned", IsOn(use.Offer));
        }

        var body = new { id = $"slip-{told.Count}", lines = new[] { new { line = line.Number, quantity = units } } };
        await OfReceipt(purchase, uses, "returns", body);
        if (random.Next(3) == 0) await OfReceipt(purchase, uses, "returns", body); // which counts once
    }

    private async Task Restore()
    {
        if (Any(purchases.Where(one => tally.On(one).Any())) is not { } purchase) return;
        var use = Any(tally.On(purchase));
        tally.TakeBack(use, "restored", givesBack: true);

        await OfReceipt(purchase, [use], "restore", new { campaign = use.Offer.Id, reason = "レジの打ち間違い" }, "staff");
    }

    /// <summary>Limits that rise, go, sink or are new; maybe a later end.</summary>
    private async Task Define()
    {
        var offer = Any(offers);
        var (limits, until) = (Changed(offer.Limits), offer.EndsAt + TimeSpan.FromMinutes(random.Next(2) * 10));
        var may = offer.May(limits);
        told.Add($"define {offer} as {Offer.Told(limits)} until {until:HH:mm}: {may}");
        OrderTrouble(StateNames.Campaign, null);

        var answer = await Ask(() => coop.Staff().PutAsJsonAsync($"/staff/v1/campaigns/{offer.Id}", offer.Definition(limits, until)));

        Assert.Equal(may ? HttpStatusCode.OK : HttpStatusCode.Conflict, answer.Status);
        if (may) (offer.Limits, offer.EndsAt) = (limits, until);
    }

    private async Task Switch()
    {
        var offer = Any(offers.Where(one => !one.IsPublished)) ?? Any(offers);
        var what = offer.IsPublished ? "stop" : "publish";
        told.Add($"{what} {offer.Id}");
        OrderTrouble(StateNames.Campaign, null);

        var answer = await Ask(() => coop.Staff().PostAsync($"/staff/v1/campaigns/{offer.Id}/{what}", null));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        offer.IsPublished = !offer.IsPublished;
    }

    private Task LetTimePass()
    {
        told.Add("five minutes pass");
        coop.Clock.Advance(TimeSpan.FromMinutes(5));
        return Task.CompletedTask;
    }

    /// <summary>Somebody goes shopping and shows a code.</summary>
    private async Task<Purchase> Purchase((SimulatedPhone Phone, RegisteredMember Member) member, Offer[] wanted, int linesMax)
    {
        var (store, day) = (Any(Stores), Any(Days));
        var lines = wanted.SelectMany(offer => Enumerable.Repeat(offer, random.Next(linesMax) + 1))
            .Select((offer, i) => new Item(i + 1, offer, random.Next(1, 4), random.Next(50, 600))).ToArray();
        var sale = coop.Sale(
            await Code(member, wanted), store, [.. lines.Select(line => Sale.Line(line.Number, line.Offer.Jan, line.Quantity, line.Price))]);
        var number = sale.Key.Split('/')[^1];
        var purchase = new Purchase(
            sale with { receipt = new { businessDate = day, store, register = "05", number } }, store, day, member.Member.Number, wanted, lines,
            Now, Now + CouponCodeState.Life);
        purchases.Add(purchase);
        told.Add($"{purchase}");
        return purchase;
    }

    /// <summary>What the phone shows; where the page gives no code any more, one that the phone got before.</summary>
    private async Task<string> Code((SimulatedPhone Phone, RegisteredMember Member) member, Offer[] wanted)
    {
        string[] ids = [.. wanted.Select(offer => offer.Id)];
        string[] against = [.. from offer in wanted
                               let reason = tally.Against(offer, member.Member.Number, Days[0], Now)
                               where reason is not null
                               select $"{offer.Id}: {reason}"];

        var answer = await Ask(() => coop.AskForCode(member.Phone, ids));

        if (against is []) return answer.Body.GetProperty("code").GetString()!;
        Assert.Equal((HttpStatusCode.Conflict, string.Join(", ", against)), (answer.Status, string.Join(", ", answer.Body.Refusals)));
        var standing = await coop.Grains.Account(member.Phone.UserId).Standing();
        var digits = Ean13.NewCode("25");
        Assert.True(await coop.Grains.CouponCode(digits).Issue(new(
            member.Phone.UserId, standing.Member!, standing.LinkId!, standing.LinkSequence, standing.EarlierMembers, [.. ids],
            Now + CouponCodeState.Life)));
        return digits;
    }

    private async Task Send(Purchase purchase)
    {
        var isDecided = purchase.Refusals is not null || purchase.IsVoidedEarly;
        var (uses, refusals) = purchase switch
        {
            { IsVoidedEarly: true } => ([], []),
            { Refusals: { } recorded } => (tally.On(purchase).Where(use => !use.IsTakenBack).ToArray(), recorded),
            _ => tally.Decide(purchase, Now),
        };
        told.Add($"redeem {purchase.Sale.Key}");
        OrderTrouble(StateNames.Coupon, StateNames.Coupon, StateNames.Coupon, StateNames.Receipt, null);

        var answer = await Ask(Redemption(purchase));

        AssertAnswer(answer.Body, uses, refusals);
        if (isDecided) Assert.True(answer.Replayed);
        else Keep(purchase, uses, refusals);
    }

    private Func<Task<HttpResponseMessage>> Redemption(Purchase purchase) =>
        () => coop.Till(purchase.Store).PostAsJsonAsync("/pos/v1/redemptions", purchase.Sale);

    private void Keep(Purchase purchase, GivenUse[] uses, string[] refusals)
    {
        if (uses is []) return;
        purchase.Refusals = refusals;
        foreach (var use in uses) tally.Add(use);
    }

    /// <param name="uses">Those that the answer tells of, as they are then.</param>
    private async Task OfReceipt(Purchase purchase, GivenUse[] uses, string what, object? body, string who = "pos")
    {
        told.Add($"{what} {purchase.Sale.Key} {(body is null ? "" : JsonSerializer.Serialize(body))}: {string.Join(", ", uses)}");
        OrderTrouble(StateNames.Coupon, StateNames.Coupon, StateNames.Coupon, StateNames.Receipt, null);

        var answer = await Ask(() => (who == "pos" ? coop.Till(purchase.Store) : coop.Staff()).PostAsync(
            $"/{who}/v1/receipts/{purchase.Sale.Key}/{what}", body is null ? null : JsonContent.Create(body)));

        Assert.Equal(HttpStatusCode.OK, answer.Status);
        Assert.Equal(
            uses.Select(use => $"{use}").Order(StringComparer.Ordinal),
            (from use in answer.Body.GetProperty("uses").EnumerateArray()
             let back = use.GetProperty("givenBack").GetBoolean() ? " given back" : ""
             select $"{use.GetProperty("campaign").GetString()} {use.GetProperty("state").GetString()}{back}").Order(StringComparer.Ordinal));
    }

    private void AssertAnswer(JsonElement answer, GivenUse[] uses, string[] refusals)
    {
        told.Add($"  {string.Join(", ", answer.Discounts)}; {string.Join(", ", answer.Refusals)}");
        SoldOut += answer.Refusals.Count(refusal => refusal.EndsWith("soldOut", StringComparison.Ordinal));
        Assert.Equal(uses.Select(use => use.Discount).Order(StringComparer.Ordinal), answer.Discounts.Order(StringComparer.Ordinal));
        Assert.Equal(refusals.Order(StringComparer.Ordinal), answer.Refusals.Order(StringComparer.Ordinal));
    }

    private bool IsOn(Offer offer) => offer.IsPublished && !offer.IsOverAt(Now);

    /// <summary>Maybe one of the next writes of a state fails, or the process dies.</summary>
    private void OrderTrouble(params string?[] states)
    {
        if (random.Next(2) == 0) return;
        var (state, fault, writes) = (Any(states), Any(Enum.GetValues<Fault>()), random.Next(3) == 0 ? 1 : 0);
        told.Add($"  trouble after {writes} writes: {state ?? "the process dies"} {(state is null ? "" : fault)}");
        if (state is null) coop.Faults.CrashAfter(writes);
        else coop.Faults.Order(state, fault, writes + 1);
    }

    private async Task<Answered> Ask(Func<Task<HttpResponseMessage>> call) => (await Ask([call]))[0];

    /// <summary>Asks until each has an answer.</summary>
    private async Task<Answered[]> Ask(Func<Task<HttpResponseMessage>>[] calls)
    {
        var answers = new Answered?[calls.Length];
        for (var tries = 1; answers.Any(one => one is null or { Status: HttpStatusCode.ServiceUnavailable }); tries++)
        {
            Assert.InRange(tries, 1, 20);
            await Task.WhenAll(answers.Index().Where(one => one.Item is null or { Status: HttpStatusCode.ServiceUnavailable }).ToArray()
                .Select(async one => answers[one.Index] = await Answered.Once(calls[one.Index])));
            if (coop.Faults.Crashed) await coop.Restart(dead: coop.Faults.Recover);
        }

        return answers!;
    }

    private async Task Settle()
    {
        coop.Faults.Recover();
        if (random.Next(40) == 0) await coop.Restart();
        await Consistency.Finished(coop);
    }

    private async Task Compare()
    {
        var counts = coop.Host.Services.GetRequiredService<ICampaignCounts>();
        Assert.Equal(
            tally.Counts.Select(Told).Order(StringComparer.Ordinal),
            (await counts.Read([.. offers.Select(offer => offer.Id)], null))
                .Where(count => (count.Uses, count.Yen) != (0, 0)).Select(Told).Order(StringComparer.Ordinal));
        Assert.All(tally.Counts, count =>
        {
            var limit = offers.Single(offer => offer.Id == count.Campaign).Of(count.Scope);
            Assert.False(count.Uses > limit.Uses || count.Yen > limit.Yen, Told(count));
        });
        foreach (var offer in offers)
        {
            var used = (await coop.Staff().GetFromJsonAsync<JsonElement>($"/staff/v1/campaigns/{offer.Id}")).GetProperty("used");
            var standing = tally.Standing(offer).ToArray();
            Assert.Equal(Sum(standing), Read(used));
            Assert.Equal(Sum(standing.Where(use => use.Purchase.Day == Days[0])), Read(used.GetProperty("today")));
            Assert.Equal(
                standing.GroupBy(use => use.Purchase.Store).Select(store => (store.Key, Sum(store))).Order(),
                used.GetProperty("byStore").EnumerateObject().Select(store => (store.Name, Read(store.Value))).Order());
        }

        static string Told(CampaignCount count) => $"{count.Campaign} {count.Scope}: {count.Uses} uses, {count.Yen} yen";
        static (long, long) Sum(IEnumerable<GivenUse> uses) => (uses.Count(), uses.Sum(use => use.Yen));
        static (long, long) Read(JsonElement uses) => (uses.GetProperty("uses").GetInt64(), uses.GetProperty("yen").GetInt64());
    }

    private Dictionary<string, (int? Uses, long? Yen)> Draw()
    {
        string[] names = [CountScope.All, Offer.EachStore, CountScope.Store(Any(Stores)), Offer.EachDay];
        return names.Where(_ => random.Next(2) == 0).DefaultIfEmpty(Any(names)).ToDictionary(name => name, _ => random.Next(3) switch
        {
            0 => ((int?)random.Next(1, 5), (long?)null),
            1 => (null, random.Next(60, 500)),
            _ => (random.Next(1, 6), random.Next(60, 800)),
        });
    }

    private Dictionary<string, (int? Uses, long? Yen)> Changed(Dictionary<string, (int? Uses, long? Yen)> limits)
    {
        var changed = limits.ToDictionary(
            one => one.Key, one => random.Next(3) == 0 ? one.Value : ((int?)Changed(one.Value.Uses, 3), Changed(one.Value.Yen, 300)));
        if (random.Next(10) == 0) changed[CountScope.Store(Any(Stores))] = (random.Next(1, 6), null);
        return changed.Where(one => one.Value != default).ToDictionary();
    }

    /// <summary>As a rule it rises.</summary>
    private long? Changed(long? limit, int by) => random.Next(16) switch
    {
        0 => null,
        1 => limit > 1 ? limit - 1 : limit,
        _ => limit + random.Next(by),
    };

    private T Any<T>(IEnumerable<T> some) => some.ToArray() is { Length: > 0 } all ? all[random.Next(all.Length)] : default!;
}

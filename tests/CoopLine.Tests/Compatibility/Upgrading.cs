using System.Globalization;
using System.Net;
using System.Text.Json;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;
using CoopLine.Silo.Monitoring.Invariants;
using CoopLine.Silo.Storage;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Compatibility;

/// <summary>
/// A database that the previous version filled is migrated, and this version starts on it: tills, members and staff notice
/// nothing. It is 10:00.
/// </summary>
public sealed class Upgrading : IAsyncLifetime
{
    private const string Taro = "100000001", TarosAccount = "U4af4980629aa4b71b2f0d6a1c5d2e3f4";
    private const string Hanako = "100000002", HanakosAccount = "U9bd1f40c77e0451d8a3c6e52b0f4a718";

    private static readonly DateTimeOffset JustNow = new(2026, 11, 22, 0, 58, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Earlier = JustNow.AddMinutes(-43);

    private static readonly OldSale OneCoupon = Sold("000001", JustNow, "tofu");
    private static readonly OldSale TwoCoupons = Sold("000002", JustNow, "milk", "rice");
    private static readonly OldSale Voided = Sold("000003", Earlier, "bread");
    private static readonly OldSale CampaignOver = Sold("000004", Earlier, "natto");
    private static readonly OldSale Interrupted = Sold("000005", JustNow, "eggs", "oil");

    private static readonly OldSale[] All = [OneCoupon, TwoCoupons, Voided, CampaignOver, Interrupted];

    private readonly RunningSystem coop;

    public Upgrading()
    {
        var database = new TestDatabase(empty: true);
        coop = new(database);
        if (Postgres.IsMissing) return; // and the tests are skipped
        Fill(database);
        database.Migrate();
    }

    private SimulatedPhone Phone => coop.Line.Phone(TarosAccount);

    public ValueTask InitializeAsync() => coop.InitializeAsync();

    public ValueTask DisposeAsync() => coop.DisposeAsync();

    [Fact]
    public async Task The_same_request_gets_the_answer_that_was_recorded()
    {
        foreach (var sale in All)
        {
            var answer = await coop.Redeem(sale.Request);

            Assert.Equal(sale == Voided ? "voided" : "redeemed", answer.Outcome);
            Assert.True(answer.Replayed);
            Assert.Equal(
                sale == Voided ? [] : sale.Campaigns.Select((campaign, i) => $"{campaign} on {i + 1}: 30"), answer.Discounts);
            Assert.Empty(answer.Refusals);
            Assert.Equal(OldSale.TraceId, answer.GetProperty("traceId").GetString());
        }

        await AssertSound();
    }

    [Fact]
    public async Task Another_request_for_an_old_receipt_is_refused()
    {
        foreach (var sale in All)
        {
            using var response = await coop.Till().PostAsJsonAsync("/pos/v1/redemptions", sale.Request with { lines = [Sale.Line()] });
            await response.AssertProblem(HttpStatusCode.UnprocessableEntity);
        }

        await AssertSound();
    }

    [Fact]
    public async Task A_used_coupon_is_refused_to_another_receipt_with_store_and_time()
    {
        var refusal = (await coop.Redeem(coop.Sale(OneCoupon.Request.code))).AssertRefused("tofu", "alreadyUsed");

        Assert.Equal("0123", refusal.GetProperty("usedStore").GetString());
        Assert.Equal(JustNow, refusal.GetProperty("usedAt").GetDateTimeOffset());
        Assert.Empty((await coop.Redeem(coop.Sale(TwoCoupons.Request.code))).Discounts);
        await AssertSound();
    }

    [Fact]
    public async Task A_void_of_an_old_receipt_gives_its_coupons_back_and_they_can_be_used_again()
    {
        foreach (var sale in new[] { OneCoupon, TwoCoupons })
        {
            var voided = await coop.Void(sale.Request);
            Assert.False(voided.Replayed);
            Assert.Equal(
                sale.Campaigns.Select(campaign => $"{campaign} voided True"),
                voided.GetProperty("uses").EnumerateArray().Select(State));
            foreach (var campaign in sale.Campaigns)
                Assert.Equal("redeemed", (await coop.Use(Phone, campaign)).Answer.Outcome);
            Assert.True((await coop.Void(sale.Request)).Replayed);
        }

        await AssertSound();
    }

    [Fact]
    public async Task What_was_voided_stays_so_and_the_coupon_can_be_used()
    {
        Assert.True((await coop.Void(Voided.Request)).Replayed);
        Assert.Equal("redeemed", (await coop.Use(Phone, "bread")).Answer.Outcome);
        Assert.Equal(["used bread 30", "voided bread 30 given back"], await coop.LedgerOf(Voided.Request));
        await AssertSound();
    }

    [Fact]
    public async Task A_void_after_the_campaigns_end_gives_nothing_back_and_staff_can()
    {
        Assert.Equal("natto voided False", State(Assert.Single((await coop.Void(CampaignOver.Request)).GetProperty("uses").EnumerateArray())));
        Assert.Equal("natto restored True", State(Assert.Single((await coop.Restore(CampaignOver.Request, "natto")).GetProperty("uses").EnumerateArray())));
        await AssertSound();
    }

    [Fact]
    public async Task The_coupon_page_knows_what_was_used_and_a_new_purchase_goes_as_always()
    {
        var page = await coop.Available(Phone);
        Assert.Subset(page.Campaigns("used").ToHashSet(), new HashSet<string>(["tofu", "milk", "rice", "eggs"]));
        Assert.Contains("bread", page.Campaigns("usable"));

        Assert.Equal("redeemed", (await coop.Use(coop.Line.Phone(HanakosAccount), "tofu", "milk")).Answer.Outcome);
        await AssertSound();
    }

    [Fact]
    public async Task The_ledger_search_finds_the_old_rows()
    {
        var interrupted = await coop.Redeem(Interrupted.Request); // finishes it
        Assert.True(interrupted.Replayed);

        foreach (var sale in new[] { OneCoupon, TwoCoupons, CampaignOver, Interrupted })
            Assert.Equal(sale.Campaigns.Select(campaign => $"used {campaign} 30"), await coop.LedgerOf(sale.Request));
        foreach (var search in new[] { $"member={Taro}&kind=used", "store=0123&kind=used" })
        {
            Assert.Equal(
                ["bread", "eggs", "milk", "natto", "oil", "rice", "tofu"],
                (await Search(search)).Select(row => row.GetProperty("campaign").GetString()).Order());
        }

        Assert.Equal("linked", Assert.Single(await Search($"member={Hanako}")).GetProperty("kind").GetString());
        Assert.Equal("campaignPublished", Assert.Single(await Search("campaign=oil&kind=campaignPublished")).GetProperty("kind").GetString());
        Assert.Equal(7, (await Search("traceId=" + OldSale.TraceId)).Count(row => row.GetProperty("receipt").GetString() is not null));
        Assert.True(await coop.IsLinked(Taro, Phone));
        await AssertSound();
    }

    private static void Fill(TestDatabase database)
    {
        using var old = new PreviousVersion(database, now: JustNow);
        old.Register(Taro, Hanako);
        old.Link(Taro, TarosAccount);
        old.Link(Hanako, HanakosAccount);
        foreach (var campaign in new[] { "tofu", "milk", "rice", "bread", "eggs", "oil" }) old.Publish(campaign);
        old.Publish("natto", endsAt: "2026-11-22T09:30:00+09:00");
        foreach (var sale in new[] { OneCoupon, TwoCoupons, Interrupted }) old.Issue(sale, expiresAt: JustNow.AddMinutes(4));

        old.Use(OneCoupon);
        old.Plan(TwoCoupons);
        foreach (var campaign in TwoCoupons.Campaigns) old.UsePlanned(TwoCoupons, campaign);
        old.AnswerPlan(TwoCoupons);
        old.Use(Voided);
        old.Void(Voided);
        old.Use(CampaignOver);
        // It was stopped when one of two coupons was used.
        old.Plan(Interrupted);
        old.UsePlanned(Interrupted, "eggs");
    }

    private static OldSale Sold(string number, DateTimeOffset at, params string[] campaigns)
    {
        var request = new Sale
        {
            receipt = new { businessDate = "2026-11-22", store = "0123", register = "05", number },
            purchasedAt = at.ToString("O", CultureInfo.InvariantCulture),
            code = "2912345" + number,
            lines = [Sale.Line(), Sale.Line(2)],
        };
        return new(Taro, TarosAccount, request, at, campaigns);
    }

    private static string State(JsonElement use) =>
        $"{use.GetProperty("campaign").GetString()} {use.GetProperty("state").GetString()} {use.GetProperty("givenBack").GetBoolean()}";

    /// <summary>Old rows and new ones, ledger and states.</summary>
    private async Task AssertSound()
    {
        await Consistency.Check(coop);
        var watcher = new InvariantWatcher(
            coop.Host.Services.GetRequiredService<Database>(), coop.Host.Services.GetRequiredService<ILedger>(),
            coop.Host.Services.GetRequiredService<IStateReader>(), coop.Clock);
        Assert.Empty(await watcher.Check(TestContext.Current.CancellationToken));
    }

    private async Task<JsonElement[]> Search(string query)
    {
        var page = await coop.Staff().GetFromJsonAsync<JsonElement>($"/staff/v1/ledger?{query}&limit=200");
        return [.. page.GetProperty("rows").EnumerateArray()];
    }
}

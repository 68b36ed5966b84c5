using System.Net;
using System.Text.Json;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Campaigns;

/// <summary>How much a campaign gives away: exact at any moment, given back, and shown.</summary>
public sealed class Limits(RunningSystem coop) : IClassFixture<RunningSystem>
{
    [Theory]
    [InlineData("""{"totalUses":10}""")]
    [InlineData("""{"totalYen":310}""")] // ten times 30, and ten yen that are not enough for one more
    [InlineData("""{"perStoreUses":10,"totalUses":100}""")]
    [InlineData("""{"perStoreUses":1,"perStore":{"0123":{"uses":10}}}""")]
    [InlineData("""{"perDayUses":10,"perDayYen":100000}""")]
    [InlineData("""{"perStoreYen":310}""")]
    [InlineData("""{"perStoreYen":30,"perStore":{"0123":{"yen":310}}}""")]
    [InlineData("""{"perDayYen":310}""")]
    public async Task Of_callers_at_once_exactly_as_many_as_the_limit_allows_are_served(string limits)
    {
        var tofu = await coop.Publish(Some.Campaign(limits: JsonElement.Parse(limits)));
        var phones = await Phones(24);
        var sales = await Task.WhenAll(phones.Select(async phone => coop.Sale(await coop.ShowCode(phone, tofu))));

        var answers = await Task.WhenAll(sales.Select(sale => coop.Redeem(sale)));

        Assert.Equal(10, answers.Count(answer => answer.Outcome == "redeemed"));
        Assert.All(answers.Where(answer => answer.Outcome != "redeemed"), answer => answer.AssertRefused(tofu, "soldOut"));
        var used = await Used(tofu);
        Assert.Equal((10, 300), (used.GetProperty("uses").GetInt64(), used.GetProperty("yen").GetInt64()));
        Assert.Equal(10, used.GetProperty("byStore").GetProperty("0123").GetProperty("uses").GetInt64());
        Assert.Equal(10, used.GetProperty("today").GetProperty("uses").GetInt64());
    }

    [Fact]
    public async Task Each_store_has_numbers_of_its_own()
    {
        var tofu = await coop.Publish(Some.Campaign(limits: new { perStoreUses = 1 }));
        var (one, other, _) = await Three();
        var code = await coop.ShowCode(other, tofu);
        await coop.Use(one, tofu);

        (await coop.Redeem(coop.Sale(code))).AssertRefused(tofu, "soldOut");
        Assert.Equal("redeemed", (await coop.Redeem(coop.Sale(code, "0456"), "0456")).Outcome);
    }

    [Fact]
    public async Task Each_business_date_has_numbers_of_its_own()
    {
        var tofu = await coop.Publish(Some.Campaign(limits: new { perDayUses = 1 }));
        var (one, other, _) = await Three();
        var code = await coop.ShowCode(other, tofu);
        await coop.Use(one, tofu);
        var sale = coop.Sale(code);

        (await coop.Redeem(sale)).AssertRefused(tofu, "soldOut");
        var yesterday = sale with { receipt = new { businessDate = "2026-11-21", store = "0123", register = "05", number = "000001" } };
        Assert.Equal("redeemed", (await coop.Redeem(yesterday)).Outcome);
    }

    [Fact]
    public async Task What_is_given_back_can_be_used_by_the_next()
    {
        var tofu = await coop.Publish(Some.Campaign(limits: new { totalUses = 1, perStoreUses = 1, perDayUses = 1 }));
        var (one, other, third) = await Three();
        var code = await coop.ShowCode(other, tofu);
        var (sale, _) = await coop.Use(one, tofu);
        (await coop.Redeem(coop.Sale(code))).AssertRefused(tofu, "soldOut");

        await coop.Void(sale);

        var next = coop.Sale(code);
        Assert.Equal("redeemed", (await coop.Redeem(next)).Outcome);
        await coop.Return(next, 1);
        Assert.Equal("redeemed", (await coop.Use(third, tofu)).Answer.Outcome);
        Assert.Equal(1, (await Used(tofu)).GetProperty("uses").GetInt64());
    }

    [Fact]
    public async Task A_replay_counts_once_and_a_restore_by_staff_is_given_back_too()
    {
        var tofu = await coop.Publish(Some.Campaign(limits: new { totalUses = 2 }));
        var (one, other, third) = await Three();
        var (sale, _) = await coop.Use(one, tofu);
        Assert.True((await coop.Redeem(sale)).Replayed);
        Assert.Equal("redeemed", (await coop.Use(other, tofu)).Answer.Outcome);

        await coop.Restore(sale, tofu);

        Assert.Equal("redeemed", (await coop.Use(third, tofu)).Answer.Outcome);
        Assert.True((await coop.Redeem(sale)).Replayed);
        Assert.Equal(2, (await Used(tofu)).GetProperty("uses").GetInt64());
    }

    [Fact]
    public async Task Of_several_coupons_the_one_that_is_sold_out_leaves_its_unit_to_another()
    {
        var scarce = await coop.Publish(Some.Campaign(value: 50, limits: new { totalUses = 1 }));
        var plenty = await coop.Publish(Some.Campaign(value: 20));
        var (one, other, _) = await Three();
        var code = await coop.ShowCode(other, scarce, plenty);
        await coop.Use(one, scarce);

        var answer = await coop.Redeem(coop.Sale(code, lines: [Sale.Line(quantity: 1)]));

        Assert.Equal([$"{plenty} on 1: 20"], answer.Discounts);
        Assert.Equal([$"{scarce}: soldOut"], answer.Refusals);
    }

    [Fact]
    public async Task Several_coupons_of_many_callers_never_pass_a_limit()
    {
        var scarce = await coop.Publish(Some.Campaign(value: 50, limits: new { totalUses = 5, perDayYen = 1000 }));
        var plenty = await coop.Publish(Some.Campaign(value: 20, limits: new { totalUses = 100 }));
        var sales = await Task.WhenAll((await Phones(16)).Select(async phone => coop.Sale(await coop.ShowCode(phone, scarce, plenty))));

        var answers = await Task.WhenAll(sales.Select(sale => coop.Redeem(sale)));

        Assert.Equal(5, answers.Count(answer => answer.Discounts.Any(discount => discount.StartsWith(scarce, StringComparison.Ordinal))));
        Assert.Equal(16, answers.Count(answer => answer.Discounts.Any(discount => discount.StartsWith(plenty, StringComparison.Ordinal))));
        Assert.Equal((5, 16), ((await Used(scarce)).GetProperty("uses").GetInt64(), (await Used(plenty)).GetProperty("uses").GetInt64()));
        for (var i = 0; i < sales.Length; i++) Assert.Equal(answers[i].Discounts, (await coop.Redeem(sales[i])).Discounts);
    }

    [Theory]
    [InlineData("""{"totalUses":1}""")]
    [InlineData("""{"totalYen":59}""")]
    [InlineData("""{"perStoreUses":1}""")]
    [InlineData("""{"perDayUses":1}""")]
    public async Task Evaluating_tells_that_it_is_sold_out_and_counts_nothing(string limits)
    {
        var tofu = await coop.Publish(Some.Campaign(limits: JsonElement.Parse(limits)));
        var (one, other, _) = await Three();
        var code = await coop.ShowCode(other, tofu);
        for (var i = 0; i < 3; i++) Assert.Equal("redeemed", (await coop.Redeem(coop.Sale(code), what: "evaluations")).Outcome);

        await coop.Use(one, tofu);

        (await coop.Redeem(coop.Sale(code), what: "evaluations")).AssertRefused(tofu, "soldOut");
    }

    [Fact]
    public async Task The_page_says_nearly_used_up_and_then_used_up()
    {
        var tofu = await coop.Publish(Some.Campaign(limits: new { totalUses = 5 }));
        var phones = await Phones(6);
        foreach (var phone in phones[..3]) await coop.Use(phone, tofu);
        Assert.False(Coupon(await coop.Available(phones[5]), "usable", tofu).TryGetProperty("scarce", out _));

        await coop.Use(phones[3], tofu);
        Assert.Contains("残りわずか", Coupon(await coop.Available(phones[5]), "usable", tofu).GetProperty("scarce").GetString());

        var shown = await coop.ShowCode(phones[5], tofu);
        await coop.Use(phones[4], tofu);
        var page = await coop.Available(phones[5]);
        Assert.DoesNotContain(tofu, page.Campaigns("usable"));
        Assert.Contains("終了しました", Coupon(page, "ended", tofu).GetProperty("text").GetString());
        var progress = await coop.Member(phones[5]).GetFromJsonAsync<JsonElement>($"/coupons/codes/{shown}");
        Assert.Equal("soldOut", progress.GetProperty("refusals")[0].GetProperty("reason").GetString());
        using var refused = await coop.Member(phones[5]).PostAsJsonAsync("/coupons/codes", new { campaigns = new[] { tofu } });
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
    }

    [Theory]
    [InlineData("""{"perStoreUses":1,"totalUses":100}""", "この店舗で")]
    [InlineData("""{"perDayUses":1}""", "本日")]
    [InlineData("""{"totalUses":1,"perDayUses":50}""", "ご用意した数")]
    public async Task The_sentence_says_whether_it_is_this_store_or_this_day(string limits, string words)
    {
        var tofu = await coop.Publish(Some.Campaign(limits: JsonElement.Parse(limits)));
        var (one, other, _) = await Three();
        var code = await coop.ShowCode(other, tofu);
        await coop.Use(one, tofu);

        var message = (await coop.Redeem(coop.Sale(code))).AssertRefused(tofu, "soldOut").GetProperty("message").GetString();

        Assert.Contains(words, message);
        Assert.Equal(words == "ご用意した数", !message!.Contains("本日", StringComparison.Ordinal) && !message.Contains("店舗", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_used_up_for_today_is_there_again_tomorrow_and_the_page_says_so()
    {
        var tofu = await coop.Publish(Some.Campaign(limits: new { perDayUses = 1 }));
        var lastDay = await coop.Publish(Some.Campaign(endsAt: "2026-11-23T00:00:00+09:00", limits: new { perDayUses = 1 }));
        var (one, other, _) = await Three();
        await coop.Use(one, tofu);
        await coop.Use(one, lastDay);

        var page = await coop.Available(other);

        Assert.Contains("あした", Coupon(page, "later", tofu).GetProperty("text").GetString());
        Assert.Contains("終了", Coupon(page, "ended", lastDay).GetProperty("text").GetString());
        Assert.DoesNotContain(tofu, page.Campaigns("ended"));
    }

    [Fact]
    public async Task Yen_that_are_too_few_for_the_coupon_count_as_used_up()
    {
        var tofu = await coop.Publish(Some.Campaign(value: 30, limits: new { totalYen = 70 }));
        var (one, other, third) = await Three();
        await coop.Use(one, tofu);
        Assert.Contains(tofu, (await coop.Available(third)).Campaigns("usable"));

        await coop.Use(other, tofu);

        Assert.Contains(tofu, (await coop.Available(third)).Campaigns("ended"));
        using var refused = await coop.AskForCode(third, tofu);
        Assert.Contains("soldOut", (await refused.AssertProblem(HttpStatusCode.Conflict)).GetRawText());
    }

    [Fact]
    public async Task Once_published_a_limit_rises_and_never_sinks()
    {
        var id = await coop.Publish(Some.Campaign(limits: new { totalUses = 1 }));
        var (one, other, _) = await Three();
        await coop.Use(one, id);

        foreach (var limits in (object[])[new { totalUses = 1, perDayUses = 5 }, new { totalYen = 100 }])
            await Refused(id, Some.Campaign(limits: limits), "campaign-limits");
        await Refused(id, Some.Campaign(value: 40, limits: new { totalUses = 2 }), "campaign-frozen");
        await Define(id, Some.Campaign(limits: new { totalUses = 2 }));

        Assert.Equal("redeemed", (await coop.Use(other, id)).Answer.Outcome);
        await Refused(id, Some.Campaign(limits: new { totalUses = 1 }), "campaign-limits");
        await Refused(id, Some.Campaign(), "campaign-limits");
    }

    [Fact]
    public async Task Before_it_is_published_limits_change_as_they_like()
    {
        var id = Some.CampaignId();
        await Define(id, Some.Campaign());
        await Define(id, Some.Campaign(limits: new { totalUses = 5 }));
        await Define(id, Some.Campaign(limits: new { totalUses = 2, perStore = new Dictionary<string, object> { ["0123"] = new { yen = 300 } } }));

        var campaign = await coop.Staff().GetFromJsonAsync<JsonElement>($"/staff/v1/campaigns/{id}");
        Assert.Equal(300, campaign.GetProperty("limits").GetProperty("perStore").GetProperty("0123").GetProperty("yen").GetInt64());
        Assert.Equal(3, campaign.GetProperty("version").GetInt32());
    }

    private async Task<SimulatedPhone[]> Phones(int count) =>
        await Task.WhenAll(Enumerable.Range(0, count).Select(async _ => (await coop.LinkedFriend()).Phone));

    private async Task<(SimulatedPhone, SimulatedPhone, SimulatedPhone)> Three() => await Phones(3) is [var one, var other, var third]
        ? (one, other, third)
        : throw new InvalidOperationException();

    private async Task<JsonElement> Used(string campaign) =>
        (await coop.Staff().GetFromJsonAsync<JsonElement>($"/staff/v1/campaigns/{campaign}")).GetProperty("used");

    private async Task Define(string id, object campaign)
    {
        using var response = await coop.Staff().PutAsJsonAsync($"/staff/v1/campaigns/{id}", campaign);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
    }

    private async Task Refused(string id, object campaign, string reason)
    {
        using var response = await coop.Staff().PutAsJsonAsync($"/staff/v1/campaigns/{id}", campaign);
        var problem = await response.AssertProblem(HttpStatusCode.Conflict);
        Assert.Equal("urn:coopline:" + reason, problem.GetProperty("type").GetString());
    }

    private static JsonElement Coupon(JsonElement page, string list, string campaign) =>
        page.GetProperty(list).EnumerateArray().Single(one => one.GetProperty("campaign").GetString() == campaign);
}

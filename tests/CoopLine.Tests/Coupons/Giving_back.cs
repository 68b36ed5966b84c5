using System.Net;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Coupons;

/// <summary>Void, return and restore: a coupon comes back exactly once, if it comes back at all.</summary>
[Collection(typeof(CouponHost))]
public sealed class Giving_back(RunningSystem coop)
{
    private const string Milk = "4902345678905";

    [Fact]
    public async Task Given_a_void_then_the_coupon_is_free_for_another_receipt_and_not_for_the_first()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var (sale, first) = await coop.Use(phone, tofu);

        var voided = await coop.Void(sale);
        Assert.Contains(tofu, (await coop.Available(phone)).Campaigns("usable"));
        var replay = await coop.Redeem(sale);
        using var changed = await coop.Till().PostAsJsonAsync("/pos/v1/redemptions", sale with { lines = [Sale.Line(quantity: 1)] });
        var other = await coop.Use(phone, tofu);

        Assert.False(voided.Replayed);
        AssertUse(voided, tofu, "voided", givenBack: true);
        Assert.True(replay.Replayed);
        Assert.Equal("voided", replay.Outcome);
        Assert.Empty(replay.Discounts);
        Assert.Equal($$"""[{"campaign":"{{tofu}}","line":1,"state":"voided"}]""", replay.GetProperty("takenBack").GetRawText());
        Assert.Equal(first.GetProperty("traceId").GetString(), replay.GetProperty("traceId").GetString());
        await changed.AssertProblem(HttpStatusCode.UnprocessableEntity);
        Assert.Equal("redeemed", other.Answer.Outcome);
        Assert.Equal([$"used {tofu} 30", $"voided {tofu} 30 given back"], await coop.LedgerOf(sale));
        Assert.Equal([$"used {tofu} 30"], await coop.LedgerOf(other.Sale));
    }

    [Fact]
    public async Task Given_a_void_when_it_is_sent_again_then_nothing_more_is_given_back()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var (sale, _) = await coop.Use(phone, tofu);
        await coop.Void(sale);
        var other = await coop.Use(phone, tofu);

        var again = await coop.Void(sale);

        Assert.True(again.Replayed);
        AssertUse(again, tofu, "voided", givenBack: true);
        Assert.Contains(tofu, (await coop.Available(phone)).Campaigns("used"));
        Assert.Equal(2, (await coop.LedgerOf(sale)).Length);
        Assert.Equal([$"used {tofu} 30"], await coop.LedgerOf(other.Sale));
    }

    [Fact]
    public async Task Given_a_void_when_sent_in_parallel_then_one_row_is_filed()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var (sale, _) = await coop.Use(phone, tofu);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => coop.Void(sale)));

        Assert.Single(answers, answer => !answer.Replayed);
        Assert.Equal([$"used {tofu} 30", $"voided {tofu} 30 given back"], await coop.LedgerOf(sale));
    }

    [Fact]
    public async Task Given_a_void_after_the_campaigns_end_then_the_coupon_is_not_given_back()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish(Some.Campaign(endsAt: coop.At(TimeSpan.FromMinutes(20))));
        var (sale, _) = await coop.Use(phone, tofu);
        coop.Clock.Advance(TimeSpan.FromMinutes(20));

        var voided = await coop.Void(sale);
        var again = await coop.Void(sale);

        AssertUse(voided, tofu, "voided", givenBack: false);
        Assert.True(again.Replayed);
        Assert.Equal([$"used {tofu} 30", $"voided {tofu} 30"], await coop.LedgerOf(sale));
        Assert.Contains(tofu, (await coop.Available(phone)).Campaigns("used"));
    }

    [Fact]
    public async Task Given_a_void_while_stopped_when_the_campaign_goes_on_then_another_void_changes_nothing_and_staff_can_restore()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var spare = await coop.ShowCode(phone, tofu);
        var (sale, _) = await coop.Use(phone, tofu);
        await Switch(tofu, "stop");
        AssertUse(await coop.Void(sale), tofu, "voided", givenBack: false);
        await Switch(tofu, "publish");

        var again = await coop.Void(sale);

        Assert.True(again.Replayed);
        AssertUse(again, tofu, "voided", givenBack: false);
        (await coop.Redeem(coop.Sale(spare))).AssertRefused(tofu, "alreadyUsed");
        AssertUse(await coop.Restore(sale, tofu), tofu, "restored", givenBack: true);
        Assert.Equal("redeemed", (await coop.Redeem(coop.Sale(spare))).Outcome);
        Assert.Equal([$"used {tofu} 30", $"voided {tofu} 30", $"restored {tofu} 30 given back"], await coop.LedgerOf(sale));
    }

    [Fact]
    public async Task Given_a_void_in_the_campaigns_last_moment_then_the_coupon_is_given_back()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish(Some.Campaign(endsAt: coop.At(TimeSpan.FromMinutes(20))));
        var (sale, _) = await coop.Use(phone, tofu);
        coop.Clock.Advance(TimeSpan.FromMinutes(20) - TimeSpan.FromMilliseconds(1));

        AssertUse(await coop.Void(sale), tofu, "voided", givenBack: true);
    }

    [Fact]
    public async Task Given_two_coupons_when_one_line_comes_back_then_only_its_coupon_is_free()
    {
        var (phone, _) = await coop.LinkedFriend();
        var (tofu, milk, sale) = await TwoCoupons(phone);

        var returned = await coop.Return(sale, 2);

        AssertUse(returned, milk, "returned", givenBack: true);
        var page = await coop.Available(phone);
        Assert.Contains(milk, page.Campaigns("usable"));
        Assert.Contains(tofu, page.Campaigns("used"));
        Assert.Equal($"returned {milk} 50 given back", (await coop.LedgerOf(sale))[^1]);
    }

    [Fact]
    public async Task Given_a_returned_line_when_the_sale_is_sent_again_then_only_what_stands_has_yen()
    {
        var (phone, _) = await coop.LinkedFriend();
        var (tofu, milk, sale) = await TwoCoupons(phone);
        await coop.Return(sale, 2);

        foreach (var what in new[] { "evaluations", "redemptions" })
        {
            var replay = await coop.Redeem(sale, what: what);
            Assert.True(replay.Replayed);
            Assert.Equal("partial", replay.Outcome);
            Assert.Equal([$"{tofu} on 1: 30"], replay.Discounts);
            Assert.Equal($$"""[{"campaign":"{{milk}}","line":2,"state":"returned"}]""", replay.GetProperty("takenBack").GetRawText());
        }

        await coop.Return(sale, 1);
        Assert.Equal("returned", (await coop.Redeem(sale)).Outcome);
        Assert.Empty((await coop.Redeem(sale)).Discounts);
    }

    [Fact]
    public async Task Given_a_restored_use_when_the_sale_is_sent_again_then_it_has_no_yen()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var (sale, _) = await coop.Use(phone, tofu);
        await coop.Restore(sale, tofu);

        var replay = await coop.Redeem(sale);

        Assert.Equal("restored", replay.Outcome);
        Assert.Empty(replay.Discounts);
    }

    [Fact]
    public async Task Given_a_returned_line_when_it_comes_back_again_then_nothing_changes()
    {
        var (phone, _) = await coop.LinkedFriend();
        var (_, milk, sale) = await TwoCoupons(phone);
        await coop.Return(sale, 2);

        var again = await coop.Return(sale, 2, 2);

        Assert.True(again.Replayed);
        AssertUse(again, milk, "returned", givenBack: true);
        Assert.Equal(3, (await coop.LedgerOf(sale)).Length);
    }

    [Fact]
    public async Task Given_a_line_without_a_coupon_when_it_comes_back_then_nothing_changes()
    {
        var (phone, _) = await coop.LinkedFriend();
        var (sale, _) = await coop.Use(phone, await coop.Publish());

        var returned = await coop.Return(sale, 9);

        Assert.True(returned.Replayed);
        Assert.Empty(returned.GetProperty("uses").EnumerateArray());
        Assert.Single(await coop.LedgerOf(sale));
    }

    [Fact]
    public async Task Given_a_returned_line_when_the_receipt_is_voided_then_the_rest_comes_back_and_nothing_twice()
    {
        var (phone, _) = await coop.LinkedFriend();
        var (tofu, milk, sale) = await TwoCoupons(phone);
        await coop.Return(sale, 2);
        Assert.Equal("redeemed", (await coop.Redeem(coop.Sale(await coop.ShowCode(phone, milk), lines: [Sale.Line(1, Milk)]))).Outcome);

        var voided = await coop.Void(sale);

        Assert.Equal(["voided", "returned"], voided.GetProperty("uses").EnumerateArray().Select(use => use.GetProperty("state").GetString()));
        var ledger = await coop.LedgerOf(sale);
        Assert.Equal(4, ledger.Length);
        Assert.Equal($"voided {tofu} 30 given back", ledger[^1]);
        Assert.Contains(milk, (await coop.Available(phone)).Campaigns("used")); // by the other receipt
    }

    [Fact]
    public async Task Given_a_voided_receipt_when_a_line_comes_back_then_nothing_changes()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var (sale, _) = await coop.Use(phone, tofu);
        await coop.Void(sale);

        var returned = await coop.Return(sale, 1);

        Assert.True(returned.Replayed);
        AssertUse(returned, tofu, "voided", givenBack: true);
        Assert.Equal(2, (await coop.LedgerOf(sale)).Length);
    }

    [Fact]
    public async Task Given_a_use_after_the_campaigns_end_then_staff_can_restore_it_and_the_ledger_knows_who_and_why()
    {
        var (phone, member) = await coop.LinkedFriend();
        var tofu = await coop.Publish(Some.Campaign(endsAt: coop.At(TimeSpan.FromMinutes(20))));
        var (sale, _) = await coop.Use(phone, tofu);
        coop.Clock.Advance(TimeSpan.FromMinutes(20));

        var restored = await coop.Restore(sale, tofu, "商品の取り違え");
        var again = await coop.Restore(sale, tofu, "もう一度");

        AssertUse(restored, tofu, "restored", givenBack: true);
        Assert.False(restored.Replayed);
        Assert.True(again.Replayed);
        Assert.Equal([$"used {tofu} 30", $"restored {tofu} 30 given back"], await coop.LedgerOf(sale));
        var page = await coop.Staff().GetFromJsonAsync<System.Text.Json.JsonElement>($"/staff/v1/ledger?kind=restored&receipt={sale.Key}");
        var row = Assert.Single(page.GetProperty("rows").EnumerateArray());
        Assert.Equal("tester", row.GetProperty("actor").GetString());
        Assert.Equal("商品の取り違え", row.GetProperty("reason").GetString());
        Assert.Equal(member.Number, row.GetProperty("member").GetString());
        Assert.DoesNotContain(tofu, (await coop.Available(phone)).Campaigns("used"));
    }

    [Fact]
    public async Task Given_a_void_that_gave_nothing_back_then_staff_can_restore_it_once()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish(Some.Campaign(endsAt: coop.At(TimeSpan.FromMinutes(20))));
        var (sale, _) = await coop.Use(phone, tofu);
        coop.Clock.Advance(TimeSpan.FromMinutes(20));
        await coop.Void(sale);

        var restored = await coop.Restore(sale, tofu);

        AssertUse(restored, tofu, "restored", givenBack: true);
        Assert.Equal([$"used {tofu} 30", $"voided {tofu} 30", $"restored {tofu} 30 given back"], await coop.LedgerOf(sale));
        Assert.True((await coop.Void(sale)).Replayed);
    }

    [Fact]
    public async Task Given_a_restored_use_then_the_coupon_can_be_used_again_while_the_campaign_is_on()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var (sale, _) = await coop.Use(phone, tofu);
        await coop.Restore(sale, tofu);

        Assert.Equal("redeemed", (await coop.Use(phone, tofu)).Answer.Outcome);

        Assert.True((await coop.Void(sale)).Replayed);
        Assert.Contains(tofu, (await coop.Available(phone)).Campaigns("used"));
    }

    [Fact]
    public async Task Given_a_receipt_then_looking_it_up_tells_what_happened_to_it()
    {
        var (phone, _) = await coop.LinkedFriend();
        var (tofu, milk, sale) = await TwoCoupons(phone);
        coop.Clock.Advance(TimeSpan.FromMinutes(1));
        await coop.Return(sale, 2);

        var report = await coop.Till().GetFromJsonAsync<System.Text.Json.JsonElement>($"/pos/v1/receipts/{sale.Key}");

        Assert.Equal(sale.Key.Split('/'), report.GetProperty("receipt").EnumerateObject().Select(part => part.Value.GetString()));
        var uses = report.GetProperty("uses").EnumerateArray().ToDictionary(use => use.GetProperty("campaign").GetString()!);
        Assert.Equal("used", uses[tofu].GetProperty("state").GetString());
        Assert.False(uses[tofu].TryGetProperty("changedAt", out _));
        Assert.Equal("returned", uses[milk].GetProperty("state").GetString());
        Assert.Equal(
            TimeSpan.FromMinutes(1),
            uses[milk].GetProperty("changedAt").GetDateTimeOffset() - uses[milk].GetProperty("usedAt").GetDateTimeOffset());
        Assert.Equal([$"{tofu} on 1: 30", $"{milk} on 2: 50"], report.GetProperty("answer").Discounts);
    }

    [Theory]
    [InlineData("2026-11-22/0123/05/999999", HttpStatusCode.NotFound)]
    [InlineData("2026-11-22/0456/05/999999", HttpStatusCode.Forbidden)]
    [InlineData("2026-13-22/0123/05/999999", HttpStatusCode.BadRequest)]
    [InlineData("20261122/0123/05/999999", HttpStatusCode.BadRequest)]
    [InlineData("2026-11-22/0123/05/99%209", HttpStatusCode.BadRequest)]
    [InlineData("2026-11-22/0123/05/999999999999999999999", HttpStatusCode.BadRequest)]
    public async Task Given_a_receipt_that_is_unknown_foreign_or_none_then_every_way_to_ask_says_so(string key, HttpStatusCode status)
    {
        var till = coop.Till();
        using var looked = await till.GetAsync($"/pos/v1/receipts/{key}");
        using var returned = await till.PostAsJsonAsync($"/pos/v1/receipts/{key}/returns", new { lines = new[] { 1 } });
        using var voided = await till.PostAsync($"/pos/v1/receipts/{key}/void", null);

        await looked.AssertProblem(status);
        if (status != HttpStatusCode.NotFound) await voided.AssertProblem(status); // such a void is remembered
        await returned.AssertProblem(status);
        if (status == HttpStatusCode.Forbidden) return; // staff act for every store
        using var restored = await coop.Staff().PostAsJsonAsync($"/staff/v1/receipts/{key}/restore", new { campaign = "tofu", reason = "?" });
        await restored.AssertProblem(status);
    }

    [Fact]
    public async Task Given_a_receipt_that_did_not_use_the_campaign_then_there_is_nothing_to_restore()
    {
        var (phone, _) = await coop.LinkedFriend();
        var (sale, _) = await coop.Use(phone, await coop.Publish());

        using var restored = await coop.Staff().PostAsJsonAsync(
            $"/staff/v1/receipts/{sale.Key}/restore", new { campaign = "milk", reason = "?" });

        await restored.AssertProblem(HttpStatusCode.NotFound);
        Assert.Single(await coop.LedgerOf(sale));
    }

    [Fact]
    public async Task Given_another_stores_receipt_then_a_till_can_neither_see_nor_void_it()
    {
        var (phone, _) = await coop.LinkedFriend();
        var (sale, _) = await coop.Use(phone, await coop.Publish());

        using var looked = await coop.Till("0456").GetAsync($"/pos/v1/receipts/{sale.Key}");
        using var voided = await coop.Till("0456").PostAsync($"/pos/v1/receipts/{sale.Key}/void", null);

        await looked.AssertProblem(HttpStatusCode.Forbidden);
        await voided.AssertProblem(HttpStatusCode.Forbidden);
        Assert.Single(await coop.LedgerOf(sale));
    }

    private async Task<(string Tofu, string Milk, Sale Sale)> TwoCoupons(CoopLine.Simulator.SimulatedPhone phone)
    {
        var tofu = await coop.Publish();
        var milk = await coop.Publish(Some.Campaign(value: 50, jan: Milk));
        var sale = coop.Sale(await coop.ShowCode(phone, tofu, milk), lines: [Sale.Line(), Sale.Line(2, Milk)]);
        Assert.Equal("redeemed", (await coop.Redeem(sale)).Outcome);
        return (tofu, milk, sale);
    }

    private async Task Switch(string campaign, string what)
    {
        using var done = await coop.Staff().PostAsync($"/staff/v1/campaigns/{campaign}/{what}", null);
        Assert.True(done.IsSuccessStatusCode);
    }

    private static void AssertUse(System.Text.Json.JsonElement answer, string campaign, string state, bool givenBack)
    {
        var use = Assert.Single(answer.GetProperty("uses").EnumerateArray());
        Assert.Equal(campaign, use.GetProperty("campaign").GetString());
        Assert.Equal(state, use.GetProperty("state").GetString());
        Assert.Equal(givenBack, use.GetProperty("givenBack").GetBoolean());
    }
}

using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Coupons;

/// <summary>A code for several coupons: which unit each takes, and what is refused.</summary>
[Collection(typeof(CouponHost))]
public sealed class Several_in_one_code(RunningSystem coop)
{
    private const string Tofu = "4901234567894";
    private const string Milk = "4902345678905";

    [Fact]
    public async Task The_assignment_with_the_largest_total_wins_not_the_largest_single_discount_first()
    {
        var (phone, _) = await coop.LinkedFriend();
        // Alone, "both" would take the milk (100). But "milkOnly" has nowhere else to go: 90 + 80 beats 100.
        var both = await coop.Publish(new
        {
            title = "とうふ・牛乳",
            discount = new { type = "percent", value = 40 },
            items = new { jans = new[] { Tofu, Milk } },
            startsAt = coop.At(TimeSpan.FromDays(-1)),
            endsAt = coop.At(TimeSpan.FromDays(1)),
        });
        var milkOnly = await coop.Publish(Some.Campaign(value: 90, jan: Milk));
        object[] lines = [Sale.Line(1, Milk, 1, 250), Sale.Line(2, Tofu, 1, 200)];

        var sale = coop.Sale(await coop.ShowCode(phone, both, milkOnly), lines: lines);
        var answer = await coop.Redeem(sale);

        Assert.Equal("redeemed", answer.Outcome);
        Assert.Equal([$"{milkOnly} on 1: 90", $"{both} on 2: 80"], answer.Discounts);
        Assert.Equal(new[] { $"used {milkOnly} 90", $"used {both} 80" }.Order(), (await coop.LedgerOf(sale)).Order());
    }

    [Fact]
    public async Task Equal_totals_go_by_line_then_by_campaign_whatever_the_order_of_choosing()
    {
        var (phone, _) = await coop.LinkedFriend();
        var a = await coop.Publish(Some.Campaign());
        var b = await coop.Publish(Some.Campaign());
        object[] lines = [Sale.Line(7, quantity: 1), Sale.Line(3, quantity: 1)];

        var answer = await coop.Redeem(coop.Sale(await coop.ShowCode(phone, b, a), lines: lines));

        Assert.Equal([$"{a} on 3: 30", $"{b} on 7: 30"], answer.Discounts);
    }

    [Fact]
    public async Task Some_used_and_some_refused_is_a_partial_answer_and_a_replay_says_the_same()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var milk = await coop.Publish(Some.Campaign(jan: Milk));
        var elsewhere = await coop.Publish(Some.Campaign(stores: ["0456"]));
        var sale = coop.Sale(await coop.ShowCode(phone, tofu, milk, elsewhere));

        var answer = await coop.Redeem(sale);
        var replay = await coop.Redeem(sale);

        Assert.Equal("partial", answer.Outcome);
        Assert.Equal([$"{tofu} on 1: 30"], answer.Discounts);
        Assert.Equal(new[] { $"{milk}: noEligibleItem", $"{elsewhere}: storeNotEligible" }.Order(), answer.Refusals.Order());
        Assert.True(replay.Replayed);
        Assert.Equal(answer.Discounts, replay.Discounts);
        Assert.Equal(answer.Refusals, replay.Refusals);
        Assert.Equal([$"used {tofu} 30"], await coop.LedgerOf(sale));
        Assert.Contains(milk, (await coop.Available(phone)).Campaigns("usable"));
    }

    [Fact]
    public async Task None_used_is_refused_with_a_reason_for_each_and_is_not_remembered()
    {
        var (phone, _) = await coop.LinkedFriend();
        var milk = await coop.Publish(Some.Campaign(jan: Milk));
        var elsewhere = await coop.Publish(Some.Campaign(stores: ["0456"]));
        var sale = coop.Sale(await coop.ShowCode(phone, milk, elsewhere));

        var answer = await coop.Redeem(sale);

        Assert.Equal("refused", answer.Outcome);
        Assert.Empty(answer.Discounts);
        Assert.Equal(new[] { $"{milk}: noEligibleItem", $"{elsewhere}: storeNotEligible" }.Order(), answer.Refusals.Order());
        using var unknown = await coop.Till().GetAsync($"/pos/v1/receipts/{sale.Key}");
        await unknown.AssertProblem(System.Net.HttpStatusCode.NotFound);
        var corrected = await coop.Redeem(sale with { lines = [Sale.Line(1, Milk, 1, 250)] });
        Assert.Equal("partial", corrected.Outcome);
        Assert.Equal([$"{milk} on 1: 30"], corrected.Discounts);
    }

    [Fact]
    public async Task A_coupon_whose_unit_another_one_took_says_so_and_stays()
    {
        var (phone, _) = await coop.LinkedFriend();
        var (less, more) = (await coop.Publish(Some.Campaign(20)), await coop.Publish(Some.Campaign(30)));

        var answer = await coop.Redeem(coop.Sale(await coop.ShowCode(phone, less, more), lines: [Sale.Line(quantity: 1)]));

        Assert.Equal([$"{more} on 1: 30"], answer.Discounts);
        Assert.Equal([$"{less}: takenByAnother"], answer.Refusals);
        Assert.Contains(less, (await coop.Available(phone)).Campaigns("usable"));
    }

    [Fact]
    public async Task A_code_for_several_coupons_can_be_used_on_two_receipts_each_coupon_once()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var milk = await coop.Publish(Some.Campaign(jan: Milk));
        var code = await coop.ShowCode(phone, tofu, milk);

        var first = await coop.Redeem(coop.Sale(code));
        var second = await coop.Redeem(coop.Sale(code, lines: [Sale.Line(), Sale.Line(2, Milk)]));

        Assert.Equal([$"{tofu} on 1: 30"], first.Discounts);
        Assert.Equal([$"{milk} on 2: 30"], second.Discounts);
        Assert.Equal([$"{tofu}: alreadyUsed"], second.Refusals);
    }

    [Fact]
    public async Task Twenty_coupons_on_five_hundred_lines_are_settled()
    {
        var (phone, _) = await coop.LinkedFriend();
        var campaigns = new List<string>();
        for (var i = 0; i < 20; i++) campaigns.Add(await coop.Publish(Some.Campaign(value: 10 + i)));
        object[] lines = [.. Enumerable.Range(1, 500).Select(line => Sale.Line(line, quantity: 1))];
        var sale = coop.Sale(await coop.ShowCode(phone, [.. campaigns]), lines: lines);

        var answer = await coop.Redeem(sale);

        Assert.Equal("redeemed", answer.Outcome);
        Assert.Equal(Enumerable.Range(1, 20).Select(line => $"{campaigns[line - 1]} on {line}: {9 + line}"), answer.Discounts);
        Assert.Equal(20, (await coop.LedgerOf(sale)).Length);
    }

    [Theory]
    [InlineData("yen", 300, 198, 198)] // never below 0 yen
    [InlineData("percent", 15, 199, 29)] // 29.85, rounded down
    [InlineData("percent", 100, 198, 198)]
    [InlineData("price", 100, 198, 98)]
    [InlineData("price", 0, 198, 198)]
    public async Task Discounts_are_whole_yen(string type, int value, int unitPrice, int amount)
    {
        var (phone, _) = await coop.LinkedFriend();
        var campaign = await coop.Publish(Some.Campaign(value, type));

        var answer = await coop.Redeem(coop.Sale(await coop.ShowCode(phone, campaign), lines: [Sale.Line(unitPrice: unitPrice)]));

        Assert.Equal([$"{campaign} on 1: {amount}"], answer.Discounts);
    }

    [Theory]
    [InlineData("price", 198)]
    [InlineData("price", 50)]
    [InlineData("percent", 1)] // 1 % of 50 yen is less than a yen
    public async Task A_coupon_that_takes_nothing_off_is_not_used_up(string type, int value)
    {
        var (phone, _) = await coop.LinkedFriend();
        var campaign = await coop.Publish(Some.Campaign(value, type));

        var answer = await coop.Redeem(coop.Sale(await coop.ShowCode(phone, campaign), lines: [Sale.Line(unitPrice: 50)]));

        answer.AssertRefused(campaign, "noSaving");
    }
}

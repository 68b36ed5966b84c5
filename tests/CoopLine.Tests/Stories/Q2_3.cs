using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Stories;

/// <summary>1枚のLINEクーポンで対象商品を2点購入した場合、2点とも値引きされますか。 — 値引きは1点分です。</summary>
[Collection(typeof(StoryHost))]
public sealed class Q2_3(RunningSystem coop)
{
    [Fact]
    public async Task Two_units_on_one_line_get_one_discount()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();

        var answer = await coop.Redeem(coop.Sale(await coop.ShowCode(phone, tofu), lines: [Sale.Line(quantity: 2)]));

        Assert.Equal([$"{tofu} on 1: 30"], answer.Discounts);
        Assert.Equal(1, answer.GetProperty("discounts")[0].GetProperty("units").GetInt32());
    }

    [Fact]
    public async Task Two_lines_of_the_same_item_get_one_discount()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var code = await coop.ShowCode(phone, tofu);

        var sale = coop.Sale(code, lines: [Sale.Line(1, quantity: 1), Sale.Line(2, quantity: 1)]);
        var answer = await coop.Redeem(sale);

        Assert.Equal([$"{tofu} on 1: 30"], answer.Discounts);
        Assert.Equal([$"used {tofu} 30"], await coop.LedgerOf(sale));
    }

    [Fact]
    public async Task One_unit_takes_one_coupon_the_one_that_gives_more()
    {
        var (phone, _) = await coop.LinkedFriend();
        var less = await coop.Publish(Some.Campaign(value: 30));
        var more = await coop.Publish(Some.Campaign(value: 20, type: "percent"));
        var code = await coop.ShowCode(phone, less, more);

        var answer = await coop.Redeem(coop.Sale(code, lines: [Sale.Line(quantity: 1)]));

        Assert.Equal("partial", answer.Outcome);
        Assert.Equal([$"{more} on 1: 39"], answer.Discounts); // 20 % of 198 is 39.6, rounded down
        Assert.Equal([$"{less}: takenByAnother"], answer.Refusals);
        Assert.Contains(less, (await coop.Available(phone)).Campaigns("usable"));
    }

    [Fact]
    public async Task Two_coupons_take_one_unit_each_of_a_line_of_two()
    {
        var (phone, _) = await coop.LinkedFriend();
        var one = await coop.Publish(Some.Campaign(value: 30));
        var two = await coop.Publish(Some.Campaign(value: 98, type: "price"));
        var code = await coop.ShowCode(phone, two, one);

        var answer = await coop.Redeem(coop.Sale(code, lines: [Sale.Line(quantity: 2)]));

        Assert.Equal("redeemed", answer.Outcome);
        Assert.Equal([$"{one} on 1: 30", $"{two} on 1: 100"], answer.Discounts);
    }
}

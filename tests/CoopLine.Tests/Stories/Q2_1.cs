using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Stories;

/// <summary>LINEクーポンと他のクーポン・金券類と併用できますか。 — 併用での利用は可能です。</summary>
[Collection(typeof(StoryHost))]
public sealed class Q2_1(RunningSystem coop)
{
    [Fact]
    public async Task Several_LINE_coupons_are_used_on_one_receipt_with_one_code()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var milk = await coop.Publish(Some.Campaign(value: 50, jan: "4902345678905"));

        var sale = coop.Sale(await coop.ShowCode(phone, tofu, milk), lines: [Sale.Line(), Sale.Line(2, "4902345678905", 1, 238)]);
        var answer = await coop.Redeem(sale);

        Assert.Equal("redeemed", answer.Outcome);
        Assert.Equal([$"{tofu} on 1: 30", $"{milk} on 2: 50"], answer.Discounts);
        Assert.Equal([$"used {tofu} 30", $"used {milk} 50"], (await coop.LedgerOf(sale)).Order());
    }

    [Fact]
    public async Task What_else_the_till_takes_off_stays_the_tills_own_business()
    {
        // A voucher changes nothing that the till sends: the receipt's items and their prices are the same.
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var code = await coop.ShowCode(phone, tofu);
        var sale = coop.Sale(code, lines:
        [
            Sale.Line(),
            new { line = 2, category = "9001", quantity = 1, unitPrice = 30, markdown = "no" },
        ]);

        var answer = await coop.Redeem(sale);

        Assert.Equal([$"{tofu} on 1: 30"], answer.Discounts);
    }

    [Fact]
    public async Task The_coupon_page_says_so()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();

        var page = await coop.Available(phone);

        Assert.Contains(tofu, page.Campaigns("usable"));
        Assert.Contains("ほかのクーポンや金券と併用できます", page.GetProperty("conditions").EnumerateArray().Select(one => one.GetString()));
    }
}

using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Coupons;

/// <summary>One item has several spellings: zeros in front of a GTIN mean nothing, in the campaign or at the till.</summary>
[Collection(typeof(CouponHost))]
public sealed class Same_item(RunningSystem coop)
{
    [Theory]
    [InlineData("012345678905", "0012345678905")]
    [InlineData("0012345678905", "012345678905")]
    [InlineData("49012347", "0000049012347")]
    [InlineData("0000049012347", "49012347")]
    [InlineData("000049012347", "49012347")]
    [InlineData("4901234567894", "04901234567894")]
    public async Task An_item_is_the_same_however_many_zeros_are_in_front(string campaign, string till)
    {
        var (phone, _) = await coop.LinkedFriend();
        var coupon = await coop.Publish(Some.Campaign(jan: campaign));

        var answer = await coop.Redeem(coop.Sale(await coop.ShowCode(phone, coupon), lines: [Sale.Line(jan: till)]));

        Assert.Equal([$"{coupon} on 1: 30"], answer.Discounts);
    }

    [Theory]
    [InlineData("012345", "0012345678905", true)]
    [InlineData("0012345", "012345678905", true)]
    [InlineData("49012", "0000049012347", true)]
    [InlineData("00000490", "49012347", true)]
    [InlineData("490123", "04901234567894", true)]
    [InlineData("04", "4901234567894", false)] // American items, not all of Japan's
    [InlineData("04", "04901234567894", false)]
    [InlineData("12345", "012345678905", false)]
    public async Task A_prefix_names_the_item_in_every_spelling_or_in_none(string prefix, string till, bool named)
    {
        var (phone, _) = await coop.LinkedFriend();
        var coupon = await coop.Publish(new
        {
            title = "えらべる",
            discount = new { type = "yen", value = 30 },
            items = new { janPrefixes = new[] { prefix } },
            startsAt = coop.At(TimeSpan.FromDays(-1)),
            endsAt = coop.At(TimeSpan.FromDays(1)),
        });

        var answer = await coop.Redeem(coop.Sale(await coop.ShowCode(phone, coupon), lines: [Sale.Line(jan: till)]));

        if (named) Assert.Equal([$"{coupon} on 1: 30"], answer.Discounts);
        else answer.AssertRefused(coupon, "noEligibleItem");
    }

    [Fact]
    public async Task Another_spelling_is_another_request_all_the_same()
    {
        var (phone, _) = await coop.LinkedFriend();
        var sale = coop.Sale(
            await coop.ShowCode(phone, await coop.Publish(Some.Campaign(jan: "012345678905"))), lines: [Sale.Line(jan: "012345678905")]);
        await coop.Redeem(sale);

        using var other = await coop.Till().PostAsJsonAsync(
            "/pos/v1/redemptions", sale with { lines = [Sale.Line(jan: "0012345678905")] });

        await other.AssertProblem(System.Net.HttpStatusCode.UnprocessableEntity);
    }
}

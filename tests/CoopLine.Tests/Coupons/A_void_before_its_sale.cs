using System.Text.Json;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Coupons;

/// <summary>A till's void may overtake the sale that it reverses: it is remembered, and the sale uses nothing when it comes.</summary>
[Collection(typeof(CouponHost))]
public sealed class A_void_before_its_sale(RunningSystem coop)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task The_late_sale_is_answered_voided_and_uses_nothing(int coupons)
    {
        var (phone, _) = await coop.LinkedFriend();
        string[] campaigns = [await coop.Publish(), await coop.Publish()];
        var sale = coop.Sale(await coop.ShowCode(phone, campaigns[..coupons]));

        var voided = await coop.Void(sale);
        var again = await coop.Void(sale);

        Assert.False(voided.Replayed);
        Assert.True(again.Replayed);
        Assert.Empty(voided.GetProperty("uses").EnumerateArray());
        foreach (var what in new[] { "evaluations", "redemptions", "redemptions" })
        {
            AssertVoided(await coop.Redeem(sale, what: what));
            AssertVoided(await coop.Redeem(sale with { lines = [Sale.Line(quantity: 1)] }, what: what));
        }

        Assert.Equal(["voided none 0"], await coop.LedgerOf(sale));
        Assert.Empty(campaigns.Except((await coop.Available(phone)).Campaigns("usable")));
    }

    [Fact]
    public async Task It_is_remembered_after_a_restart_and_looking_the_receipt_up_tells_it()
    {
        var (phone, _) = await coop.LinkedFriend();
        var sale = coop.Sale(await coop.ShowCode(phone, await coop.Publish()));
        await coop.Void(sale);

        await coop.Restart();

        AssertVoided(await coop.Redeem(sale));
        var report = await coop.Till().GetFromJsonAsync<JsonElement>($"/pos/v1/receipts/{sale.Key}");
        Assert.Empty(report.GetProperty("uses").EnumerateArray());
        Assert.Equal("voided", report.GetProperty("answer").Outcome);
        Assert.Empty((await coop.Return(sale, 1)).GetProperty("uses").EnumerateArray());
    }

    [Fact]
    public async Task A_sale_that_would_be_refused_is_voided_too()
    {
        var (phone, _) = await coop.LinkedFriend();
        var sale = coop.Sale(await coop.ShowCode(phone, await coop.Publish()), lines: [Sale.Line(jan: "4902345678905")]);
        await coop.Void(sale);

        AssertVoided(await coop.Redeem(sale));
        AssertVoided(await coop.Redeem(sale with { code = "2912345678906" }));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Whichever_comes_first_at_the_same_moment_no_coupon_stays_used(int coupons)
    {
        var (phone, _) = await coop.LinkedFriend();
        string[] campaigns = [await coop.Publish(), await coop.Publish()];
        for (var round = 0; round < 12; round++)
        {
            var sale = coop.Sale(await coop.ShowCode(phone, campaigns[..coupons]));

            var selling = coop.Redeem(sale);
            var voiding = coop.Void(sale);
            await Task.WhenAll(selling, voiding);

            AssertVoided(await coop.Redeem(sale));
            Assert.Empty(campaigns.Except((await coop.Available(phone)).Campaigns("usable")));
        }
    }

    private static void AssertVoided(JsonElement answer)
    {
        Assert.Equal("voided", answer.Outcome);
        Assert.Empty(answer.Discounts);
        Assert.Empty(answer.Refusals);
        Assert.True(answer.Replayed);
    }
}

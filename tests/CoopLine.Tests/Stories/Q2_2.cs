using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Stories;

/// <summary>値引シールが貼られている商品でLINEクーポンは利用できますか。 — 利用できません。</summary>
[Collection(typeof(StoryHost))]
public sealed class Q2_2(RunningSystem coop)
{
    [Fact]
    public async Task An_item_with_a_discount_sticker_gets_no_coupon_and_the_coupon_stays()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var code = await coop.ShowCode(phone, tofu);
        var marked = coop.Sale(code, lines: [Sale.Line(markdown: "yes")]);

        (await coop.Redeem(marked)).AssertRefused(tofu, "markedDown");

        Assert.Empty(await coop.LedgerOf(marked));
        var corrected = await coop.Redeem(marked with { lines = [Sale.Line()] });
        Assert.Equal([$"{tofu} on 1: 30"], corrected.Discounts);
    }

    [Fact]
    public async Task Beside_a_marked_down_one_the_unmarked_item_gets_it()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var code = await coop.ShowCode(phone, tofu);

        var answer = await coop.Redeem(coop.Sale(code, lines: [Sale.Line(markdown: "yes"), Sale.Line(2)]));

        Assert.Equal([$"{tofu} on 2: 30"], answer.Discounts);
    }

    [Theory]
    [InlineData("unknown")]
    [InlineData(null)]
    public async Task When_the_till_does_not_know_the_campaign_decides(string? markdown)
    {
        var (phone, _) = await coop.LinkedFriend();
        var careful = await coop.Publish();
        var generous = await coop.Publish(Some.Campaign(value: 40, unknownMarkdown: "allow"));
        object[] lines = [new { line = 1, jan = "4901234567894", quantity = 3, unitPrice = 198, markdown }];

        var answer = await coop.Redeem(coop.Sale(await coop.ShowCode(phone, careful, generous), lines: lines));

        Assert.Equal("partial", answer.Outcome);
        Assert.Equal([$"{generous} on 1: 40"], answer.Discounts);
        Assert.Equal([$"{careful}: markedDown"], answer.Refusals);
    }

    [Fact]
    public async Task Even_a_generous_campaign_takes_no_item_that_is_marked_down_for_certain()
    {
        var (phone, _) = await coop.LinkedFriend();
        var generous = await coop.Publish(Some.Campaign(unknownMarkdown: "allow"));
        var code = await coop.ShowCode(phone, generous);

        var answer = await coop.Redeem(coop.Sale(code, lines: [Sale.Line(markdown: "yes")]));

        answer.AssertRefused(generous, "markedDown");
    }
}

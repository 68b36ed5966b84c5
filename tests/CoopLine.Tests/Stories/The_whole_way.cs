using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Stories;

/// <summary>Banner to register: what CoopLine is for.</summary>
[Collection(typeof(StoryHost))]
public sealed class The_whole_way(RunningSystem coop)
{
    [Fact]
    public async Task A_member_links_shows_a_coupon_and_a_till_redeems_it_once()
    {
        var member = await coop.NewMember();
        var tofu = await coop.Publish();
        var phone = await coop.NewFriend();

        await coop.Link(phone, member);
        var code = await coop.ShowCode(phone, tofu);
        var sale = coop.Sale(code);
        var first = await coop.Redeem(sale);
        var replay = await coop.Redeem(sale);

        Assert.Equal("redeemed", first.GetProperty("outcome").GetString());
        Assert.Equal(30, first.GetProperty("discounts")[0].GetProperty("amount").GetInt32());
        Assert.False(first.GetProperty("replayed").GetBoolean());
        Assert.True(replay.GetProperty("replayed").GetBoolean());
    }
}

using System.Net;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Stories;

/// <summary>Without a link there is something for everybody; with it there is more, at once, and for one's own businesses.</summary>
[Collection(typeof(StoryHost))]
public sealed class Q1_1(RunningSystem coop)
{
    [Fact]
    public async Task A_friend_without_a_link_is_answered_and_invited_and_has_no_coupons()
    {
        var everybodys = await coop.Publish();

        var phone = await coop.NewFriend();
        var welcome = await phone.WaitForMessage("お友だち登録ありがとうございます");
        await phone.Say("こんにちは");
        var help = await phone.WaitForMessage("ご質問にお答えできません");

        Assert.Contains("組合員番号を連携すると、お得な情報と、お店で使えるクーポンが届きます", welcome.Text, StringComparison.Ordinal);
        Assert.Contains("組合員番号で連携する", help.Text, StringComparison.Ordinal);
        Assert.Equal(LinkingSteps.DefaultMenu, phone.RichMenu);
        var (linked, usable, _) = await coop.Coupons(phone);
        Assert.False(linked);
        Assert.Empty(usable);
        using var code = await coop.AskForCode(phone, everybodys);
        Assert.Equal(HttpStatusCode.Forbidden, code.StatusCode);
    }

    [Theory]
    [InlineData("store", true, false, false)]
    [InlineData("home", false, true, false)]
    [InlineData("group", false, false, true)]
    [InlineData("home;group", false, true, true)]
    public async Task A_member_sees_at_once_what_is_meant_for_the_businesses_he_uses(
        string businesses, bool store, bool home, bool group)
    {
        var everybodys = await coop.Publish();
        var stores = await coop.Publish(Some.Campaign(businesses: ["store"]));
        var homes = await coop.Publish(Some.Campaign(businesses: ["home"]));
        var groups = await coop.Publish(Some.Campaign(businesses: ["group"]));
        var (phone, member) = await coop.Newcomer(businesses);

        await coop.Link(phone, member);

        var (linked, usable, _) = await coop.Coupons(phone);
        Assert.True(linked);
        Assert.Contains(everybodys, usable);
        Assert.Equal(store, usable.Contains(stores));
        Assert.Equal(home, usable.Contains(homes));
        Assert.Equal(group, usable.Contains(groups));
    }
}

using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Stories;

/// <summary>I want to link another number: members unlink themselves, stay friends, and link again from the banner.</summary>
[Collection(typeof(StoryHost))]
public sealed class Q1_6(RunningSystem coop)
{
    [Fact]
    public async Task A_member_unlinks_with_the_banner_stays_a_friend_and_links_a_new_number()
    {
        var (phone, old) = await coop.LinkedFriend();
        var other = await coop.NewMember();

        Assert.Equal(LinkingSteps.LinkedMenu, phone.RichMenu);
        await phone.Unlink();
        var goodbye = await phone.WaitForMessage("連携を解除しました");

        Assert.Contains("お友だち登録は、そのまま残っています", goodbye.Text, StringComparison.Ordinal);
        Assert.True(phone.IsFriend);
        Assert.True(await coop.IsFree(old.Number));
        await coop.Link(phone, other);
        Assert.True(await coop.IsLinked(other.Number, phone));
        Assert.True(await coop.IsFree(old.Number));
    }
}

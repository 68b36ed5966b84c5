using System.Net;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Stories;

/// <summary>A new smartphone: with the same LINE account nothing changes; with another one the co-op unlinks the old one.</summary>
[Collection(typeof(StoryHost))]
public sealed class Q1_8(RunningSystem coop)
{
    [Fact]
    public async Task Whoever_takes_his_LINE_account_along_stays_linked()
    {
        var (phone, member) = await coop.LinkedFriend();

        // A new device may follow anew; the LINE account is the same.
        await phone.Follow();
        await phone.Settle();
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);

        Assert.True(await coop.IsLinked(member.Number, phone));
    }

    [Fact]
    public async Task Whoever_does_not_asks_the_co_op_to_unlink_the_old_account_and_links_again()
    {
        var (old, member) = await coop.LinkedFriend();
        var replacement = await coop.NewFriend();

        var refused = await coop.Answer(await coop.OpenPage(replacement), member);
        using var unlinked = await coop.UnlinkByStaff(member.Number, "機種変更", "運転免許証");
        await old.WaitForRichMenu(LinkingSteps.DefaultMenu);
        await coop.Link(replacement, member);

        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Contains("機種変更などで前のLINEが使えないときは、お電話ください。ご本人を確認して、前の連携を解除します", refused.Text, StringComparison.Ordinal);
        LinkingSteps.AssertNamesWhomToCall(refused.Text);
        Assert.Equal(HttpStatusCode.OK, unlinked.StatusCode);
        Assert.True(await coop.IsLinked(member.Number, replacement));
        Assert.False((await coop.Coupons(old)).Linked);
        Assert.True((await coop.Coupons(replacement)).Linked);
    }
}

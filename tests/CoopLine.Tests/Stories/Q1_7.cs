using System.Net;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Stories;

/// <summary>One member number cannot be linked to several LINE accounts.</summary>
[Collection(typeof(StoryHost))]
public sealed class Q1_7(RunningSystem coop)
{
    [Fact]
    public async Task A_second_account_is_refused_on_the_page()
    {
        var (first, member) = await coop.LinkedFriend();
        var second = await coop.NewFriend();
        var page = await coop.OpenPage(second);

        var refused = await coop.Answer(page, member);

        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        Assert.Contains("1つの番号を2つのLINEと連携することはできません", refused.Text, StringComparison.Ordinal);
        Assert.True(await coop.IsLinked(member.Number, first));
    }

    [Fact]
    public async Task Of_two_accounts_that_both_filled_in_the_form_the_second_is_told_what_to_do()
    {
        var (first, member) = await coop.Newcomer();
        var second = await coop.NewFriend();
        var dialogOfFirst = await coop.FillInForm(first, member);
        var dialogOfSecond = await coop.FillInForm(second, member);

        await coop.Line.OpenAccountLinkDialog(dialogOfFirst, first.UserId);
        await first.WaitForRichMenu(LinkingSteps.LinkedMenu);
        await coop.Line.OpenAccountLinkDialog(dialogOfSecond, second.UserId);
        var told = await second.WaitForMessage("すでに別のLINEと連携されています");

        LinkingSteps.AssertNamesWhomToCall(told.Text);
        Assert.Equal(LinkingSteps.DefaultMenu, second.RichMenu);
        Assert.True(await coop.IsLinked(member.Number, first));
        Assert.Single(await coop.Ledger(member.Number, "linked"));
    }

    [Fact]
    public async Task One_account_cannot_have_two_numbers_either()
    {
        var (phone, member) = await coop.LinkedFriend();
        var other = await coop.NewMember();

        await phone.TapBanner("link");
        var told = await phone.WaitForMessage("先にメニューの「組合員番号連携解除」を押して解除してください");

        Assert.Empty(told.Buttons);
        Assert.True(await coop.IsLinked(member.Number, phone));
        Assert.True(await coop.IsFree(other.Number));
    }
}

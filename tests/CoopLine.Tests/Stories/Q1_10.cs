using System.Net;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Stories;

/// <summary>Ten minutes from the opening of the page; after that, close it and tap the banner again.</summary>
[Collection(typeof(StoryHost))]
public sealed class Q1_10(RunningSystem coop)
{
    private static readonly TimeSpan TenMinutes = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Instant = TimeSpan.FromMilliseconds(1);

    [Fact]
    public async Task The_whole_way_may_take_until_just_before_the_ten_minutes_are_over()
    {
        var (phone, member) = await coop.Newcomer();
        var dialog = await coop.FillInForm(phone, member);

        coop.Clock.Advance(TenMinutes - Instant);
        await coop.Line.OpenAccountLinkDialog(dialog, phone.UserId);
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);

        Assert.True(await coop.IsLinked(member.Number, phone));
    }

    [Fact]
    public async Task After_ten_minutes_the_page_says_what_to_do_and_doing_it_works()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);

        coop.Clock.Advance(TenMinutes);
        var late = await coop.Answer(page, member);

        Assert.Equal(HttpStatusCode.Gone, late.Status);
        Assert.Contains("10分を過ぎたため、連携できません", late.Text, StringComparison.Ordinal);
        Assert.Contains("この画面を閉じて、もう一度LINEの「組合員番号で連携する」を押してください", late.Text, StringComparison.Ordinal);
        Assert.True(await coop.IsFree(member.Number));
        await coop.Link(phone, member);
        Assert.True(await coop.IsLinked(member.Number, phone));
    }

    [Fact]
    public async Task Who_is_too_late_in_LINE_s_dialog_is_told_in_the_chat()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);
        coop.Clock.Advance(TimeSpan.FromMinutes(9));
        var answer = await coop.Answer(page, member);

        coop.Clock.Advance(TimeSpan.FromMinutes(1));
        await coop.Line.OpenAccountLinkDialog(answer.Location!, phone.UserId);
        var told = await phone.WaitForMessage("10分を過ぎたため、連携できませんでした");

        Assert.Contains("入力画面を閉じて、もう一度メニューの「組合員番号で連携する」を押してください", told.Text, StringComparison.Ordinal);
        Assert.True(await coop.IsFree(member.Number));
        Assert.Equal(LinkingSteps.DefaultMenu, phone.RichMenu);
    }
}

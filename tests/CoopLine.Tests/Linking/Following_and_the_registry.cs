using System.Text.Json;
using CoopLine.Grains;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Linking;

/// <summary>Block, follow again, leaving the co-op, a new member number (product rule 1.11).</summary>
public sealed class Following_and_the_registry(RunningSystem coop) : IClassFixture<RunningSystem>
{
    [Fact]
    public async Task A_block_keeps_the_link_and_a_follow_brings_the_menu_back()
    {
        var (phone, member) = await coop.LinkedFriend();

        await phone.Block();
        Assert.True(await coop.IsLinked(member.Number, phone));
        Assert.NotEqual(LinkingSteps.LinkedMenu, phone.RichMenu);
        coop.Clock.Advance(TimeSpan.FromDays(2));
        await phone.Unblock();
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);
        await phone.WaitForMessage("組合員番号は連携されています");

        Assert.True(await coop.IsLinked(member.Number, phone));
        Assert.True((await coop.Coupons(phone)).Linked);
    }

    [Fact]
    public async Task While_blocked_nothing_is_sent_and_what_must_be_said_comes_after_the_next_follow()
    {
        var (phone, member) = await coop.LinkedFriend();
        await phone.Block();
        await coop.SenderIsIdle(phone);
        var calls = CallsFor(phone);

        await UnlinkByStaffUntilTheAccountKnows(member, phone);
        Assert.Equal(calls, CallsFor(phone));
        await phone.Unblock();
        await phone.WaitForMessage("生協の窓口で組合員番号の連携を解除しました");
        await phone.Settle();

        Assert.Equal(LinkingSteps.DefaultMenu, phone.RichMenu);
        Assert.Equal(1, phone.Count("生協の窓口で組合員番号の連携を解除しました"));
    }

    [Fact]
    public async Task An_older_unfollow_that_arrives_late_does_not_block()
    {
        var (phone, member) = await coop.LinkedFriend();
        coop.Line.Trouble.Webhooks.HoldBack = true;
        await phone.Block();
        coop.Clock.Advance(TimeSpan.FromSeconds(1));
        await phone.Unblock();

        await coop.Line.ReleaseWebhooks(latestFirst: true);
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);
        Assert.True(await coop.IsLinked(member.Number, phone));

        // Said without having been asked, so that no newer event of the phone can have ended the block.
        using (await coop.UnlinkByStaff(member.Number)) { }
        await phone.WaitForMessage("生協の窓口で組合員番号の連携を解除しました");
    }

    [Fact]
    public async Task An_older_follow_that_arrives_late_does_not_unblock()
    {
        var (phone, member) = await coop.LinkedFriend();
        coop.Line.Trouble.Webhooks.HoldBack = true;
        coop.Clock.Advance(TimeSpan.FromSeconds(1));
        await phone.Unblock();
        coop.Clock.Advance(TimeSpan.FromSeconds(1));
        await phone.Block();

        await coop.Line.ReleaseWebhooks(latestFirst: true);
        await coop.SenderIsIdle(phone);
        var calls = CallsFor(phone);
        await UnlinkByStaffUntilTheAccountKnows(member, phone);

        Assert.Equal(calls, CallsFor(phone));
    }

    [Fact]
    public async Task Who_left_the_co_op_is_unlinked_and_told()
    {
        var tofu = await coop.Publish();
        var (phone, member) = await coop.LinkedFriend();
        Assert.Contains(tofu, (await coop.Coupons(phone)).Usable);

        await coop.Register(member with { Status = "withdrawn" });
        Assert.False((await coop.Coupons(phone)).Linked); // at once
        await coop.NextRound();
        await phone.WaitForRichMenu(LinkingSteps.DefaultMenu);
        await phone.WaitForMessage("組合員のご登録がなくなったため");

        Assert.True(await coop.IsFree(member.Number));
        var row = Assert.Single(await coop.Ledger(member.Number, "unlinked"));
        Assert.Equal("registry", row.GetProperty("actor").GetString());
        var past = Assert.Single((await coop.Look(member.Number)).GetProperty("history").EnumerateArray());
        Assert.Equal("withdrawn", past.GetProperty("end").GetString());
    }

    [Fact]
    public async Task Who_leaves_between_form_and_dialog_is_not_linked_and_told_so()
    {
        var (phone, member) = await coop.Newcomer();
        var dialog = await coop.FillInForm(phone, member);

        await coop.Register(member with { Status = "withdrawn" });
        await coop.Line.OpenAccountLinkDialog(dialog, phone.UserId);
        var told = await phone.WaitForMessage("いまは組合員として登録されていないため、連携できませんでした");

        LinkingSteps.AssertNamesWhomToCall(told.Text);
        Assert.True(await coop.IsFree(member.Number));
    }

    [Fact]
    public async Task A_new_number_takes_over_the_link_and_the_coupons_that_were_used()
    {
        var used = await coop.Publish();
        var unused = await coop.Publish();
        var (phone, member) = await coop.LinkedFriend();
        await coop.Redeem(coop.Sale(await coop.ShowCode(phone, used)));
        var successor = Some.Member();

        await coop.Register(member with { ReplacedBy = successor.Number }, successor);
        await coop.NextRound();
        await phone.WaitForMessage("組合員番号が新しい番号に変わりました。\nLINEの連携は、新しい番号で続いています");
        await phone.Settle();

        Assert.True(await coop.IsLinked(successor.Number, phone));
        Assert.True(await coop.IsFree(member.Number));
        Assert.Equal(LinkingSteps.LinkedMenu, phone.RichMenu);
        var coupons = await coop.Coupons(phone);
        Assert.Contains(unused, coupons.Usable);
        Assert.DoesNotContain(used, coupons.Usable);
        Assert.Contains(used, coupons.Used);
        var seen = await coop.Look(successor.Number);
        Assert.Equal(member.Number, Assert.Single(seen.GetProperty("predecessors").EnumerateArray()).GetString());
        var past = Assert.Single((await coop.Look(member.Number)).GetProperty("history").EnumerateArray());
        Assert.Equal("renumbered", past.GetProperty("end").GetString());
        Assert.Single(await coop.Ledger(member.Number, "renumbered"));
        Assert.Single(await coop.Ledger(successor.Number, "linked"));
    }

    [Fact]
    public async Task A_coupon_used_under_the_old_number_is_refused_to_another_LINE_account_under_the_new_one()
    {
        var tofu = await coop.Publish();
        var (phone, member) = await coop.LinkedFriend();
        await coop.Redeem(coop.Sale(await coop.ShowCode(phone, tofu)));
        await phone.Unlink();
        var successor = Some.Member();
        await coop.Register(member with { ReplacedBy = successor.Number }, successor);
        var other = await coop.NewFriend();

        await coop.Link(other, successor);

        using var refused = await coop.AskForCode(other, tofu);
        Assert.Equal(System.Net.HttpStatusCode.Conflict, refused.StatusCode);
        var problem = await refused.Content.ReadFromJsonAsync<JsonElement>();
        Assert.Equal("alreadyUsed", problem.GetProperty("refusals")[0].GetProperty("reason").GetString());
    }

    [Fact]
    public async Task The_old_number_cannot_be_linked_any_more()
    {
        var (phone, member) = await coop.Newcomer();
        var successor = Some.Member();
        await coop.Register(member with { ReplacedBy = successor.Number }, successor);
        var page = await coop.OpenPage(phone);

        Assert.Equal(System.Net.HttpStatusCode.UnprocessableEntity, (await coop.Answer(page, member)).Status);
        Assert.NotNull((await coop.Answer(page, successor)).Location);
    }

    [Fact]
    public async Task A_new_number_that_another_account_has_already_ends_the_old_link_with_an_explanation()
    {
        var (phone, member) = await coop.LinkedFriend();
        var (owner, successor) = await coop.LinkedFriend();

        await coop.Register(member with { ReplacedBy = successor.Number });
        await coop.NextRound();
        var told = await phone.WaitForMessage("新しい番号は別のLINEと連携されているため、このLINEの連携を解除しました");
        await phone.WaitForRichMenu(LinkingSteps.DefaultMenu);

        LinkingSteps.AssertNamesWhomToCall(told.Text);
        Assert.True(await coop.IsLinked(successor.Number, owner));
        Assert.True(await coop.IsFree(member.Number));
    }

    private async Task UnlinkByStaffUntilTheAccountKnows(RegisteredMember member, SimulatedPhone phone)
    {
        using (await coop.UnlinkByStaff(member.Number)) { }
        await coop.Grains.Member(member.Number).Finish();
        Assert.Null((await coop.Grains.Account(phone.UserId).Standing()).LinkId);
        await coop.SenderIsIdle(phone);
    }

    private int CallsFor(SimulatedPhone phone) => coop.Line.Calls.Count(call =>
        call.Path.Contains(phone.UserId, StringComparison.Ordinal) || call.Body.Contains(phone.UserId, StringComparison.Ordinal));
}

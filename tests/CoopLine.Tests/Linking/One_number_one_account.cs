using System.Net;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Linking;

/// <summary>Both ways, and whatever is done twice (product rule 1.7, Q1-7).</summary>
[Collection(typeof(LinkingHost))]
public sealed class One_number_one_account(RunningSystem coop)
{
    [Fact]
    public async Task A_linked_number_is_refused_only_to_those_who_know_its_answers()
    {
        var (_, member) = await coop.LinkedFriend();
        var page = await coop.OpenPage(await coop.NewFriend());

        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await coop.Answer(page, member, birthDate: "19710402")).Status);
        var refused = await coop.Answer(page, member);

        Assert.Equal(HttpStatusCode.Conflict, refused.Status);
        LinkingSteps.AssertNamesWhomToCall(refused.Text);
    }

    [Fact]
    public async Task An_account_that_was_linked_meanwhile_is_refused_on_a_page_that_was_open()
    {
        var (phone, member) = await coop.Newcomer();
        var (_, other) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);
        var first = (await coop.Answer(page, member)).Location!;
        var second = (await coop.Answer(page, other)).Location!;

        await coop.Line.OpenAccountLinkDialog(first, phone.UserId);
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);
        var formAgain = await coop.Answer(page, other);
        await coop.Line.OpenAccountLinkDialog(second, phone.UserId);
        await phone.Settle();

        Assert.Equal(HttpStatusCode.Gone, formAgain.Status);
        Assert.Contains("手続きは終わっています", formAgain.Text, StringComparison.Ordinal);
        Assert.True(await coop.IsLinked(member.Number, phone));
        Assert.True(await coop.IsFree(other.Number));
    }

    [Fact]
    public async Task The_form_sent_twice_links_once_with_either_dialog()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);

        var dialogs = await Task.WhenAll(coop.Answer(page, member), coop.Answer(page, member));
        foreach (var dialog in dialogs) await coop.Line.OpenAccountLinkDialog(dialog.Location!, phone.UserId);
        await phone.Settle();

        Assert.True(await coop.IsLinked(member.Number, phone));
        Assert.Equal(1, phone.Count("連携が完了しました"));
        Assert.Single(await coop.Ledger(member.Number, "linked"));
    }

    [Fact]
    public async Task The_event_brought_several_times_links_once_and_says_so_once()
    {
        var (phone, member) = await coop.Newcomer();
        var dialog = await coop.FillInForm(phone, member);
        var linked = LineEvents.AccountLink(phone.UserId, LinkingSteps.NonceOf(dialog), coop.Clock.GetUtcNow());

        for (var i = 0; i < 3; i++) using (await coop.Line.Deliver(linked, linked)) { }
        using (await coop.Line.Deliver(LineEvents.Redelivered(linked))) { }
        await coop.Restart();
        using (await coop.Line.Deliver(LineEvents.Redelivered(linked))) { }
        await phone.Settle();

        Assert.True(await coop.IsLinked(member.Number, phone));
        Assert.Equal(1, phone.Count("連携が完了しました"));
        Assert.Single(await coop.Ledger(member.Number, "linked"));
    }

    [Theory]
    [InlineData("member", Fault.BeforeTheWrite)]
    [InlineData("member", Fault.AfterTheCommit)]
    [InlineData("link-session", Fault.AfterTheCommit)]
    [InlineData("line-account", Fault.AfterTheCommit)]
    public async Task A_write_that_fails_on_the_way_ends_in_one_link(string state, Fault fault)
    {
        var (phone, member) = await coop.Newcomer();
        var dialog = await coop.FillInForm(phone, member);
        await coop.SenderIsIdle(phone);
        coop.Faults.Order(state, fault);

        await coop.Line.OpenAccountLinkDialog(dialog, phone.UserId);
        await coop.Line.RedeliverFailed();
        await Consistency.Finished(coop); // however many rounds of the sweeper that takes
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);
        await phone.WaitForMessage("連携が完了しました");
        await phone.Settle();

        Assert.True(await coop.IsLinked(member.Number, phone));
        Assert.Equal(1, phone.Count("連携が完了しました"));
        Assert.Single(await coop.Ledger(member.Number, "linked"));
    }

    [Fact]
    public async Task A_restart_between_the_event_and_the_link_loses_nothing()
    {
        var (phone, member) = await coop.Newcomer();
        var dialog = await coop.FillInForm(phone, member);
        coop.Faults.Order("member", Fault.BeforeTheWrite);

        var taken = await coop.Line.OpenAccountLinkDialog(dialog, phone.UserId);
        await coop.Faults.AllStruck();
        await coop.Restart();
        await coop.NextRound();
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);

        Assert.Equal(HttpStatusCode.OK, taken.WebhookStatus);
        Assert.True(await coop.IsLinked(member.Number, phone));
    }
}

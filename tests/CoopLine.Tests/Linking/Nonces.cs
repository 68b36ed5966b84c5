using System.Net;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;
using Orleans.Configuration;

namespace CoopLine.Tests.Linking;

/// <summary>Only the nonce of one's own newest session links, and only once (product rule 1.6).</summary>
[Collection(typeof(LinkingHost))]
public sealed class Nonces(RunningSystem coop)
{
    [Fact]
    public async Task A_dialog_visited_by_another_LINE_user_links_nobody()
    {
        var (victim, member) = await coop.Newcomer();
        var attacker = await coop.NewFriend();
        var dialog = await coop.FillInForm(attacker, member);

        // The attacker sends the victim LINE's dialog; LINE finds another user there than the token's.
        var seen = await coop.Line.OpenAccountLinkDialog(dialog, victim.UserId);
        await attacker.Settle();
        await victim.Settle();

        Assert.Equal((DialogOutcome.Failed, HttpStatusCode.OK), (seen.Outcome, seen.WebhookStatus));
        await AssertNothingLinked(member, attacker, victim);
    }

    [Fact]
    public async Task The_link_page_finished_on_another_s_phone_links_nobody()
    {
        var (victim, member) = await coop.Newcomer();
        var attacker = await coop.NewFriend();

        // The attacker sends the victim the link page itself; the victim answers rightly and lands in LINE's dialog.
        var page = await coop.OpenPage(attacker);
        var dialog = (await coop.Answer(page, member)).Location!;
        await coop.Line.OpenAccountLinkDialog(dialog, victim.UserId);
        await attacker.Settle();
        await victim.Settle();

        await AssertNothingLinked(member, attacker, victim);
    }

    [Fact]
    public async Task A_failed_event_links_nothing_even_with_a_source_and_a_good_nonce()
    {
        var (phone, member) = await coop.Newcomer();
        var dialog = await coop.FillInForm(phone, member);
        var failed = LineEvents.AccountLink(phone.UserId, LinkingSteps.NonceOf(dialog), coop.Clock.GetUtcNow());
        failed["link"]!["result"] = "failed";

        await Deliver(failed);
        await phone.Settle();

        await AssertNothingLinked(member, phone);
    }

    [Fact]
    public async Task An_unknown_nonce_links_nothing_and_leaves_the_session_as_it_is()
    {
        var (phone, member) = await coop.Newcomer();
        var dialog = await coop.FillInForm(phone, member);

        await Deliver(LineEvents.AccountLink(phone.UserId, "bm9ib2R5IGlzc3VlZCB0aGlz", coop.Clock.GetUtcNow()));
        await phone.Settle();

        await AssertNothingLinked(member, phone);
        await coop.Line.OpenAccountLinkDialog(dialog, phone.UserId);
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);
    }

    [Fact]
    public async Task Another_user_s_nonce_links_neither_of_them()
    {
        var (owner, member) = await coop.Newcomer();
        var (thief, other) = await coop.Newcomer();
        var nonce = LinkingSteps.NonceOf(await coop.FillInForm(owner, member));
        await coop.FillInForm(thief, other);

        await Deliver(LineEvents.AccountLink(thief.UserId, nonce, coop.Clock.GetUtcNow()));
        await thief.Settle();
        await owner.Settle();

        await AssertNothingLinked(member, owner, thief);
        await AssertNothingLinked(other, owner, thief);
    }

    [Fact]
    public async Task A_user_without_a_session_cannot_use_anybody_s_nonce()
    {
        var (owner, member) = await coop.Newcomer();
        var stranger = await coop.NewFriend();
        var nonce = LinkingSteps.NonceOf(await coop.FillInForm(owner, member));

        await Deliver(LineEvents.AccountLink(stranger.UserId, nonce, coop.Clock.GetUtcNow()));
        await stranger.Settle();

        await AssertNothingLinked(member, owner, stranger);
    }

    [Fact]
    public async Task A_nonce_works_once_and_not_again_after_the_link_has_ended()
    {
        var (phone, member) = await coop.Newcomer();
        var dialog = await coop.FillInForm(phone, member);
        await coop.Line.OpenAccountLinkDialog(dialog, phone.UserId);
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);
        await phone.Unlink();

        await Deliver(LineEvents.AccountLink(phone.UserId, LinkingSteps.NonceOf(dialog), coop.Clock.GetUtcNow()));
        await phone.Settle();

        Assert.True(await coop.IsFree(member.Number));
        Assert.Equal(1, phone.Count("連携が完了しました"));
    }

    [Fact]
    public async Task A_replay_while_the_form_of_a_new_session_is_open_links_nothing()
    {
        var (phone, member) = await coop.Newcomer();
        var dialog = await coop.FillInForm(phone, member);
        await coop.Line.OpenAccountLinkDialog(dialog, phone.UserId);
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);
        await phone.Unlink();
        var fresh = await coop.FillInForm(phone, member);

        await Deliver(LineEvents.AccountLink(phone.UserId, LinkingSteps.NonceOf(dialog), coop.Clock.GetUtcNow()));
        await phone.Settle();
        Assert.True(await coop.IsFree(member.Number));

        await coop.Line.OpenAccountLinkDialog(fresh, phone.UserId);
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);
    }

    [Fact]
    public async Task The_link_token_is_asked_for_when_the_answers_match_and_not_before()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);
        await coop.Answer(page, member, phone: "0312345678");
        Assert.DoesNotContain(coop.Line.Calls, IsLinkToken);

        coop.Clock.Advance(TimeSpan.FromMinutes(3));
        await coop.Answer(page, member);

        Assert.Equal(coop.Clock.GetUtcNow(), Assert.Single(coop.Line.Calls, IsLinkToken).At);

        bool IsLinkToken(RecordedCall call) =>
            call.Name == LineCall.LinkToken && call.Path.Contains(phone.UserId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_LINE_issues_no_token_the_member_may_press_the_button_again()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);

        coop.Line.Trouble.RateLimit(LineCall.LinkToken);
        var later = await coop.Answer(page, member);
        var again = await coop.Answer(page, member);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, later.Status);
        Assert.Contains("もう一度押してください", later.Text, StringComparison.Ordinal);
        Assert.Contains($"value=\"{member.Number}\"", later.Text, StringComparison.Ordinal);
        Assert.NotNull(again.Location);
    }

    [Fact]
    public async Task The_address_of_the_dialog_carries_token_and_nonce_and_nothing_of_the_member()
    {
        var (phone, member) = await coop.Newcomer();

        var dialog = await coop.FillInForm(phone, member);

        Assert.Equal("/dialog/bot/accountLink", dialog.AbsolutePath);
        Assert.Matches("^[A-Za-z0-9_-]{22,255}$", LinkingSteps.NonceOf(dialog));
        foreach (var personal in new[] { member.Number, member.Phone, member.BirthDate, phone.UserId })
            Assert.DoesNotContain(personal, dialog.OriginalString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dialog_that_was_left_before_another_tap_links_although_both_arrive_together()
    {
        var (phone, member) = await coop.Newcomer();
        var dialog = await coop.FillInForm(phone, member);
        var left = coop.Clock.GetUtcNow();
        coop.Clock.Advance(TimeSpan.FromSeconds(2));

        using var delivered = await coop.Line.Deliver(
            LineEvents.AccountLink(phone.UserId, LinkingSteps.NonceOf(dialog), left),
            LineEvents.Postback(phone.UserId, "action=link", coop.Clock.GetUtcNow()));

        Assert.Equal(HttpStatusCode.OK, delivered.StatusCode);
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);
        Assert.True(await coop.IsLinked(member.Number, phone));
    }

    [Fact]
    public async Task A_token_is_waited_for_longer_than_grains_wait_for_each_other()
    {
        var grainsWait = TimeSpan.FromSeconds(2);
        await using var slow = new RunningSystem
        {
            Wrap = services => services.PostConfigure<SiloMessagingOptions>(silo => silo.ResponseTimeout = grainsWait),
        };
        await slow.InitializeAsync();
        var (phone, member) = await slow.Newcomer();
        var page = await slow.OpenPage(phone);
        Task<ShownPage> answering;
        using (slow.Line.Trouble.Hold(LineCall.LinkToken))
        {
            answering = slow.Answer(page, member);
            await Task.Delay(grainsWait * 1.5, TestContext.Current.CancellationToken);
        }

        Assert.NotNull((await answering).Location);
    }

    private async Task Deliver(object happened)
    {
        using var answer = await coop.Line.Deliver(happened);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    private async Task AssertNothingLinked(RegisteredMember member, params SimulatedPhone[] phones)
    {
        Assert.True(await coop.IsFree(member.Number));
        Assert.Empty(await coop.Ledger(member.Number, "linked"));
        Assert.All(phones, phone => Assert.Equal(LinkingSteps.DefaultMenu, phone.RichMenu));
        Assert.All(phones, phone => Assert.Equal(0, phone.Count("連携が完了しました")));
    }
}

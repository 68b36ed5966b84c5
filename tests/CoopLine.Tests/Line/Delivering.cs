using System.Net;
using CoopLine.Grains.Line;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;
using Events = CoopLine.Simulator.LineEvents;

namespace CoopLine.Tests.Line;

public enum Mishap
{
    RateLimited,
    Failing,
    CutBefore,
    CutAfter,
}

/// <summary>What must be said or shown is tried until LINE took it, and reaches nobody twice (product rule 1.8).</summary>
public sealed class Delivering(RunningSystem coop) : IClassFixture<RunningSystem>
{
    private const string Done = "連携が完了しました";
    private const string Invitation = "下のボタンを押して、組合員番号を連携してください";

    /// <summary>Longer than the longest pause between two tries, and than the sweeper's round.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(61);

    /// <summary>Each without and with a restart of CoopLine before the next try.</summary>
    public static MatrixTheoryData<Mishap, bool> Mishaps => new(Enum.GetValues<Mishap>(), [false, true]);

    [Theory, MemberData(nameof(Mishaps))]
    public async Task A_push_arrives_once(Mishap mishap, bool restart)
    {
        var (phone, member) = await Newcomer();
        var dialog = await coop.FillInForm(phone, member);
        Order(mishap, LineCall.Push);

        await coop.Line.OpenAccountLinkDialog(dialog, phone.UserId);
        await coop.Line.WaitForCall(call => IsPushTo(call, phone), "a push that goes wrong");
        await Overcome(phone, restart);
        await phone.WaitForMessage(Done);
        await phone.Settle();

        Assert.Equal(1, phone.Count(Done));
        Assert.Single(coop.Line.Calls.Where(call => IsPushTo(call, phone)).Select(call => call.RetryKey).Distinct());
    }

    [Theory, MemberData(nameof(Mishaps))]
    public async Task The_menu_is_shown_in_the_end(Mishap mishap, bool restart)
    {
        var (phone, member) = await Newcomer();
        var dialog = await coop.FillInForm(phone, member);
        Order(mishap, LineCall.LinkRichMenu);

        await coop.Line.OpenAccountLinkDialog(dialog, phone.UserId);
        await coop.Line.WaitForCall(call => IsMenuOf(call, phone), "a menu that goes wrong");
        await Overcome(phone, restart);
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);
        await phone.Settle();

        Assert.Equal(1, phone.Count(Done));
        var calls = coop.Line.Calls.Count(call => IsMenuOf(call, phone));
        coop.Clock.Advance(Pause);
        await phone.Settle();
        Assert.Equal(calls, coop.Line.Calls.Count(call => IsMenuOf(call, phone))); // and then it is left alone
    }

    [Fact]
    public async Task A_menu_that_was_replaced_at_LINE_is_looked_up_again()
    {
        var (warm, first) = await Newcomer();
        await coop.Link(warm, first); // from here on the menu's id is known
        var (phone, member) = await Newcomer();
        var dialog = await coop.FillInForm(phone, member);
        var lookUps = coop.Line.Calls.Count(IsLookUp);
        coop.Line.Trouble.Answer(LineCall.LinkRichMenu, 404, "Not found");

        await coop.Line.OpenAccountLinkDialog(dialog, phone.UserId);
        await coop.Line.WaitForCall(call => IsMenuOf(call, phone), "the menu that is gone");
        await Overcome(phone, restart: false, pause: TimeSpan.FromSeconds(2)); // before the menu is looked up anyway
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);

        Assert.Equal(lookUps + 1, coop.Line.Calls.Count(IsLookUp));

        static bool IsLookUp(RecordedCall call) => call.Path.EndsWith("/richmenu/alias/coopline-linked", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_menu_that_the_alias_names_since_a_minute_is_the_one_that_is_shown()
    {
        var (warm, first) = await Newcomer();
        await coop.Link(warm, first); // from here on the menu's id is known
        var (menus, before) = (coop.Line.RichMenus, coop.Line.RichMenus.Alias(LinkingSteps.LinkedMenu)!);
        var next = menus.Find(before)!;
        next["name"] = "tomorrow's menu";
        var id = menus.Create(next);
        menus.SetImage(id, menus.ImageOf(before)!);
        menus.SetAlias(LinkingSteps.LinkedMenu, id, isNew: false);
        var (phone, member) = await Newcomer();
        var dialog = await coop.FillInForm(phone, member);
        coop.Clock.Advance(LinkedMenu.Kept);

        await coop.Line.OpenAccountLinkDialog(dialog, phone.UserId);

        await phone.WaitForRichMenu("tomorrow's menu");
        menus.SetAlias(LinkingSteps.LinkedMenu, before, isNew: false);
        coop.Clock.Advance(LinkedMenu.Kept); // for the other tests
    }

    [Theory, MemberData(nameof(Mishaps))]
    public async Task A_reply_arrives_once(Mishap mishap, bool restart)
    {
        var (phone, _) = await Newcomer();
        var replies = coop.Line.Calls.Count(call => call.Name == LineCall.Reply);
        Order(mishap, LineCall.Reply, times: 1); // CoopLine itself repeats no reply

        await phone.TapBanner("link");
        await coop.Line.WaitForCall(
            _ => coop.Line.Calls.Count(call => call.Name == LineCall.Reply) > replies, "a reply that goes wrong");
        await Overcome(phone, restart, TimeSpan.FromSeconds(31)); // the token is still good
        await phone.WaitForMessage(Invitation);
        await phone.Settle();

        Assert.Equal(1, phone.Count(Invitation));
    }

    [Fact]
    public async Task An_answer_to_a_tap_whose_token_has_died_meanwhile_costs_no_money()
    {
        var (phone, _) = await Newcomer();
        var replies = coop.Line.Calls.Count(call => call.Name == LineCall.Reply);
        coop.Line.Trouble.RateLimit(LineCall.Reply);

        await phone.TapBanner("link");
        await coop.Line.WaitForCall(
            _ => coop.Line.Calls.Count(call => call.Name == LineCall.Reply) > replies, "a reply that goes wrong");
        await Overcome(phone, restart: false);
        await phone.Settle();

        Assert.Equal(0, phone.Count(Invitation));
        Assert.DoesNotContain(coop.Line.Calls, call => IsPushTo(call, phone));
        await phone.TapBanner("link"); // a new tap has a new token
        Assert.Equal(MessageWay.Reply, (await phone.WaitForMessage(Invitation)).Way);
    }

    [Fact]
    public async Task An_event_that_LINE_brings_so_late_that_its_token_is_dead_costs_no_money()
    {
        var (phone, _) = await Newcomer();

        using var taken = await coop.Line.Deliver(
            Events.Postback(phone.UserId, "action=link", coop.Clock.GetUtcNow() - TimeSpan.FromMinutes(21)));
        await phone.Settle();

        Assert.Equal(HttpStatusCode.OK, taken.StatusCode);
        Assert.Equal(0, phone.Count(Invitation));
        Assert.DoesNotContain(coop.Line.Calls, call => IsPushTo(call, phone));
    }

    [Fact]
    public async Task An_event_without_a_token_is_not_answered()
    {
        var (phone, _) = await Newcomer();
        var question = Events.Text(phone.UserId, "?", coop.Clock.GetUtcNow());
        question.Remove("replyToken");

        using (await coop.Line.Deliver(question)) { }
        await phone.Settle();

        Assert.Equal(0, phone.Count("ご質問にお答えできません"));
        Assert.DoesNotContain(coop.Line.Calls, call => IsPushTo(call, phone));
    }

    [Fact]
    public async Task A_push_on_its_way_while_CoopLine_restarts_arrives_once()
    {
        var (phone, member) = await Newcomer();
        var dialog = await coop.FillInForm(phone, member);

        using (coop.Line.Trouble.Hold(LineCall.Push))
        {
            await coop.Line.OpenAccountLinkDialog(dialog, phone.UserId);
            await coop.Line.WaitForCall(call => IsPushTo(call, phone), "the push");
            await coop.Restart();
        }
        coop.Clock.Advance(Pause);
        await phone.WaitForMessage(Done);
        await phone.Settle();

        Assert.Equal(1, phone.Count(Done));
    }

    [Fact]
    public async Task An_answer_to_a_tap_does_not_wait_while_LINE_takes_no_push()
    {
        var (phone, member) = await coop.LinkedFriend();
        coop.Line.Trouble.RateLimit(LineCall.Push, Trouble.Always);
        using (await coop.UnlinkByStaff(member.Number)) { }
        await coop.Line.WaitForCall(
            _ => coop.Line.Calls.Count(call => IsPushTo(call, phone)) > 1, "the message about the unlinking");
        await coop.SenderIsIdle(phone);

        Assert.Equal(HttpStatusCode.OK, await phone.Say("?"));
        await phone.WaitForMessage("ご質問にお答えできません");
        coop.Line.Trouble.Clear();
        coop.Clock.Advance(Pause);
        await phone.WaitForMessage("生協の窓口で");

        Assert.Equal(1, phone.Count("ご質問にお答えできません"));
        Assert.Equal(1, phone.Count("生協の窓口で"));
    }

    [Fact]
    public async Task What_LINE_refuses_for_good_is_recorded_and_holds_nothing_up()
    {
        var (phone, member) = await Newcomer();
        var before = await Undelivered();
        coop.Line.Trouble.Answer(LineCall.Push, 400, "The property, 'to', in the request body is invalid");

        await coop.Link(phone, member);
        await coop.Line.WaitForCall(call => IsPushTo(call, phone), "the push");
        await phone.Settle();

        Assert.Equal(0, phone.Count(Done));
        Assert.Equal(before + 1, await Undelivered());
        Assert.True(await coop.IsLinked(member.Number, phone));
    }

    [Fact]
    public async Task A_message_is_given_up_before_LINE_forgets_its_retry_key()
    {
        var (phone, before) = await LinkedWhileLineTakesNoPush();

        coop.Clock.Advance(TimeSpan.FromHours(23) - Pause);
        await coop.Line.WaitForCall(_ => coop.Line.Calls.Count(call => IsPushTo(call, phone)) > 1, "the last try");
        await coop.SenderIsIdle(phone);
        coop.Line.Trouble.Clear();
        coop.Clock.Advance(Pause);
        await AssertGivenUp(phone, before);
    }

    [Fact]
    public async Task A_message_that_grew_too_old_while_the_friend_had_blocked_us_is_not_sent_at_all()
    {
        var (phone, before) = await LinkedWhileLineTakesNoPush();
        await phone.Block();
        coop.Clock.Advance(TimeSpan.FromDays(20));
        coop.Line.Trouble.Clear();

        await phone.Follow();
        await AssertGivenUp(phone, before);
    }

    /// <summary>With how many messages have been given up so far.</summary>
    private async Task<(SimulatedPhone Phone, int Undelivered)> LinkedWhileLineTakesNoPush()
    {
        var (phone, member) = await Newcomer();
        var before = await Undelivered();
        coop.Line.Trouble.RateLimit(LineCall.Push, Trouble.Always);
        await coop.Link(phone, member);
        await coop.Line.WaitForCall(call => IsPushTo(call, phone), "the push");
        await coop.SenderIsIdle(phone);
        return (phone, before);
    }

    private async Task AssertGivenUp(SimulatedPhone phone, int before)
    {
        await Eventually.Holds(async () => await Undelivered() > before, "the message is given up");
        coop.Clock.Advance(Pause);
        await phone.Settle();

        Assert.Equal(0, phone.Count(Done));
        Assert.Equal(before + 1, await Undelivered());
    }

    private async Task<(SimulatedPhone Phone, RegisteredMember Member)> Newcomer()
    {
        var newcomer = await coop.Newcomer();
        await newcomer.Phone.WaitForMessage("お友だち登録ありがとうございます");
        await coop.SenderIsIdle(newcomer.Phone);
        return newcomer;
    }

    /// <param name="times">CoopLine makes three quick tries of one; then the outbox takes over.</param>
    private void Order(Mishap mishap, LineCall call, int times = 3)
    {
        var trouble = coop.Line.Trouble;
        switch (mishap)
        {
            case Mishap.RateLimited: trouble.RateLimit(call); break;
            case Mishap.Failing: trouble.Fail(call, times); break;
            case Mishap.CutBefore: trouble.DropBefore(call, times); break;
            case Mishap.CutAfter: trouble.DropAfter(call, times); break;
        }
    }

    /// <summary>The failure has been noted, perhaps CoopLine restarts, and the pause before the next try passes.</summary>
    private async Task Overcome(SimulatedPhone phone, bool restart, TimeSpan? pause = null)
    {
        await coop.SenderIsIdle(phone);
        if (restart) await coop.Restart();
        coop.Clock.Advance(pause ?? Pause);
    }

    private async Task<int> Undelivered()
    {
        using var staff = coop.Staff();
        var page = await staff.GetFromJsonAsync<System.Text.Json.JsonElement>("/staff/v1/ledger?kind=undelivered&limit=200");
        return page.GetProperty("rows").GetArrayLength();
    }

    private static bool IsPushTo(RecordedCall call, SimulatedPhone phone) =>
        call.Name == LineCall.Push && call.Body.Contains(phone.UserId, StringComparison.Ordinal);

    private static bool IsMenuOf(RecordedCall call, SimulatedPhone phone) =>
        call.Name == LineCall.LinkRichMenu && call.Path.Contains(phone.UserId, StringComparison.Ordinal);
}

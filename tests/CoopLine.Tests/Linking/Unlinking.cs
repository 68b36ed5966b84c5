using System.Net;
using System.Text.Json;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Linking;

/// <summary>By the friend (rule 1.9, Q1-6) and by staff (rule 1.10, Q1-8).</summary>
[Collection(typeof(LinkingHost))]
public sealed class Unlinking(RunningSystem coop)
{
    [Fact]
    public async Task Nothing_ends_before_the_friend_has_confirmed()
    {
        var (phone, member) = await coop.LinkedFriend();

        await phone.AskToUnlink();
        await phone.Settle();

        Assert.True(await coop.IsLinked(member.Number, phone));
        Assert.Equal(LinkingSteps.LinkedMenu, phone.RichMenu);
    }

    [Fact]
    public async Task Cancelling_keeps_the_link_and_says_so()
    {
        var (phone, member) = await coop.LinkedFriend();
        await phone.AskToUnlink();
        var question = phone.Messages.Last(message => message.Buttons.Count == 2);

        await phone.Tap(question.Buttons[1]);
        await phone.WaitForMessage("組合員番号の連携は、そのままです");

        Assert.True(await coop.IsLinked(member.Number, phone));
    }

    [Fact]
    public async Task Confirming_ends_the_link_and_takes_the_coupons_away_at_once()
    {
        var tofu = await coop.Publish();
        var (phone, member) = await coop.LinkedFriend();
        Assert.Contains(tofu, (await coop.Coupons(phone)).Usable);

        await phone.Unlink();
        await phone.WaitForMessage("連携を解除しました");

        Assert.False((await coop.Coupons(phone)).Linked);
        var row = Assert.Single(await coop.Ledger(member.Number, "unlinked"));
        Assert.Equal("friend", row.GetProperty("actor").GetString());
        var past = Assert.Single((await coop.Look(member.Number)).GetProperty("history").EnumerateArray());
        Assert.Equal("byFriend", past.GetProperty("end").GetString());
    }

    [Fact]
    public async Task An_old_confirm_button_does_nothing_to_a_newer_link()
    {
        var (phone, member) = await coop.LinkedFriend();
        var oldButton = await phone.AskToUnlink();
        await phone.Tap(oldButton);
        await phone.WaitForRichMenu(LinkingSteps.DefaultMenu);
        var other = await coop.NewMember();
        await coop.Link(phone, other);

        await phone.Tap(oldButton);
        await phone.Settle();

        Assert.True(await coop.IsLinked(other.Number, phone));
        Assert.Equal(LinkingSteps.LinkedMenu, phone.RichMenu);
        Assert.Equal(1, phone.Count("組合員番号の連携を解除しました"));
        Assert.True(await coop.IsFree(member.Number));
    }

    [Fact]
    public async Task A_confirm_button_pressed_twice_unlinks_once()
    {
        var (phone, member) = await coop.LinkedFriend();
        var button = await phone.AskToUnlink();

        await phone.Tap(button);
        await phone.Tap(button);
        await phone.Settle();

        Assert.Equal(1, phone.Count("組合員番号の連携を解除しました"));
        Assert.Single(await coop.Ledger(member.Number, "unlinked"));
    }

    [Fact]
    public async Task A_friend_without_a_link_who_taps_unlink_learns_that_there_is_none()
    {
        var phone = await coop.NewFriend();

        await phone.TapBanner("unlink");
        var told = await phone.WaitForMessage("組合員番号と連携されていません");

        Assert.Contains("組合員番号で連携する", told.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_friend_s_confirm_button_does_nothing_to_another_s_link()
    {
        var (phone, member) = await coop.LinkedFriend();
        var (other, _) = await coop.LinkedFriend();
        var button = await phone.AskToUnlink();

        await other.Tap(button.Data!);
        await other.Settle();
        await phone.Settle();

        Assert.True(await coop.IsLinked(member.Number, phone));
        Assert.Equal(LinkingSteps.LinkedMenu, other.RichMenu);
    }

    [Fact]
    public async Task Staff_unlink_with_reason_and_identity_check_which_are_kept()
    {
        var (old, member) = await coop.LinkedFriend();

        using var answer = await coop.UnlinkByStaff(member.Number, "機種変更", "運転免許証");
        await old.WaitForRichMenu(LinkingSteps.DefaultMenu);
        await old.WaitForMessage("生協の窓口で組合員番号の連携を解除しました");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var row = Assert.Single(await coop.Ledger(member.Number, "unlinked"));
        Assert.Equal(("tester", "機種変更", "運転免許証"), (
            row.GetProperty("actor").GetString(), row.GetProperty("reason").GetString(),
            row.GetProperty("identityCheck").GetString()));
        Assert.Matches("^[0-9a-f]{32}$", row.GetProperty("traceId").GetString());
        var past = Assert.Single((await coop.Look(member.Number)).GetProperty("history").EnumerateArray());
        Assert.Equal(("byStaff", "tester", "機種変更", "運転免許証"), (
            past.GetProperty("end").GetString(), past.GetProperty("by").GetString(),
            past.GetProperty("reason").GetString(), past.GetProperty("identityCheck").GetString()));

        var replacement = await coop.NewFriend();
        await coop.Link(replacement, member);
        Assert.True(await coop.IsLinked(member.Number, replacement));
        Assert.Equal(1, old.Count("生協の窓口で組合員番号の連携を解除しました"));
    }

    [Theory]
    [InlineData(null, "運転免許証")]
    [InlineData("", "運転免許証")]
    [InlineData("機種変更", null)]
    [InlineData("機種変更", "  ")]
    public async Task Staff_who_do_not_say_why_or_how_they_checked_unlink_nothing(string? reason, string? identityCheck)
    {
        var (phone, member) = await coop.LinkedFriend();

        using var answer = await coop.UnlinkByStaff(member.Number, reason!, identityCheck!);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.True(await coop.IsLinked(member.Number, phone));
    }

    [Fact]
    public async Task Staff_unlink_nothing_twice_and_nobody_unknown()
    {
        var (_, member) = await coop.LinkedFriend();

        using var first = await coop.UnlinkByStaff(member.Number);
        using var second = await coop.UnlinkByStaff(member.Number);
        using var unknown = await coop.UnlinkByStaff(Some.Member().Number);
        using var malformed = await coop.UnlinkByStaff("12A");

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, second.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, malformed.StatusCode);
        Assert.Single(await coop.Ledger(member.Number, "unlinked"));
    }

    [Fact]
    public async Task Without_a_staff_key_nobody_looks_or_unlinks()
    {
        var (phone, member) = await coop.LinkedFriend();
        using var till = coop.Till();
        using var nobody = new HttpClient { BaseAddress = coop.Host.Address };
        var body = new { reason = "x", identityCheck = "y" };

        foreach (var client in new[] { till, nobody })
        {
            using var look = await client.GetAsync($"/staff/v1/members/{member.Number}");
            using var unlink = await client.PostAsJsonAsync($"/staff/v1/members/{member.Number}/unlink", body);
            Assert.Contains(look.StatusCode, new[] { HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden });
            Assert.Equal(look.StatusCode, unlink.StatusCode);
        }
        Assert.True(await coop.IsLinked(member.Number, phone));
    }

    [Theory]
    [InlineData("member", Fault.BeforeTheWrite)]
    [InlineData("member", Fault.AfterTheCommit)]
    [InlineData("line-account", Fault.AfterTheCommit)]
    public async Task A_write_that_fails_on_the_way_ends_in_one_unlink(string state, Fault fault)
    {
        var (phone, member) = await coop.LinkedFriend();
        var button = await phone.AskToUnlink();
        await coop.SenderIsIdle(phone);
        coop.Faults.Order(state, fault);

        await phone.Tap(button);
        await coop.Faults.AllStruck();
        await coop.Line.RedeliverFailed();
        await coop.NextRound();
        await phone.WaitForRichMenu(LinkingSteps.DefaultMenu);
        await phone.WaitForMessage("組合員番号の連携を解除しました");
        await phone.Settle();

        Assert.True(await coop.IsFree(member.Number));
        Assert.Equal(1, phone.Count("組合員番号の連携を解除しました"));
        Assert.Single(await coop.Ledger(member.Number, "unlinked"));
        Assert.Equal(JsonValueKind.Null, (await coop.Look(member.Number)).GetProperty("link").ValueKind);
    }
}

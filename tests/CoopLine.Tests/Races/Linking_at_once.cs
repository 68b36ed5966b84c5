using System.Text.Json.Nodes;
using CoopLine.Grains;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Races;

public sealed class Linking_at_once(Crowd crowd) : IClassFixture<Crowd>
{
    private RunningSystem Coop => crowd.Coop;

    [Fact]
    public async Task Of_many_accounts_that_link_one_number_one_wins_and_the_others_are_told()
    {
        var member = await Coop.NewMember();
        var phones = await Task.WhenAll(Enumerable.Range(0, Together.Callers).Select(_ => Coop.NewFriend()));
        var dialogs = await Task.WhenAll(phones.Select(phone => Coop.FillInForm(phone, member)));

        var results = await Together.Run(i => Coop.Line.OpenAccountLinkDialog(dialogs[i], phones[i].UserId));

        Assert.All(results, result => Assert.Equal(System.Net.HttpStatusCode.OK, result.WebhookStatus));
        await Consistency.Check(Coop);
        var standings = await Task.WhenAll(phones.Select(phone => Coop.Grains.Account(phone.UserId).Standing()));
        var winner = Assert.Single(phones.Zip(standings), pair => pair.Second.Member == member.Number).First;
        Assert.Equal("coopline-linked", winner.RichMenu);
        Assert.Single(winner.Messages, message => message.Text.Contains("連携が完了しました", StringComparison.Ordinal));
        Assert.All(phones.Where(phone => phone != winner), loser =>
        {
            Assert.NotEqual("coopline-linked", loser.RichMenu);
            Assert.Single(loser.Messages, message => message.Text.Contains("すでに別のLINEと連携", StringComparison.Ordinal));
        });
    }

    [Fact]
    public async Task One_account_that_links_two_numbers_in_one_session_gets_one()
    {
        var (one, other) = (await Coop.NewMember(), await Coop.NewMember());
        var phone = await Coop.NewFriend();
        var page = await Coop.TapLink(phone);
        using var opened = await Coop.Http.GetAsync(page);
        var events = new[] { await Event(page, one, phone), await Event(page, other, phone) };

        await Together.Run(i => Deliver(events[i % 2]));

        await Consistency.Check(Coop);
        var standing = await Coop.Grains.Account(phone.UserId).Standing();
        Assert.Contains(standing.Member, new[] { one.Number, other.Number });
        Assert.Equal(1, standing.LinkSequence);
        Assert.Single(phone.Messages, message => message.Text.Contains("連携が完了しました", StringComparison.Ordinal));
    }

    [Fact]
    public async Task One_account_that_links_two_numbers_in_two_sessions_gets_the_newer_ones()
    {
        var (one, other) = (await Coop.NewMember(), await Coop.NewMember());
        var phone = await Coop.NewFriend();
        var older = LineEvents.AccountLink(
            phone.UserId, LinkingSteps.NonceOf(await Coop.FillInForm(phone, one)), Coop.Clock.GetUtcNow());
        Coop.Clock.Advance(TimeSpan.FromSeconds(1));
        var newer = LineEvents.AccountLink(
            phone.UserId, LinkingSteps.NonceOf(await Coop.FillInForm(phone, other)), Coop.Clock.GetUtcNow());

        await Together.Run(i => Deliver(i % 2 == 0 ? older : newer));

        await Consistency.Check(Coop);
        Assert.Equal(other.Number, (await Coop.Grains.Account(phone.UserId).Standing()).Member);
        Assert.Single(phone.Messages, message => message.Text.Contains("連携が完了しました", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Staff_who_unlink_while_the_friend_unlinks_too_end_one_link_once()
    {
        var linked = await crowd.LinkedFriends(Together.Callers / 2);
        var buttons = await Task.WhenAll(linked.Select(async one =>
        {
            await one.Phone.TapBanner("unlink");
            var asked = await one.Phone.WaitForMessage("解除しますか");
            return asked.Buttons.Single(button => button.Label == "解除する");
        }));

        await Together.Run(async i =>
        {
            var (phone, member) = linked[i / 2];
            if (i % 2 == 0) return await phone.Tap(buttons[i / 2]);
            return (await Answered.To(() => Coop.Staff().PostAsJsonAsync(
                $"/staff/v1/members/{member.Number}/unlink", new { reason = "機種変更", identityCheck = "運転免許証" }))).Status;
        });

        await Consistency.Check(Coop);
        Assert.All(linked, one =>
        {
            Assert.NotEqual("coopline-linked", one.Phone.RichMenu);
            Assert.Contains(one.Phone.Messages, message => message.Text.Contains("連携を解除しました", StringComparison.Ordinal));
        });
    }

    private async Task<JsonObject> Event(Uri page, RegisteredMember member, SimulatedPhone phone)
    {
        using var sent = await Coop.SendForm(page, member);
        return LineEvents.AccountLink(phone.UserId, LinkingSteps.NonceOf(sent.Headers.Location!), Coop.Clock.GetUtcNow());
    }

    private async Task<System.Net.HttpStatusCode> Deliver(JsonObject occurrence)
    {
        using var answer = await Coop.Line.Deliver(occurrence);
        Assert.Equal(System.Net.HttpStatusCode.OK, answer.StatusCode);
        return answer.StatusCode;
    }
}

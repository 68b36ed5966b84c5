using System.Globalization;
using System.Text.Json.Nodes;
using CoopLine.Grains.Line;
using CoopLine.Grains.Members;

namespace CoopLine.Grains.Accounts;

[GrainType("line-sender")]
internal sealed class LineSenderGrain(LineMessagingClient line, LineMessages messages) : Grain, ILineSenderGrain
{
    private string Account => this.Id();

    public async Task Send(OutboxEntry entry, bool linked)
    {
        var words = Words(entry, linked);
        var answer = entry.ReplyToken is { } token
            ? await line.Reply(token, words)
            : await line.Push(Account, words, entry.Id);
        await (answer == LineCallResult.OverMonthlyLimit
            ? GrainFactory.Account(Account).Sent(entry with { OverMonthlyLimit = true }, LineCallResult.NotNow)
            : GrainFactory.Account(Account).Sent(entry, answer));
    }

    public async Task ShowMenu(ShownMenu menu)
    {
        var answer = menu == ShownMenu.Linked
            ? await line.ShowLinkedMenu(Account)
            : await line.ShowDefaultMenu(Account);
        await GrainFactory.Account(Account).MenuShown(menu, answer);
    }

    private JsonArray Words(OutboxEntry entry, bool linked) => entry.Says switch
    {
        Notice.Welcome => messages.Welcome(linked),
        Notice.Help => messages.Help(linked),
        Notice.LinkInvitation => messages.LinkInvitation(entry.Argument!),
        Notice.Linked => messages.Linked(DateTimeOffset.Parse(entry.Argument!, CultureInfo.InvariantCulture)),
        Notice.AlreadyLinkedUnlinkFirst => messages.AlreadyLinkedUnlinkFirst(),
        Notice.TooLate => messages.TooLate(),
        Notice.NumberLinkedElsewhere => messages.NumberLinkedElsewhere(),
        Notice.AccountLinkedMeanwhile => messages.AccountLinkedMeanwhile(),
        Notice.NotAMemberNow => messages.NotAMemberNow(),
        Notice.UnlinkConfirmation => messages.UnlinkConfirmation(entry.Argument!),
        Notice.UnlinkCancelled => messages.UnlinkCancelled(),
        Notice.NotLinked => messages.NotLinked(),
        Notice.UnlinkedByFriend => messages.Unlinked(LinkEnd.ByFriend),
        Notice.UnlinkedByStaff => messages.Unlinked(LinkEnd.ByStaff),
        Notice.Withdrawn => messages.Unlinked(LinkEnd.Withdrawn),
        Notice.UnlinkedRenumbered => messages.Unlinked(LinkEnd.Renumbered),
        Notice.Renumbered => messages.Renumbered(),
        Notice.Topics => messages.Topics(entry.Topics!),
        _ => throw new InvalidOperationException($"No words for {entry.Notice}."),
    };
}

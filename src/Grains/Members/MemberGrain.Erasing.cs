using CoopLine.Grains.Ledger;
using Microsoft.Extensions.Logging;

namespace CoopLine.Grains.Members;

/// <summary>
/// How a person is forgotten: the intent is written, the accounts forget the number one by one, and when nobody can be working
/// with it any more, one transaction takes it out of everything. Each step can be taken again.
/// </summary>
internal sealed partial class MemberGrain
{
    public async Task<ErasureOutcome> Erase(string staff, string reason, string identityCheck)
    {
        await ReadAgain();
        if (State.Erasing is not null) return new ErasureOutcome.Erased();

        var registered = await registry.Standing(Number);
        if (registered.ReplacedBy is { } successor) return new ErasureOutcome.Replaced(successor);
        if (registered.Entry is { HasLeft: false }) return new ErasureOutcome.StillAMember();

        var ties = await erasures.Find(Number);
        if (registered.Entry is null && ties is { Numbers: [_], Rows: false } && State.IsBlank)
            return await erasures.Of(Number) is null ? new ErasureOutcome.Unknown() : new ErasureOutcome.Erased();

        if (State.Link is { } link)
            await Untie(link, LinkEnd.Withdrawn, staff, null, null, new(link, LinkEnd.Withdrawn, null));
        var now = clock.GetUtcNow();
        await Save(State.Erase(new(now, staff, ties.Numbers, ties.Accounts), new()
        {
            Id = $"erased|{Guid.NewGuid():N}", // names nobody
            Kind = LedgerKind.Erased,
            At = now,
            Actor = staff,
            Reason = reason,
            IdentityCheck = identityCheck,
            TraceId = Telemetry.TraceId,
        }));
        LogErasing();
        this.AsReference<IMemberGrain>().Finish().Ignore();
        return new ErasureOutcome.Erased();
    }

    public Task Forgotten(string account) => Decide(state => state.Forgotten(account, clock.GetUtcNow()));

    private async Task FinishErasing(Erasing erasing)
    {
        if (State.Notices is not []) return; // The account learns first that its link has ended.

        if (erasing.Accounts is not [])
        {
            // Before anybody forgets: what was used stays used at every moment.
            await erasures.Mark(erasing.Numbers);
            foreach (var account in erasing.Accounts)
                await GrainFactory.Account(account).Forget(Number, erasing.Numbers); // One way: it answers with Forgotten.
            return;
        }

        if (clock.GetUtcNow() < erasing.ForgottenAt + Erasing.Wait) return;
        if (await erasures.TakeOut(Number, erasing, Version))
        {
            LogErased();
            DeactivateOnIdle();
        }

        await ReadAgain(); // Either there is nothing any more, or somebody has written: then the next round tries again.
    }

    [LoggerMessage(LogLevel.Information, "A member is being erased")]
    private partial void LogErasing();

    [LoggerMessage(LogLevel.Information, "A member was erased")]
    private partial void LogErased();
}

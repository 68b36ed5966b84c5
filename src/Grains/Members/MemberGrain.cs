using System.Collections.Immutable;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Linking;
using CoopLine.Grains.Registry;
using CoopLine.Grains.Storage;
using Microsoft.Extensions.Logging;

namespace CoopLine.Grains.Members;

[GrainType("member")]
internal sealed partial class MemberGrain(
    [PersistentState(StateNames.Member, StateNames.Storage)] IPersistentState<MemberState> member,
    IRegistry registry, IErasures erasures, TimeProvider clock, ILogger<MemberGrain> log) : StateGrain<MemberState>(member), IMemberGrain
{
    private string Number => this.Id();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        if (State.Pending) this.AsReference<IMemberGrain>().Finish().Ignore();
    }

    public async Task<AnswersOutcome> Verify(string account, HashedAnswers answers)
    {
        var now = clock.GetUtcNow();
        if (State.Erasing is not null) return new AnswersOutcome.NotInRegistry();
        if (State.IsLockedAt(now)) return new AnswersOutcome.NumberLocked(State.LockedUntil!.Value);
        var entry = await registry.Find(Number);
        var differences = entry?.Differences(answers) ?? MismatchedFields.None;
        if (entry is null || differences != MismatchedFields.None)
        {
            await Save(State.Missed(new(now, account, differences)));
            if (State.IsLockedAt(now)) Telemetry.Lockouts.Add(1, new KeyValuePair<string, object?>("coopline.lockout.of", "member"));
            LogMismatch(differences);
            return entry is null ? new AnswersOutcome.NotInRegistry() : new AnswersOutcome.Mismatch();
        }

        if (State.Link is not null) await ReadAgain(); // It may have ended meanwhile, through another activation.
        return State.Link is null ? new AnswersOutcome.Match() : new AnswersOutcome.NumberAlreadyLinked();
    }

    public async Task<MemberLinkOutcome> Link(string account, string operation, int sequence)
    {
        var entry = await registry.Find(Number);
        var asked = new MemberLink(operation, account, Number, clock.GetUtcNow(), sequence);
        var isMember = entry is { HasLeft: false };
        return await Decide(state => state.Tie(asked, isMember, LinkedRow(asked, Actors.Friend, null)));
    }

    public async Task Unlink(string linkId)
    {
        if (await Current(link => link.Id == linkId) is { } link)
            await Untie(link, LinkEnd.ByFriend, Actors.Friend, null, null, null);
    }

    public async Task<bool> UnlinkByStaff(string staff, string reason, string identityCheck)
    {
        if (await Current(_ => true) is not { } link) return false;
        await Untie(link, LinkEnd.ByStaff, staff, reason, identityCheck, new(link, LinkEnd.ByStaff, null));
        return true;
    }

    public async Task FollowRegistry()
    {
        if (await Current(_ => true) is not { } link) return;
        var registered = await registry.Standing(Number);
        if (registered.ReplacedBy is { } successor)
            await Untie(link, LinkEnd.Renumbered, Actors.Registry, successor, null, new(link, LinkEnd.Renumbered, successor));
        else if (registered.HasLeft)
            await Untie(link, LinkEnd.Withdrawn, Actors.Registry, null, null, new(link, LinkEnd.Withdrawn, null));
    }

    public async Task<MemberLink?> TakeOver(string from, MemberLink link)
    {
        if (await registry.Find(Number) is not { HasLeft: false }) return null;
        var here = new MemberLink(
            $"{link.Id}>{Number}", link.Account, Number, clock.GetUtcNow(), link.Sequence + 1);
        var outcome = await Decide(state => state.Tie(here, isMember: true, LinkedRow(here, Actors.Registry, from)));
        return (outcome as MemberLinkOutcome.Linked)?.Link;
    }

    public async Task<MemberReport> Report()
    {
        var registered = await registry.Standing(Number);
        await ReadAgain(); // Staff see what is true, not what this activation remembers.
        return new(
            Number, registered.Entry is not null, registered.Entry?.Status == MemberStatus.Active, State.Link, State.History, State.Mismatches,
            State.IsLockedAt(clock.GetUtcNow()) ? State.LockedUntil : null, registered.Entry?.ReplacedBy,
            registered.Predecessors,
            State.Erasing is { } erasing ? new(erasing.At, erasing.By) : await erasures.Of(Number));
    }

    public async Task<ImmutableArray<string>> ClearLocks(string staff)
    {
        ImmutableArray<string> accounts =
        [
            .. State.Mismatches.Select(mismatch => mismatch.Account)
                .Concat(State.Link is { } link ? [link.Account] : []).Distinct(),
        ];
        var now = clock.GetUtcNow();
        await Save(State.ClearLocks(new()
        {
            Id = $"locksCleared|{Number}|{now.ToUnixTimeMilliseconds()}",
            Kind = LedgerKind.LocksCleared,
            At = now,
            Member = Number,
            Actor = staff,
            TraceId = Telemetry.TraceId,
        }));
        return accounts;
    }

    public async Task NoticeSent(string linkId)
    {
        await Decide(state => state.NoticeSent(linkId));
        if (State is { Notices: [], Erasing: not null }) this.AsReference<IMemberGrain>().Finish().Ignore();
    }

    public async Task Finish()
    {
        foreach (var notice in State.Notices)
        {
            var successor = notice.HandTo is { } number
                ? await GrainFactory.Member(number).TakeOver(Number, notice.Link)
                : null;
            // One way: the account may be waiting for this grain. It answers with Told.
            await GrainFactory.Account(notice.Link.Account).LinkEnded(notice.Link, notice.End, successor);
        }

        if (State.Erasing is { } erasing) await FinishErasing(erasing);
    }

    /// <summary>The link that is meant. Before the answer is that there is none, the state is read again.</summary>
    private async Task<MemberLink?> Current(Func<MemberLink, bool> meant)
    {
        if (State.Link is not { } link || !meant(link)) await ReadAgain();
        return State.Link is { } now && meant(now) ? now : null;
    }

    private async Task Untie(
        MemberLink link, LinkEnd how, string actor, string? reason, string? identityCheck, MemberState.EndNotice? notice)
    {
        var now = clock.GetUtcNow();
        var past = new PastLink(link, now, how, actor, reason, identityCheck);
        await Save(State.Untie(past, new()
        {
            Id = $"unlinked|{link.Id}",
            Kind = how == LinkEnd.Renumbered ? LedgerKind.Renumbered : LedgerKind.Unlinked,
            At = now,
            Member = Number,
            Account = link.Account,
            Actor = actor,
            Reason = reason,
            IdentityCheck = identityCheck,
            TraceId = Telemetry.TraceId,
        }, notice));
        LogUnlinked(how);
        if (State.Pending) this.AsReference<IMemberGrain>().Finish().Ignore();
    }

    private LedgerRow LinkedRow(MemberLink link, string actor, string? from) => new()
    {
        Id = $"linked|{link.Id}",
        Kind = LedgerKind.Linked,
        At = link.At,
        Member = Number,
        Account = link.Account,
        Actor = actor,
        Reason = from,
        TraceId = Telemetry.TraceId,
    };

    [LoggerMessage(LogLevel.Information, "The answers of a link form differ from the registry: {Fields}")]
    private partial void LogMismatch(MismatchedFields fields);

    [LoggerMessage(LogLevel.Information, "A member was unlinked: {How}")]
    private partial void LogUnlinked(LinkEnd how);
}

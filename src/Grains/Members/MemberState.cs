using System.Collections.Immutable;
using System.Text.Json.Serialization;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Linking;
using CoopLine.Grains.Registry;
using CoopLine.Grains.Storage;

namespace CoopLine.Grains.Members;

/// <summary>One number, at most one LINE account; and how often somebody guessed at it.</summary>
public sealed record MemberState : StateWithLedger
{
    /// <summary>
    /// This many mismatches within <see cref="Window"/> lock the number for as long, if they are by so many accounts or more:
    /// one or two strangers cannot lock a member out.
    /// </summary>
    public const int MaxMismatches = 20;

    public const int MinLockingAccounts = 4;

    private const int MismatchesKept = 64;
    private const int MaxRefused = 32;
    private const int MaxNotices = 32;

    /// <summary>Past links that are kept here; the ledger has them all.</summary>
    public const int MaxHistory = 100;

    public static readonly TimeSpan Window = TimeSpan.FromDays(1);

    public MemberLink? Link { get; init; }

    /// <summary>The newest links that ended, oldest first. The ledger has all of them.</summary>
    public ImmutableArray<PastLink> History { get; init; } = [];

    /// <summary>
    /// The newest links that were refused. A friend who was told no must not be linked after all by a call that arrives late.
    /// Null when there is none.
    /// </summary>
    public ImmutableArray<RefusedLink>? Refused { get; init; }

    /// <summary>Of the last day, oldest first, for staff and for the lock.</summary>
    public ImmutableArray<Mismatch> Mismatches { get; init; } = [];

    public DateTimeOffset? LockedUntil { get; init; }

    /// <summary>What accounts still have to be told.</summary>
    public ImmutableArray<EndNotice> Notices { get; init; } = [];

    /// <summary>The person is being forgotten; null otherwise.</summary>
    public Erasing? Erasing { get; init; }

    [JsonPropertyOrder(1)] // behind the ledger, as it has always been written
    public bool Pending => Notices.Length > 0 || Erasing is not null;

    /// <summary>Nothing in it would be lost.</summary>
    internal bool IsBlank => this is { Link: null, History: [], Mismatches: [], LockedUntil: null, Erasing: null };

    /// <summary>
    /// Whether a link stands: the number is tied to this account, by this link and no later one, and the registry has not
    /// taken the number from whoever had it.
    /// </summary>
    /// <param name="member">The number's state; null when the number was never linked.</param>
    /// <param name="registered">What the registry says of the number.</param>
    public static bool LinkStands(MemberState? member, RegistryStanding registered, string account, string linkId) =>
        member?.Link is { } link && link.Account == account && link.Id == linkId && !registered.HasLeft;

    public bool IsLockedAt(DateTimeOffset now) => now < LockedUntil;

    public MemberState Missed(Mismatch mismatch)
    {
        var recent = Mismatches.RemoveAll(old => old.At <= mismatch.At - Window).Add(mismatch);
        // The list stays for staff to see; after the lock the count starts anew.
        var counted = recent.RemoveAll(one => one.At < LockedUntil);
        var isLocking = counted.Length >= MaxMismatches
            && counted.Select(one => one.Account).Distinct().Count() >= MinLockingAccounts;
        return this with
        {
            Mismatches = Newest(recent),
            LockedUntil = isLocking ? mismatch.At + Window : LockedUntil,
        };
    }

    public MemberState ClearLocks(LedgerRow row) => this with { Mismatches = [], LockedUntil = null, Ledger = [row] };

    /// <param name="isMember">Whether the registry knows this number as an active member's.</param>
    public (MemberState Next, MemberLinkOutcome Outcome) Tie(MemberLink link, bool isMember, LedgerRow row) => this switch
    {
        { Erasing: not null } => (this, new MemberLinkOutcome.NotAMember()),
        { Link: { } same } when same.Id == link.Id => (this, new MemberLinkOutcome.Linked(same)),
        _ when History.Any(past => past.Link.Id == link.Id) => (this, new MemberLinkOutcome.EndedSince()),
        _ when Refused?.FirstOrDefault(past => past.Operation == link.Id) is { } refused => (this, refused.Outcome),
        { Link: not null } => Refuse(new(link.Id, WasLinked: true)),
        _ when !isMember => Refuse(new(link.Id, WasLinked: false)),
        _ => (this with { Link = link, Ledger = [row] }, new MemberLinkOutcome.Linked(link)),
    };

    /// <param name="notice">For an account that does not know yet; null when the account itself asked.</param>
    public MemberState Untie(PastLink past, LedgerRow row, EndNotice? notice) => this with
    {
        Link = null,
        History = [.. History.Append(past).TakeLast(MaxHistory)],
        Notices = notice is null ? Notices : [.. Notices.Append(notice).TakeLast(MaxNotices)],
        Ledger = [row],
    };

    public MemberState NoticeSent(string linkId) => Notices.Any(notice => notice.Link.Id == linkId)
        ? this with { Notices = Notices.RemoveAll(notice => notice.Link.Id == linkId) }
        : this;

    /// <summary>What is not needed any more is forgotten at once; notices still have to reach their accounts.</summary>
    public MemberState Erase(Erasing erasing, LedgerRow row) => new() { Notices = Notices, Erasing = erasing, Ledger = [row] };

    public MemberState Forgotten(string account, DateTimeOffset now) =>
        Erasing?.Forgotten(account, now) is { } next && next != Erasing ? this with { Erasing = next } : this;

    /// <summary>
    /// Of an account that has newer ones, the oldest goes first. So nobody can push the others out of the list by trying often,
    /// and escape the lock.
    /// </summary>
    private static ImmutableArray<Mismatch> Newest(ImmutableArray<Mismatch> all)
    {
        while (all.Length > MismatchesKept)
        {
            var repeated = all.FirstOrDefault(one => all.Count(other => other.Account == one.Account) > 1);
            all = all.Remove(repeated ?? all[0]);
        }

        return all;
    }

    private (MemberState Next, MemberLinkOutcome Outcome) Refuse(RefusedLink refused) =>
        (this with { Refused = [.. (Refused ?? []).TakeLast(MaxRefused - 1), refused] }, refused.Outcome);

    /// <param name="Operation">Id of the link that did not come about.</param>
    /// <param name="WasLinked">The number was linked to another account; else it was no member's.</param>
    public sealed record RefusedLink(string Operation, bool WasLinked)
    {
        internal MemberLinkOutcome Outcome =>
            WasLinked ? new MemberLinkOutcome.AlreadyLinked() : new MemberLinkOutcome.NotAMember();
    }

    /// <param name="HandTo">The number that takes the link over.</param>
    public sealed record EndNotice(MemberLink Link, LinkEnd End, string? HandTo);
}

internal static class RegistryComparison
{
    /// <summary>Which answers differ from the registry, or are not in it.</summary>
    public static MismatchedFields Differences(this RegistryEntry entry, HashedAnswers answers)
    {
        var fields = MismatchedFields.None;
        if (entry.HasLeft) fields |= MismatchedFields.NotActive;
        if (entry.PhoneHashes.IsEmpty) fields |= MismatchedFields.PhoneNotRegistered;
        else if (!answers.IsPhone(entry.PhoneHashes)) fields |= MismatchedFields.Phone;
        if (entry.BirthDateHash is null) fields |= MismatchedFields.BirthDateNotRegistered;
        else if (!answers.IsBirthDate(entry.BirthDateHash)) fields |= MismatchedFields.BirthDate;
        return fields;
    }
}

using System.Collections.Immutable;
using CoopLine.Grains.Linking;

namespace CoopLine.Grains.Members;

/// <summary>One member number: to which LINE account it is tied. The truth of every link. Key: <c>m-</c> + member number.</summary>
[Alias("coopline.member")]
public interface IMemberGrain : IUnfinishedGrain
{
    /// <summary>Compares answers with the registry. A mismatch is counted here; twenty in a day by four or more accounts lock the number for a day.</summary>
    [Alias("verify")]
    Task<AnswersOutcome> Verify(string account, HashedAnswers answers);

    /// <summary>Ties the number to the account if it is free. The same operation gets the same answer, whatever happened since.</summary>
    /// <param name="operation">Id of the link to be: the id of the webhook event that asks for it.</param>
    /// <param name="sequence">The account's number for this link.</param>
    [Alias("link")]
    Task<MemberLinkOutcome> Link(string account, string operation, int sequence);

    /// <summary>The friend unlinks; nothing happens if the link is not (any more) <paramref name="linkId"/>.</summary>
    [Alias("unlink")]
    Task Unlink(string linkId);

    /// <summary>Staff unlink, for a member who cannot.</summary>
    /// <returns>False when the number has no link.</returns>
    [Alias("unlink-by-staff")]
    Task<bool> UnlinkByStaff(string staff, string reason, string identityCheck);

    /// <summary>Looks at the registry: a withdrawn member is unlinked, a replaced number hands its link to the new one.</summary>
    [Alias("follow-registry")]
    Task FollowRegistry();

    /// <summary>The link of a replaced number arrives.</summary>
    /// <returns>The link here, or null when this number is tied to another account.</returns>
    [Alias("take-over")]
    Task<MemberLink?> TakeOver(string from, MemberLink link);

    [Alias("report")]
    Task<MemberReport> Report();

    /// <summary>Staff forget the mismatches of this number and lift its lock.</summary>
    /// <returns>The accounts that mismatched here or are linked; they may be locked as well.</returns>
    [Alias("clear-locks")]
    Task<ImmutableArray<string>> ClearLocks(string staff);

    /// <summary>The account knows that the link ended.</summary>
    [Alias("told")]
    Task NoticeSent(string linkId);

    /// <summary>
    /// Staff erase somebody who has left: who they were is forgotten, and what was bought and used stays under a pseudonym.
    /// The same call again changes nothing.
    /// </summary>
    [Alias("erase")]
    Task<ErasureOutcome> Erase(string staff, string reason, string identityCheck);

    /// <summary>The account has forgotten the numbers of this person.</summary>
    [Alias("forgotten")]
    Task Forgotten(string account);
}

/// <param name="Id">The operation that made it.</param>
/// <param name="Sequence">The account's number for this link.</param>
[GenerateSerializer, Immutable, Alias("coopline.member-link")]
public sealed record MemberLink(
    [property: Id(0)] string Id,
    [property: Id(1)] string Account,
    [property: Id(2)] string Member,
    [property: Id(3)] DateTimeOffset At,
    [property: Id(4)] int Sequence);

[GenerateSerializer, Immutable, Alias("coopline.member-link-outcome")]
public abstract record MemberLinkOutcome
{
    private protected MemberLinkOutcome()
    {
    }

    [GenerateSerializer, Immutable, Alias("coopline.member-link-outcome.linked")]
    public sealed record Linked([property: Id(0)] MemberLink Link) : MemberLinkOutcome;

    /// <summary>The number belongs to another account.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.member-link-outcome.already-linked")]
    public sealed record AlreadyLinked : MemberLinkOutcome;

    /// <summary>This operation linked, and its link has been ended since.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.member-link-outcome.ended-since")]
    public sealed record EndedSince : MemberLinkOutcome;

    /// <summary>The registry does not know the number as an active member (any more).</summary>
    [GenerateSerializer, Immutable, Alias("coopline.member-link-outcome.not-a-member")]
    public sealed record NotAMember : MemberLinkOutcome;
}

public enum LinkEnd
{
    ByFriend,
    ByStaff,
    Withdrawn,
    Renumbered,
}

/// <param name="Known">Whether the registry has the number.</param>
/// <param name="Mismatches">The mismatches of the last day, with the fields that differed; for staff only.</param>
/// <param name="Erased">That the number was erased; what else is told has come since.</param>
[GenerateSerializer, Immutable, Alias("coopline.member-report")]
public sealed record MemberReport(
    [property: Id(0)] string Number,
    [property: Id(1)] bool Known,
    [property: Id(2)] bool Active,
    [property: Id(3)] MemberLink? Link,
    [property: Id(4)] ImmutableArray<PastLink> History,
    [property: Id(5)] ImmutableArray<Mismatch> Mismatches,
    [property: Id(6)] DateTimeOffset? LockedUntil,
    [property: Id(7)] string? ReplacedBy,
    [property: Id(8)] ImmutableArray<string> Predecessors,
    [property: Id(9)] Erasure? Erased = null)
{
    /// <summary>Neither the registry knows the number, nor has anybody had to do with it.</summary>
    public bool IsBlank => this is { Known: false, Link: null, History: [], Mismatches: [], LockedUntil: null };
}

[GenerateSerializer, Immutable, Alias("coopline.past-link")]
public sealed record PastLink(
    [property: Id(0)] MemberLink Link,
    [property: Id(1)] DateTimeOffset EndedAt,
    [property: Id(2)] LinkEnd End,
    [property: Id(3)] string? By,
    [property: Id(4)] string? Reason,
    [property: Id(5)] string? IdentityCheck);

/// <param name="Fields">Which answers differed or are not registered.</param>
[GenerateSerializer, Immutable, Alias("coopline.mismatch")]
public sealed record Mismatch(
    [property: Id(0)] DateTimeOffset At,
    [property: Id(1)] string Account,
    [property: Id(2)] MismatchedFields Fields);

[Flags]
public enum MismatchedFields
{
    /// <summary>There is nothing to differ from: nobody has this number.</summary>
    None = 0,
    Phone = 1,
    BirthDate = 2,
    PhoneNotRegistered = 4,
    BirthDateNotRegistered = 8,
    NotActive = 16,
}

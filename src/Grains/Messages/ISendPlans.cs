using System.Collections.Immutable;

namespace CoopLine.Grains.Messages;

/// <summary>
/// Who gets a message, row by row, and the blocks in which it goes out: tables, since a million persons are not a million states. A
/// person's state is that of their block, unless the person was passed over.
/// </summary>
public interface ISendPlans
{
    /// <summary>Whom it would reach now, and who would be left out and why.</summary>
    Task<Reach> Preview(string campaign, MessageDefinition definition, CancellationToken cancellation = default);

    /// <summary>
    /// Writes the plan with the statement that <see cref="Preview"/> counts with: all of it, or nothing that counts. A plan that is there
    /// stays as it is. Its gate is shut.
    /// </summary>
    Task Write(string campaign, MessageDefinition definition, CancellationToken cancellation = default);

    /// <summary>
    /// Whether blocks may be closed. When this returns, nobody closes one against it any more.
    /// </summary>
    /// <param name="turn">Grows with each change: an older one that comes late changes nothing.</param>
    Task SetGate(string campaign, bool open, int turn, CancellationToken cancellation = default);

    /// <summary>How far it has come. Null when nothing is planned.</summary>
    Task<SendProgress?> Progress(string campaign, CancellationToken cancellation = default);

    /// <summary>What became of whom. Null when nothing is planned.</summary>
    Task<SendCounts?> Count(string campaign, CancellationToken cancellation = default);

    /// <summary>Persons of a plan in the order of their rows.</summary>
    /// <param name="state">Only these; null: all.</param>
    /// <param name="after">Row behind which to begin; 0 for the first.</param>
    Task<ImmutableArray<SendPerson>> Persons(
        string campaign, PersonState? state, long after, int limit, CancellationToken cancellation = default);
}

/// <summary>Who would get a message and who would not. Together they are everybody whom its audience names.</summary>
/// <param name="Linked">Persons who get the wording for members.</param>
/// <param name="LeftOut">How many persons, by reason.</param>
public sealed record Reach(long Linked, long Unlinked, ImmutableSortedDictionary<SkipReason, long> LeftOut)
{
    public long Persons => Linked + Unlinked;
}

/// <summary>Why somebody in the audience gets nothing. The first that holds.</summary>
public enum SkipReason
{
    /// <summary>Has blocked the account.</summary>
    Blocked,

    /// <summary>Has left the co-op, or has another number now.</summary>
    Withdrawn,

    /// <summary>Has turned the topic off.</summary>
    OptedOut,

    /// <summary>Has had as many messages of this topic lately as anybody gets.</summary>
    Capped,

    /// <summary>There is no wording for this person.</summary>
    OtherVariant,

    /// <summary>Was linked when it was planned, and there is no wording for friends without a link.</summary>
    Unlinked,

    /// <summary>Was in the audience when it was planned, and is not any more.</summary>
    Audience,

    /// <summary>The message was stopped before.</summary>
    Stopped,

    /// <summary>The same member has it on the phone that was linked before.</summary>
    HadIt,
}

public enum PersonState
{
    /// <summary>In the audience, and not in the plan.</summary>
    LeftOut,
    Planned,
    InBlock,
    Accepted,
    Refused,
    Parked,
    Skipped,
}

/// <param name="PlannedBlocks">How many blocks its plan had.</param>
/// <param name="WaitingToBegin">Persons in open blocks.</param>
/// <param name="InFlight">Persons in blocks under way.</param>
/// <param name="Sen">Hundredths of a yen that it has cost at most.</param>
public sealed record SendProgress(
    long Planned, int PlannedBlocks, int OpenBlocks, int BlocksInFlight, int BlocksDone, long WaitingToBegin, long InFlight,
    long Accepted, long Refused, long Parked, long Stopped, long Sen)
{
    public bool IsOver => OpenBlocks + BlocksInFlight == 0;
}

/// <summary>A plan in numbers. When it is over, <c>Planned = Accepted + Skipped + Refused + Parked</c>.</summary>
/// <param name="Skipped">Who was planned and passed over, by reason.</param>
/// <param name="LeftOut">Who was in the audience and never planned, by reason.</param>
public sealed record SendCounts(
    SendProgress Progress, ImmutableSortedDictionary<SkipReason, long> Skipped, ImmutableSortedDictionary<SkipReason, long> LeftOut)
{
    /// <summary>Persons whose message is neither over nor skipped.</summary>
    public long Waiting => Progress.WaitingToBegin + Progress.InFlight;

    public bool AddsUp => Progress.Planned == Progress.Accepted + Skipped.Values.Sum() + Progress.Refused + Progress.Parked + Waiting;
}

/// <param name="Row">Its place in the plan.</param>
/// <param name="Member">Null for a friend without a link.</param>
public sealed record SendPerson(long Row, string? Member, PersonState State, SkipReason? Reason);

using System.Collections.Immutable;

namespace CoopLine.Grains.Messages;

/// <summary>The blocks of plans: closing one freezes what is said to whom, before the call to LINE that says it.</summary>
public interface ISendBlocks
{
    /// <summary>Blocks that are under way and, behind them, the next ones to be closed.</summary>
    /// <param name="limit">How many of either at most.</param>
    Task<ImmutableArray<SendBlock>> Next(string campaign, int limit, CancellationToken cancellation = default);

    /// <summary>
    /// The last filter: decides for each person of an open block, by what is true now, who gets what, and freezes it: bytes, key and
    /// time are on disk when this returns. Persons who get the other wording make a block of their own.
    /// </summary>
    /// <param name="close">What is said, and at which time.</param>
    /// <returns>Null when the gate is shut, or somebody else has closed it.</returns>
    Task<ImmutableArray<FrozenBlock>?> Close(int block, Closing close, CancellationToken cancellation = default);

    /// <summary>A block that is under way, to be sent once more. Null when it is not.</summary>
    Task<FrozenBlock?> Frozen(string campaign, int block, CancellationToken cancellation = default);

    /// <summary>A block under way is over. Once only: what it became first stays.</summary>
    Task Settle(string campaign, int block, BlockState became, DateTimeOffset now, CancellationToken cancellation = default);

    /// <summary>LINE took nothing of it, since somebody in it is unknown to LINE: two halves take its place, frozen with keys of their own.</summary>
    Task Split(int block, Closing close, CancellationToken cancellation = default);

    /// <summary>Nobody in an open block will get it any more.</summary>
    Task Abandon(string campaign, CancellationToken cancellation = default);
}

public enum BlockState
{
    Open,
    InFlight,
    Accepted,
    Refused,
    Parked,

    /// <summary>Its persons are in other blocks.</summary>
    Split,

    /// <summary>Nobody of it was left.</summary>
    Empty,
    Stopped,
}

/// <param name="Number">From 1, within its campaign; those that were planned come first.</param>
/// <param name="Persons">How many are in it.</param>
/// <param name="FirstSentAt">When its first call was about to be made; null while it is open.</param>
public sealed record SendBlock(int Number, BlockState State, int Persons, DateTimeOffset? FirstSentAt);

/// <param name="Body">UTF-8 JSON, the same bytes at each try.</param>
public sealed record FrozenBlock(int Number, Guid Key, byte[] Body, int Persons, DateTimeOffset FirstSentAt);

/// <summary>What a block is frozen with.</summary>
/// <param name="Sen">What so many persons cost, in hundredths of a yen.</param>
public sealed record Closing(
    string Campaign, Guid Plan, MessageDefinition Definition, MessageBodies Bodies, DateTimeOffset Now, Func<int, long> Sen);

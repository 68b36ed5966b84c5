namespace CoopLine.Grains.Messages;

/// <summary>
/// A message to many: what it says, who approved exactly that, and how far its sending has come. Key: <c>n-</c> + id.
/// </summary>
[Alias("coopline.message-grain")]
public interface IMessageGrain : IUnfinishedGrain, IGrainWithStringKey
{
    /// <summary>Creates it as a draft, or gives it another definition; what was approved before is approved no more.</summary>
    [Alias("define")]
    Task<MessageOutcome> Define(MessageDefinition definition, string staff);

    /// <summary>Somebody else may approve it from now on.</summary>
    [Alias("submit")]
    Task<MessageOutcome> Submit(string staff);

    /// <summary>It is sent when it is due.</summary>
    /// <param name="hash">Of what the approver has seen.</param>
    /// <param name="alone">The approver may be the author, as long as it reaches no more persons than this; null: may not.</param>
    [Alias("approve-for")]
    Task<MessageOutcome> Approve(string hash, string staff, long? alone);

    /// <summary>No block is closed until <see cref="Resume"/>. What is under way at LINE is settled.</summary>
    [Alias("pause")]
    Task<MessageOutcome> Pause(string staff);

    [Alias("resume")]
    Task<MessageOutcome> Resume(string staff);

    /// <summary>Ends the sending: when this answers, no block is closed any more.</summary>
    [Alias("stop")]
    Task<MessageOutcome> Stop(string staff);

    /// <summary>Before anything is planned: it will not be sent.</summary>
    [Alias("cancel")]
    Task<MessageOutcome> Cancel(string staff);

    /// <summary>It is about to be shown to some members of staff: recorded, and not at night.</summary>
    [Alias("test")]
    Task<MessageOutcome> Test(int members, string staff);

    /// <summary>A rule that somebody has approved defines it: it is approved as well. One that is defined stays as it is.</summary>
    [Alias("announce")]
    Task Announce(MessageDefinition definition, Review approved);

    /// <returns>Null before the first definition.</returns>
    [Alias("read")]
    Task<Message?> Read();

    /// <summary>The sender cannot go on: LINE or the plan's ceiling says so.</summary>
    /// <param name="changes">Of the message as the sender knows it; what is said of an older one is not heard.</param>
    [Alias("hold")]
    Task Hold(int changes, PauseReason reason);
}

/// <summary>A message as its grain knows it.</summary>
[GenerateSerializer, Immutable, Alias("coopline.message")]
public sealed record Message(
    [property: Id(0)] string Id,
    [property: Id(1)] MessageStatus Status,
    [property: Id(2)] MessageDefinition Definition,
    [property: Id(3)] string Hash,
    [property: Id(4)] string? Author,
    [property: Id(5)] Review? Submitted,
    [property: Id(6)] Review? Approved,
    [property: Id(7)] MessageDefinition? LastApproved,
    [property: Id(8)] PauseReason? PausedFor,
    [property: Id(9)] Guid? Plan,
    [property: Id(10)] DateTimeOffset? SendingSince,
    [property: Id(11)] int Changes);

[GenerateSerializer, Immutable, Alias("coopline.message-outcome")]
public abstract record MessageOutcome
{
    private protected MessageOutcome()
    {
    }

    [GenerateSerializer, Immutable, Alias("coopline.message-outcome.done")]
    public sealed record Done([property: Id(0)] Message Message) : MessageOutcome;

    [GenerateSerializer, Immutable, Alias("coopline.message-outcome.unknown")]
    public sealed record Unknown : MessageOutcome;

    /// <summary>In this status that cannot be done.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.message-outcome.not-now")]
    public sealed record NotNow([property: Id(0)] Message Message) : MessageOutcome;

    /// <summary>It is not what the approver has seen.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.message-outcome.changed")]
    public sealed record Changed([property: Id(0)] Message Message) : MessageOutcome;

    /// <summary>Whoever wrote it cannot approve it.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.message-outcome.own-work")]
    public sealed record OwnWork : MessageOutcome;

    /// <summary>Its time has passed, or it has waited for an approval for too long.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.message-outcome.too-late")]
    public sealed record TooLate([property: Id(0)] Message Message) : MessageOutcome;

    /// <summary>It would be sent at night.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.message-outcome.at-night")]
    public sealed record AtNight : MessageOutcome;
}

using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using CoopLine.Grains.Storage;

namespace CoopLine.Grains.Messages;

/// <summary>A message to many: what it says, who stands for it, and how far it has come.</summary>
public sealed record MessageState : StateWithLedger
{
    /// <summary>Due longer ago than this, nothing goes by itself: an outage or a restored backup may be behind it.</summary>
    public static readonly TimeSpan MostLate = TimeSpan.FromMinutes(60);

    /// <summary>So long a submission without a time waits for somebody to approve it.</summary>
    public static readonly TimeSpan ReviewLife = TimeSpan.FromDays(7);

    public MessageDefinition? Definition { get; init; }

    public MessageStatus Status { get; init; }

    /// <summary>Counts every change, so that each has a ledger row of its own, and the newest gate wins.</summary>
    public int Changes { get; init; }

    /// <summary>Name of the staff key that gave the definition.</summary>
    public string? Author { get; init; }

    public Review? Submitted { get; init; }

    public Review? Approved { get; init; }

    /// <summary>Its author approved it alone, for no more persons than these; null where somebody else did.</summary>
    public long? ApprovedFor { get; init; }

    /// <summary>What was approved last, for whoever compares; an edit leaves it.</summary>
    public MessageDefinition? LastApproved { get; init; }

    /// <summary>While <see cref="MessageStatus.Paused"/>.</summary>
    public PauseReason? PausedFor { get; init; }

    /// <summary>Random: the plan's keys are made from it. Null before anything is planned.</summary>
    public Guid? Plan { get; init; }

    /// <summary>From when the spread is reckoned: when it began to be sent, or went on.</summary>
    public DateTimeOffset? SendingSince { get; init; }

    [JsonPropertyOrder(1)]
    public bool Pending => Status is MessageStatus.Approved or MessageStatus.Scheduled or MessageStatus.Planning
        or MessageStatus.Sending or MessageStatus.Paused or MessageStatus.Stopping;

    internal bool MayBeEdited => Plan is null
        && Status is MessageStatus.Draft or MessageStatus.InReview or MessageStatus.Approved or MessageStatus.Scheduled;

    /// <summary>When its plan is due, once it is approved.</summary>
    public DateTimeOffset Due() => Definition!.SendAt is { } at && at > Approved!.At ? at : Approved!.At;

    /// <summary>SHA-256 (lower-case hex) of content, audience, time and ceiling: what is approved.</summary>
    public static string Hash(MessageDefinition definition) => Review.HashOf(definition);
}

/// <param name="Hash">Of the definition that this was said of.</param>
/// <param name="By">Name of the staff key.</param>
[GenerateSerializer, Immutable, Alias("coopline.message-review")]
public sealed record Review([property: Id(0)] string Hash, [property: Id(1)] string By, [property: Id(2)] DateTimeOffset At)
{
    /// <summary>SHA-256, lower-case hex, of what is said.</summary>
    public static string HashOf<T>(T said) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(said, StateJson.Options)));
}

[GenerateSerializer, Alias("coopline.message-status")]
public enum MessageStatus
{
    Draft,
    InReview,

    /// <summary>It goes as soon as it may.</summary>
    Approved,

    /// <summary>It has a time, and that has not come.</summary>
    Scheduled,
    Planning,
    Sending,
    Paused,

    /// <summary>No block is closed any more; those under way are being settled.</summary>
    Stopping,
    Stopped,
    Done,

    /// <summary>Over, but nobody knows of some persons whether LINE took their message.</summary>
    NeedsPerson,
    Cancelled,
}

[GenerateSerializer, Alias("coopline.message-pause")]
public enum PauseReason
{
    ByHand,

    /// <summary>It goes on by itself in the morning.</summary>
    QuietHours,

    /// <summary>LINE's messages of this month do not suffice.</summary>
    Quota,

    /// <summary>It would cost more than was approved.</summary>
    Ceiling,

    /// <summary>It was due long ago: staff say whether it still goes.</summary>
    Late,

    /// <summary>LINE refuses this service's key (401, 403).</summary>
    NotAuthorized,

    /// <summary>LINE refuses what is said.</summary>
    BadMessage,
}

using System.Collections.Immutable;
using System.Text.Json.Serialization;
using CoopLine.Grains;
using CoopLine.Grains.Accounts;
using CoopLine.Grains.Messages;

namespace CoopLine.Webhook.Staff;

/// <summary>
/// A message to many and how far it has come. When it is over, <c>planned = accepted + skipped + refused + parked</c>: accepted
/// means that LINE took it, for LINE does not tell whether it arrived.
/// </summary>
/// <param name="PausedFor">Why it is paused; null when it is not.</param>
/// <param name="Hash">Of content, audience, time and ceiling: what is approved.</param>
/// <param name="Changed">What differs from the version that was approved last; null when none was.</param>
/// <param name="Skipped">Persons who were planned and got nothing, by reason.</param>
/// <param name="Refused">Persons whom LINE does not know.</param>
/// <param name="Parked">Persons of whom nobody knows whether LINE took their message; it is not sent to them again.</param>
/// <param name="Waiting">Persons whose turn has not come, or whose message LINE has not taken yet.</param>
/// <param name="LeftOut">Persons in the audience who were never planned, by reason.</param>
/// <param name="Yen">Whole yen that it has cost at most.</param>
public sealed record MessageResponse(
    string Id,
    MessageStatus Status,
    PauseReason? PausedFor,
    string Hash,
    string? Author,
    ReviewResponse? Submitted,
    ReviewResponse? Approved,
    ImmutableArray<string>? Changed,
    MessageDefinitionResponse Definition,
    long Planned,
    long Accepted,
    ImmutableSortedDictionary<string, long> Skipped,
    long Refused,
    long Parked,
    long Waiting,
    BlocksResponse Blocks,
    ImmutableSortedDictionary<string, long> LeftOut,
    long Yen)
{
    internal static MessageResponse Of(Message message, SendCounts? counts, CoopTime time) => new(
        message.Id, message.Status, message.PausedFor, message.Hash, message.Author, ReviewResponse.Of(message.Submitted, time),
        ReviewResponse.Of(message.Approved, time), message.LastApproved is { } last ? Differences(last, message.Definition) : null,
        MessageDefinitionResponse.Of(message.Definition, time), counts?.Progress.Planned ?? 0, counts?.Progress.Accepted ?? 0,
        MessageReasons.Of(counts?.Skipped), counts?.Progress.Refused ?? 0, counts?.Progress.Parked ?? 0, counts?.Waiting ?? 0,
        new(counts?.Progress.OpenBlocks ?? 0, counts?.Progress.BlocksInFlight ?? 0, counts?.Progress.BlocksDone ?? 0),
        MessageReasons.Of(counts?.LeftOut), Prices.Yen(counts?.Progress.Sen ?? 0));

    private static ImmutableArray<string> Differences(MessageDefinition last, MessageDefinition now) =>
    [
        .. new (string Name, bool Same)[]
        {
            ("title", last.Title == now.Title),
            ("topic", last.Topic == now.Topic),
            ("kind", last.Kind == now.Kind),
            ("audience", last.Audience == now.Audience),
            ("variants.linked", last.Linked == now.Linked),
            ("variants.unlinked", last.Unlinked == now.Unlinked),
            ("sendAt", last.SendAt == now.SendAt),
            ("spreadMinutes", last.Spread == now.Spread),
            ("ceilingYen", last.CeilingYen == now.CeilingYen),
        }.Where(field => !field.Same).Select(field => field.Name),
    ];
}

/// <param name="Open">Not closed yet.</param>
/// <param name="InFlight">Handed to LINE, which has not said what became of them.</param>
public sealed record BlocksResponse(int Open, int InFlight, int Done);

public sealed record ReviewResponse(string Hash, string By, DateTimeOffset At)
{
    internal static ReviewResponse? Of(Review? review, CoopTime time) =>
        review is null ? null : new(review.Hash, review.By, time.Local(review.At));
}

/// <summary>As it was sent in.</summary>
public sealed record MessageDefinitionResponse(
    string Title,
    string Topic,
    MessageKind Kind,
    AudienceBody Audience,
    VariantsBody Variants,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? SendAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? SpreadMinutes,
    int CeilingYen)
{
    internal static MessageDefinitionResponse Of(MessageDefinition definition, CoopTime time) => new(
        definition.Title, TopicNames.Write(definition.Topic), definition.Kind, AudienceBody.Of(definition.Audience),
        new() { Linked = ContentBody.Of(definition.Linked), Unlinked = ContentBody.Of(definition.Unlinked) },
        time.Local(definition.SendAt), definition.Spread is { } spread ? (int)spread.TotalMinutes : null, definition.CeilingYen);
}

/// <param name="LeftOut">Persons in the audience who would get nothing, by reason.</param>
/// <param name="Free">Messages that the account's plan includes.</param>
/// <param name="Paid">Messages beyond them.</param>
/// <param name="Yen">What those cost at most, in whole yen.</param>
/// <param name="Left">What remains of this month afterwards at LINE; null when LINE sets no limit.</param>
/// <param name="Hash">What to approve.</param>
public sealed record PreviewResponse(
    PersonsReachedResponse Persons, ImmutableSortedDictionary<string, long> LeftOut, long Free, long Paid, long Yen, long? Left, string Hash);

public sealed record PersonsReachedResponse(long Linked, long Unlinked);

public sealed record SubmittedResponse(string Hash);

/// <param name="Sent">Whose test LINE took.</param>
/// <param name="NotSent">Why it did not reach the others.</param>
public sealed record MessageTestResponse(ImmutableArray<string> Sent, ImmutableSortedDictionary<string, string> NotSent);

/// <param name="Next">Pass as <c>after</c> for the next page; null at the end.</param>
public sealed record MessagePersonsResponse(ImmutableArray<MessagePersonResponse> Persons, long? Next);

/// <param name="Member">Null for a friend without a link.</param>
public sealed record MessagePersonResponse(string? Member, PersonState State, SkipReason? Reason);

internal static class MessageReasons
{
    public static ImmutableSortedDictionary<string, long> Of(ImmutableSortedDictionary<SkipReason, long>? reasons) =>
        (reasons ?? ImmutableSortedDictionary<SkipReason, long>.Empty).ToImmutableSortedDictionary(
            one => EnumNames.Of(one.Key), one => one.Value);
}

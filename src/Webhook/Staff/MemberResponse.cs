using System.Collections.Immutable;
using System.Text.Json.Serialization;
using CoopLine.Grains;
using CoopLine.Grains.Members;

namespace CoopLine.Webhook.Staff;

/// <summary>What staff see of a member number. No phone, no birth date; LINE accounts shortened.</summary>
/// <param name="Known">Whether the registry has the number.</param>
/// <param name="Active">Whether the registry has it as an active member.</param>
/// <param name="ReplacedBy">The number that took its place.</param>
/// <param name="Link">The LINE account it is tied to now, or null.</param>
/// <param name="History">Links that ended.</param>
/// <param name="Mismatches">Wrong answers on the link page in the last day.</param>
/// <param name="Erased">That the person behind the number was erased. Whatever else is there has come since.</param>
public sealed record MemberResponse(
    string Number,
    bool Known,
    bool Active,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ReplacedBy,
    ImmutableArray<string> Predecessors,
    LinkResponse? Link,
    ImmutableArray<PastLinkResponse> History,
    LocksResponse Locks,
    ImmutableArray<MismatchResponse> Mismatches,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ErasedResponse? Erased,
    string TraceId)
{
    internal static MemberResponse Of(
        MemberReport report, DateTimeOffset? accountLockedUntil, CoopTime time, string trace) => new(
        report.Number,
        report.Known,
        report.Active,
        report.ReplacedBy,
        report.Predecessors,
        report.Link is { } link ? new(LineAccountText.Shorten(link.Account), time.Local(link.At)) : null,
        [.. report.History.Select(past => Of(past, time))],
        new(time.Local(report.LockedUntil), time.Local(accountLockedUntil)),
        [.. report.Mismatches.Select(one =>
            new MismatchResponse(time.Local(one.At), LineAccountText.Shorten(one.Account), FieldsOf(one.Fields)))],
        report.Erased is { } erased ? new(time.Local(erased.At), erased.By) : null,
        trace);

    private static PastLinkResponse Of(PastLink past, CoopTime time) => new(
        LineAccountText.Shorten(past.Link.Account),
        time.Local(past.Link.At),
        time.Local(past.EndedAt),
        past.End,
        past.By,
        past.Reason,
        past.IdentityCheck);

    private static ImmutableArray<string> FieldsOf(MismatchedFields fields) => fields is MismatchedFields.None
        ? ["notInRegistry"]
        :
        [
            .. from field in Enum.GetValues<MismatchedFields>()
               where field is not MismatchedFields.None && fields.HasFlag(field)
               select EnumNames.Of(field),
        ];
}

/// <param name="By">Name of the staff key. Why is in the ledger, which does not say whom it was about.</param>
public sealed record ErasedResponse(DateTimeOffset At, string By);

public sealed record LinkResponse(string Account, DateTimeOffset LinkedAt);

public sealed record PastLinkResponse(
    string Account,
    DateTimeOffset LinkedAt,
    DateTimeOffset EndedAt,
    LinkEnd End,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? By,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Reason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? IdentityCheck);

/// <param name="NumberLockedUntil">Twenty wrong answers in a day for this number, by four or more LINE accounts.</param>
/// <param name="AccountLockedUntil">Five wrong answers in an hour from the linked LINE account, or from one that tried this number.</param>
public sealed record LocksResponse(DateTimeOffset? NumberLockedUntil, DateTimeOffset? AccountLockedUntil);

/// <param name="Fields">
/// What differed or is not registered: <c>phone</c>, <c>birthDate</c>, <c>phoneNotRegistered</c>, <c>birthDateNotRegistered</c>,
/// <c>notActive</c>; or <c>notInRegistry</c>, nobody has this number.
/// </param>
public sealed record MismatchResponse(DateTimeOffset At, string Account, ImmutableArray<string> Fields);

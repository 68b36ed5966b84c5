using System.Text.Json.Serialization;

namespace CoopLine.Grains.Ledger;

/// <summary>
/// One fact that is kept for ever: who, what, when. Rows travel in the state that they belong to (property
/// <c>ledger</c> of its JSON) and are filed by the statement that writes the state, so that neither exists without the other.
/// </summary>
[GenerateSerializer, Immutable, Alias("coopline.ledger-row")]
public sealed record LedgerRow
{
    /// <summary>Characters of what people write into a row: a reason, how somebody was identified.</summary>
    public const int WordsMax = 500;

    /// <summary>What <see cref="Campaign"/> begins with in rows about a message to many; the message's id follows.</summary>
    public const string OfMessage = "message/";

    /// <summary>The same in rows about a rule by which messages go out by themselves; its reason's name follows.</summary>
    public const string OfAutomaticMessage = "automatic/";

    /// <summary>The same in rows about the account of a member of staff; the name follows, in lower case.</summary>
    public const string OfStaff = "staff/";

    /// <summary>What staff, or the service itself, did to something that has changes.</summary>
    /// <param name="change">What makes it one of its kind: the thing and the number of its change.</param>
    /// <param name="about">Null: nothing of a name.</param>
    public static LedgerRow OfChange(LedgerKind kind, string change, string? about, DateTimeOffset at, string actor) => new()
    {
        Id = $"{kind}|{change}",
        Kind = kind,
        At = at,
        Campaign = about,
        Actor = actor,
        TraceId = Telemetry.TraceId,
    };

    /// <summary>The natural key, e.g. <c>Used|2026-11-22/0123/05/000481|tofu-2026-11/10000001</c>. Filed once however often it is written.</summary>
    [Id(0)] public required string Id { get; init; }
    [Id(1)] public required LedgerKind Kind { get; init; }
    [Id(2)] public required DateTimeOffset At { get; init; }
    [Id(3)] public string? Campaign { get; init; }
    /// <summary>Member number.</summary>
    [Id(4)] public string? Member { get; init; }
    /// <summary>LINE user id.</summary>
    [Id(5)] public string? Account { get; init; }
    [Id(6)] public string? Store { get; init; }
    /// <summary>Date/store/register/number.</summary>
    [Id(7)] public string? Receipt { get; init; }
    [Id(8)] public int? Line { get; init; }
    /// <summary>Whole yen given as discount.</summary>
    [Id(9)] public int Yen { get; init; }
    /// <summary>SHA-256 (hex) of the till's request; one receipt has one, or the write is refused.</summary>
    [Id(10)] public string? RequestHash { get; init; }
    /// <summary>Id of the <see cref="LedgerKind.Used"/> row that this row takes back; null also for a void that came before its sale.</summary>
    [Id(11)] public string? Amends { get; init; }
    /// <summary>Whether the coupon can be used again because of this row.</summary>
    [Id(12)] public bool GivenBack { get; init; }
    /// <summary>Who did it: <c>friend</c>, <c>till</c>, <c>registry</c>, or the name of the staff key.</summary>
    [Id(13)] public string? Actor { get; init; }
    [Id(14)] public string? Reason { get; init; }
    /// <summary>How staff made sure that they spoke with the member.</summary>
    [Id(15)] public string? IdentityCheck { get; init; }
    /// <summary>
    /// JSON: for a use the whole answer to the till; null where the row itself says all of it (one coupon, used), or where
    /// the use is <see cref="Planned"/>. For a campaign that was defined: the definition of this version.
    /// </summary>
    [Id(16)] public string? Answer { get; init; }
    [Id(17)] public string? TraceId { get; init; }
    /// <summary>Campaign version that decided.</summary>
    [Id(18)] public int? Version { get; init; }
    /// <summary>
    /// The receipt's decision, 32 hexadecimal digits; one receipt has one, or the write is refused. A void that came before its sale
    /// is one, too. Null in rows of older versions.
    /// </summary>
    [Id(19)] public string? Decision { get; init; }
    /// <summary>For a use: it is part of a plan, and the answer is in the receipt's state.</summary>
    [Id(20), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public bool Planned { get; init; }

    /// <summary>About what it holds in memory.</summary>
    [JsonIgnore]
    public int Bytes => 500 + (Answer?.Length ?? 0) + (Reason?.Length ?? 0) + (IdentityCheck?.Length ?? 0);
}

public enum LedgerKind
{
    Linked,
    Unlinked,
    Renumbered,
    LocksCleared,
    Used,
    Voided,
    Returned,
    Restored,
    CampaignDefined,
    CampaignPublished,
    CampaignStopped,
    Undelivered,
    Erased,
    CampaignIssued,
    MessageDefined,
    MessageSubmitted,
    MessageApproved,
    MessagePlanned,
    MessagePaused,
    MessageResumed,
    MessageStopped,
    MessageCancelled,
    MessageEnded,
    FriendsRead,
    MessageTested,
    StaffInvited,
    StaffChanged,
    StaffRemoved,

    /// <summary>How somebody signs in.</summary>
    StaffWaysChanged,

    /// <summary>By somebody else.</summary>
    StaffSessionsEnded,
}

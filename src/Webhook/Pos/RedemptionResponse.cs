using System.Collections.Immutable;
using System.Text.Json.Serialization;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Redemptions;

namespace CoopLine.Webhook.Pos;

/// <summary>The decision. A refused coupon is an answer, not an error.</summary>
/// <param name="Outcome">Whether every coupon of the code was used, some, or none; or what became of the uses since.</param>
/// <param name="Replayed">The receipt had been decided before; this is that answer.</param>
/// <param name="TraceId">Quote it when asking about this decision.</param>
/// <param name="TakenBack">Of a replay: uses that were taken back since, and are no discounts any more; absent when there are none.</param>
/// <param name="Warnings">Lines of the request that were passed over, by number; absent when there are none.</param>
public sealed record RedemptionResponse(
    RedemptionResult Outcome,
    bool Replayed,
    ImmutableArray<DiscountResponse> Discounts,
    ImmutableArray<RefusalResponse> Refusals,
    string TraceId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ImmutableArray<TakenBackResponse>? TakenBack = null,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ImmutableArray<WarningResponse>? Warnings = null);

/// <param name="Line">The line whose unit it discounts.</param>
/// <param name="Units">Always 1.</param>
/// <param name="Amount">Yen off.</param>
public sealed record DiscountResponse(string Campaign, int Line, int Units, int Amount);

/// <param name="Campaign">Null only when the code is unknown or mistyped.</param>
/// <param name="Message">A Japanese sentence fit to be read to the customer.</param>
/// <param name="UsedAt">When it was used, for <c>alreadyUsed</c>.</param>
/// <param name="UsedStore">Where it was used, for <c>alreadyUsed</c>.</param>
/// <param name="MissingYen">How much more has to be bought, for <c>belowMinimum</c>.</param>
/// <param name="MissingUnits">How many more of the items have to be bought, for <c>belowMinimum</c>.</param>
public sealed record RefusalResponse(
    string? Campaign,
    RefusalReason Reason,
    string Message,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? UsedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? UsedStore,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? MissingYen,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? MissingUnits);

/// <param name="Line">The line that it discounted.</param>
public sealed record TakenBackResponse(string Campaign, int Line, UseState State);

/// <param name="Line">The till's number of the line.</param>
public sealed record WarningResponse(int Line, WarningReason Reason);

public enum WarningReason
{
    /// <summary>No coupon can be used on it: no item, no whole units, no whole yen from 1.</summary>
    NotAnItem,
}

/// <summary>What became of a receipt.</summary>
/// <param name="Replayed">Nothing changed now: it had been done before, or was only looked at.</param>
/// <param name="Answer">The answer the till got; only when looking it up.</param>
public sealed record ReceiptResponse(
    ReceiptReference Receipt,
    ImmutableArray<UseResponse> Uses,
    bool Replayed,
    string TraceId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] RedemptionResponse? Answer = null);

/// <param name="ChangedAt">When it was voided, returned or restored.</param>
/// <param name="GivenBack">Whether the member can use the coupon again.</param>
public sealed record UseResponse(
    string Campaign,
    int Line,
    int Units,
    int Amount,
    UseState State,
    DateTimeOffset UsedAt,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? ChangedAt,
    bool GivenBack);

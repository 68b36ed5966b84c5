using System.Collections.Immutable;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Ledger;

namespace CoopLine.Grains.Redemptions;

/// <param name="Answer">The answer the till got.</param>
/// <param name="Uses">What became of each discount.</param>
/// <param name="Rows">The ledger rows of the receipt, oldest first.</param>
[GenerateSerializer, Immutable, Alias("coopline.receipt-report")]
public sealed record ReceiptReport(
    [property: Id(0)] RedemptionAnswer Answer,
    [property: Id(1)] ImmutableArray<ReceiptUse> Uses,
    [property: Id(2)] ImmutableArray<LedgerRow> Rows);

/// <param name="State">Whether the use stands.</param>
/// <param name="ChangedAt">When it was voided, returned or restored.</param>
/// <param name="GivenBack">Whether the member can use the coupon again.</param>
[GenerateSerializer, Immutable, Alias("coopline.receipt-use")]
public sealed record ReceiptUse(
    [property: Id(0)] string Campaign,
    [property: Id(1)] int Line,
    [property: Id(2)] int Units,
    [property: Id(3)] int Amount,
    [property: Id(4)] UseState State,
    [property: Id(5)] DateTimeOffset UsedAt,
    [property: Id(6)] DateTimeOffset? ChangedAt,
    [property: Id(7)] bool GivenBack);

public enum UseState
{
    Used,
    Voided,
    Returned,
    Restored,
}

/// <param name="Uses">The uses asked about, as they stand now.</param>
/// <param name="Replayed">Nothing changed: it had been done before, or there was nothing to give back.</param>
[GenerateSerializer, Immutable, Alias("coopline.give-back-report")]
public sealed record GiveBackReport(
    [property: Id(0)] ImmutableArray<ReceiptUse> Uses,
    [property: Id(1)] bool Replayed,
    [property: Id(2)] string? TraceId);

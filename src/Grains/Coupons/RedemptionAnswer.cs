using System.Collections.Immutable;
using System.Text.Json.Serialization;
using CoopLine.Grains.Campaigns;

namespace CoopLine.Grains.Coupons;

/// <summary>The answer as it is kept with the use, and given again to a replay.</summary>
[GenerateSerializer, Immutable, Alias("coopline.redemption-answer")]
public sealed record RedemptionAnswer(
    [property: Id(0)] RedemptionResult Result,
    [property: Id(1)] ImmutableArray<AppliedDiscount> Discounts,
    [property: Id(2)] ImmutableArray<Refusal> Refusals,
    [property: Id(3)] string? TraceId)
{
    /// <summary>The code was never shown to anybody.</summary>
    [JsonIgnore]
    public bool IsCodeUnknown => Refusals is [{ Reason: RefusalReason.CodeUnknown }];
}

public enum RedemptionResult
{
    /// <summary>Every coupon of the code was used.</summary>
    Redeemed,

    /// <summary>Some were.</summary>
    Partial,

    /// <summary>None was.</summary>
    Refused,

    /// <summary>The receipt is void: what was used was taken back, or nothing was used because the void came first.</summary>
    Voided,

    /// <summary>All that was used came back with its goods.</summary>
    Returned,

    /// <summary>Staff gave back what was used.</summary>
    Restored,
}

/// <param name="Campaign">Null when the code itself is unknown or mistyped.</param>
/// <param name="UsedAt">For <see cref="RefusalReason.AlreadyUsed"/>: when.</param>
/// <param name="UsedStore">For <see cref="RefusalReason.AlreadyUsed"/>: where.</param>
/// <param name="MissingYen">For <see cref="RefusalReason.BelowMinimum"/>: how much more has to be bought, where yen are missing.</param>
/// <param name="MissingUnits">For <see cref="RefusalReason.BelowMinimum"/>: how many more, where units are missing.</param>
/// <param name="Weekdays">For <see cref="RefusalReason.NotToday"/> and <see cref="RefusalReason.NotNow"/>: when it is; null for every day.</param>
/// <param name="Hours">For the same: when it is; null for all day.</param>
/// <param name="SoldOutIn">For <see cref="RefusalReason.SoldOut"/>: which limit was reached, where that is known.</param>
/// <param name="MissingOn">For <see cref="RefusalReason.BelowMinimum"/>: on what yen are missing.</param>
[GenerateSerializer, Immutable, Alias("coopline.refusal")]
public sealed record Refusal(
    [property: Id(0)] string? Campaign,
    [property: Id(1)] RefusalReason Reason,
    [property: Id(2)] DateTimeOffset? UsedAt = null,
    [property: Id(3)] string? UsedStore = null,
    [property: Id(4)] int? MissingYen = null,
    [property: Id(5)] int? MissingUnits = null,
    [property: Id(6)] ImmutableArray<DayOfWeek>? Weekdays = null,
    [property: Id(7)] Hours? Hours = null,
    [property: Id(8)] Counted? SoldOutIn = null,
    [property: Id(9)] SpendOn? MissingOn = null)
{
    /// <summary>With what its reason alone does not say.</summary>
    public static Refusal Of(Campaign? campaign, string id, RefusalReason reason) => reason switch
    {
        RefusalReason.NotToday or RefusalReason.NotNow => new(
            id, reason, Weekdays: campaign?.Definition.Conditions?.Weekdays, Hours: campaign?.Definition.Conditions?.Hours),
        _ => new(id, reason),
    };
}

/// <summary>One coupon on one unit of one line.</summary>
/// <param name="Units">Always 1.</param>
/// <param name="Amount">Yen off, from 1.</param>
[GenerateSerializer, Immutable, Alias("coopline.applied-discount")]
public sealed record AppliedDiscount(
    [property: Id(0)] string Campaign,
    [property: Id(1)] int Line,
    [property: Id(2)] int Units,
    [property: Id(3)] int Amount);

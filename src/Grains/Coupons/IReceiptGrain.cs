using System.Collections.Immutable;
using System.Security.Cryptography;
using CoopLine.Grains.Ledger;

namespace CoopLine.Grains.Coupons;

/// <summary>One receipt: one decision, its void and its returns. Key: <c>r-</c> + date/store/register/number.</summary>
[Alias("coopline.receipt")]
public interface IReceiptGrain : IUnfinishedGrain
{
    /// <summary>Decides and uses the coupons. The same purchase again, at any time, gets the first answer; refusals are not remembered.</summary>
    [Alias("redeem")]
    Task<RedeemOutcome> Redeem(Purchase purchase);

    /// <summary>What <see cref="Redeem"/> would answer; changes nothing.</summary>
    [Alias("evaluate")]
    Task<RedeemOutcome> Evaluate(Purchase purchase);

    /// <returns>Null when nothing was ever redeemed on this receipt.</returns>
    [Alias("report")]
    Task<ReceiptReport?> Report();

    /// <summary>The whole receipt is void: each of its coupons is given back once, if its campaign is still on.</summary>
    /// <returns>Null when nothing was ever redeemed on this receipt.</returns>
    [Alias("void")]
    Task<GiveBackReport?> Void();

    /// <summary>Some lines come back: their coupons are given back once, if the campaign is still on.</summary>
    /// <param name="lines">Line numbers, at least one.</param>
    /// <returns>Null when nothing was ever redeemed on this receipt.</returns>
    [Alias("return")]
    Task<GiveBackReport?> Return(ImmutableArray<int> lines);

    /// <summary>Staff give a use back, whether or not the campaign is still on.</summary>
    /// <returns>Null when this campaign was not redeemed on this receipt.</returns>
    [Alias("restore")]
    Task<GiveBackReport?> Restore(string campaign, string staff, string reason);
}

/// <summary>What a till asks.</summary>
/// <param name="PurchasedAt">The till's time; at most ten minutes from the server's clock when first decided.</param>
/// <param name="Code">13 digits.</param>
/// <param name="Lines">1..1,000, line numbers unique.</param>
/// <param name="Hash">SHA-256 (lower-case hex) over everything else in canonical form: two requests are the same when it is.</param>
/// <param name="Attempt">
/// Names one call of the till, however often the program itself repeats it: 16 hexadecimal digits that nobody can guess. The
/// names of its decisions begin with them. Null from older versions.
/// </param>
[GenerateSerializer, Immutable, Alias("coopline.purchase")]
public sealed record Purchase(
    [property: Id(0)] ReceiptKey Receipt,
    [property: Id(1)] DateTimeOffset PurchasedAt,
    [property: Id(2)] string Code,
    [property: Id(3)] ImmutableArray<SaleLine> Lines,
    [property: Id(4)] string Hash,
    [property: Id(5)] string? Attempt = null)
{
    internal const int AttemptLength = 16;

    /// <summary>How far a till's clock may be from ours.</summary>
    private static readonly TimeSpan MaxClockDifference = TimeSpan.FromMinutes(10);

    /// <summary>This purchase as a call of its own.</summary>
    public Purchase AsAttempt() => this with { Attempt = RandomNumberGenerator.GetHexString(AttemptLength, lowercase: true) };

    /// <summary>A name for a decision about it, 32 hexadecimal digits.</summary>
    internal string NewDecision() =>
        Attempt + RandomNumberGenerator.GetHexString(32 - (Attempt?.Length ?? 0), lowercase: true);

    public bool IsFarFrom(DateTimeOffset now) => (PurchasedAt - now).Duration() > MaxClockDifference;
}

[GenerateSerializer, Immutable, Alias("coopline.redeem-outcome")]
public abstract record RedeemOutcome
{
    private protected RedeemOutcome()
    {
    }

    [GenerateSerializer, Immutable, Alias("coopline.redeem-outcome.answered")]
    public sealed record Answered([property: Id(0)] RedemptionAnswer Answer, [property: Id(1)] bool Replayed) : RedeemOutcome;

    /// <summary>This receipt was decided for a request with other contents.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.redeem-outcome.another-request")]
    public sealed record AnotherRequest : RedeemOutcome;

    /// <summary>The purchase time is more than ten minutes from the server's clock.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.redeem-outcome.clock-off")]
    public sealed record ClockOff([property: Id(0)] DateTimeOffset ServerTime) : RedeemOutcome;
}

/// <summary>The answer as it is kept with the use, and given again to a replay.</summary>
[GenerateSerializer, Immutable, Alias("coopline.redemption-answer")]
public sealed record RedemptionAnswer(
    [property: Id(0)] RedemptionResult Result,
    [property: Id(1)] ImmutableArray<AppliedDiscount> Discounts,
    [property: Id(2)] ImmutableArray<Refusal> Refusals,
    [property: Id(3)] string? TraceId);

public enum RedemptionResult
{
    /// <summary>Every coupon of the code was used.</summary>
    Redeemed,

    /// <summary>Some were.</summary>
    Partial,

    /// <summary>None was.</summary>
    Refused,
}

/// <param name="Campaign">Null when the code itself is unknown.</param>
/// <param name="UsedAt">For <see cref="RefusalReason.AlreadyUsed"/>: when.</param>
/// <param name="UsedStore">For <see cref="RefusalReason.AlreadyUsed"/>: where.</param>
[GenerateSerializer, Immutable, Alias("coopline.refusal")]
public sealed record Refusal(
    [property: Id(0)] string? Campaign,
    [property: Id(1)] RefusalReason Reason,
    [property: Id(2)] DateTimeOffset? UsedAt = null,
    [property: Id(3)] string? UsedStore = null);

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

using CoopLine.Grains.Ledger;

namespace CoopLine.Grains.Coupons;

/// <summary>The right of one member to one campaign; usable once. Key: <c>k-</c> + campaign id + <c>/</c> + member number.</summary>
[Alias("coopline.coupon")]
public interface ICouponGrain : IGrainWithStringKey
{
    /// <summary>Uses the coupon. The same decision of the same receipt gets its first answer again.</summary>
    [Alias("use")]
    Task<UseOutcome> Use(CouponUse use, RedemptionAnswer? answer);

    /// <summary>Takes the use by this receipt back, once.</summary>
    /// <param name="giveBack">Whether the coupon becomes usable again.</param>
    /// <returns>The row that took it back, now or earlier; null when the receipt never used this coupon.</returns>
    [Alias("take-back")]
    Task<LedgerRow?> TakeBack(ReceiptKey receipt, LedgerKind kind, bool giveBack, string actor, string? reason);

    /// <summary>Called before a repeated call is answered "refused": an earlier try still under way cannot get this coupon any more.</summary>
    /// <param name="attempt"><see cref="Purchase.Attempt"/>.</param>
    /// <returns>False when this receipt has got it already: then the answer is no refusal.</returns>
    [Alias("forsake")]
    Task<bool> Forsake(ReceiptKey receipt, string attempt);

    /// <summary>The account moved on to link number <paramref name="sequence"/>: uses under its older links are refused from now on.</summary>
    /// <returns>The standing use by this account, if there is one.</returns>
    [Alias("fence")]
    Task<CouponUse?> Fence(string account, int sequence);

    /// <summary>The member number was replaced: nobody uses this coupon from now on.</summary>
    /// <returns>The standing use, if there is one.</returns>
    [Alias("supersede")]
    Task<CouponUse?> Supersede();

    /// <summary>The watcher hears of every use and take-back for a minute. Watching again prolongs it.</summary>
    [Alias("watch")]
    Task Watch(ICouponWatcher watcher);
}

/// <param name="LinkSequence">The account's link under which the coupon is used.</param>
/// <param name="Version">Campaign version that decided.</param>
/// <param name="Decision">The receipt's decision (<see cref="RedemptionPlan"/>); null in uses of older versions.</param>
[GenerateSerializer, Immutable, Alias("coopline.coupon-use")]
public sealed record CouponUse(
    [property: Id(0)] ReceiptKey Receipt,
    [property: Id(1)] string RequestHash,
    [property: Id(2)] string Account,
    [property: Id(3)] int LinkSequence,
    [property: Id(4)] DateTimeOffset At,
    [property: Id(5)] int Line,
    [property: Id(6)] int Yen,
    [property: Id(7)] int Version,
    [property: Id(8)] string? Decision = null)
{
    /// <summary>
    /// Whether one decision made both. A use that an older version wrote or passed on has no decision; then the requests are
    /// compared. The database does the same.
    /// </summary>
    public bool IsOfTheDecisionOf(CouponUse other) =>
        RequestHash == other.RequestHash && (Decision is null || other.Decision is null || Decision == other.Decision);
}

[GenerateSerializer, Immutable, Alias("coopline.use-outcome")]
public abstract record UseOutcome
{
    private protected UseOutcome()
    {
    }

    /// <summary>Used by this receipt.</summary>
    /// <param name="Before">By the same decision, before now.</param>
    [GenerateSerializer, Immutable, Alias("coopline.use-outcome.used")]
    public sealed record Used([property: Id(0)] CouponUse Use, [property: Id(1)] bool Before) : UseOutcome;

    [GenerateSerializer, Immutable, Alias("coopline.use-outcome.already-used")]
    public sealed record AlreadyUsed([property: Id(0)] CouponUse By) : UseOutcome;

    /// <summary>The receipt has another decision, or used it and gave it back: its record must be read again.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.use-outcome.receipt-decided")]
    public sealed record ReceiptDecided : UseOutcome;

    /// <summary>The link under which it was shown is over.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.use-outcome.fenced")]
    public sealed record Fenced : UseOutcome;
}

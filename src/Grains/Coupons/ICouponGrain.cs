using System.Collections.Immutable;
using System.Text.Json.Serialization;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;

namespace CoopLine.Grains.Coupons;

/// <summary>The right of one member to one campaign; usable once. Key: <c>k-</c> + campaign id + <c>/</c> + member number.</summary>
[Alias("coopline.coupon")]
public interface ICouponGrain : IGrainWithStringKey
{
    /// <summary>Uses the coupon. The same decision of the same receipt uses it once.</summary>
    /// <param name="answer">What the till is told, to be kept with the use; null when the use is part of a plan.</param>
    /// <param name="relied">What the decision was made from, if that was not read just now.</param>
    [Alias("use")]
    Task<UseOutcome> Use(CouponUse use, RedemptionAnswer? answer, Reliance? relied);

    /// <summary>Takes the use by this receipt back, once.</summary>
    /// <param name="giveBack">Whether the coupon becomes usable again.</param>
    /// <returns>The row that took it back, now or earlier; null when the receipt never used this coupon.</returns>
    [Alias("take-back")]
    Task<LedgerRow?> TakeBack(ReceiptKey receipt, LedgerKind kind, bool giveBack, string actor, string? reason);

    /// <summary>Called before a repeated call is answered "refused": an earlier try still under way cannot get this coupon any more.</summary>
    /// <returns>False when this receipt has got it already: then the answer is no refusal.</returns>
    [Alias("forsake")]
    Task<bool> Forsake(ReceiptKey receipt, Attempt attempt);

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

/// <param name="RequestHash">Null once it is stored with a decision, which says more.</param>
/// <param name="LinkSequence">The account's link under which the coupon is used.</param>
/// <param name="Version">Campaign version that decided.</param>
/// <param name="Decision">The receipt's decision; null in uses of older versions.</param>
/// <param name="LineUnits">Units that were sold on the line; null for one, and in uses of older versions.</param>
/// <param name="Counted">The numbers of its campaign that it was counted in, and is counted out of when it is given back.</param>
/// <param name="Limits">What they may come to. Not kept: a use is in the numbers once it is written.</param>
[GenerateSerializer, Immutable, Alias("coopline.coupon-use")]
public sealed record CouponUse(
    [property: Id(0)] ReceiptKey Receipt,
    [property: Id(1)] string? RequestHash,
    [property: Id(2)] string Account,
    [property: Id(3)] int LinkSequence,
    [property: Id(4)] DateTimeOffset At,
    [property: Id(5)] int Line,
    [property: Id(6)] int Yen,
    [property: Id(7)] int Version,
    [property: Id(8)] Decision? Decision = null,
    [property: Id(9)] int? LineUnits = null,
    [property: Id(10), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] Counted Counted = Counted.Nowhere,
    [property: Id(11), JsonIgnore] UseLimits? Limits = null)
{
    /// <summary>What the write of this use counts.</summary>
    public ImmutableArray<CountChange> CountedIn(string campaign) => Changes(campaign, 1, Limits);

    /// <summary>What the write that gives it back counts.</summary>
    public ImmutableArray<CountChange> CountedOut(string campaign) => Changes(campaign, -1, limits: null);

    /// <summary>
    /// Whether one decision made both. A use that an older version wrote has no decision; then the requests are compared. The
    /// database does the same.
    /// </summary>
    public bool IsOfTheDecisionOf(CouponUse other) => Decision is { } decision && other.Decision is { } another
        ? decision == another
        : RequestHash == other.RequestHash;

    private ImmutableArray<CountChange> Changes(string campaign, int sign, UseLimits? limits)
    {
        var changes = ImmutableArray.CreateBuilder<CountChange>(3);
        Add(Counted.All, CountScope.All, limits?.Total);
        Add(Counted.Store, CountScope.Store(Receipt.Store), limits?.Store);
        Add(Counted.Day, CountScope.Day(Receipt.BusinessDate), limits?.Day);
        return changes.ToImmutable();

        void Add(Counted number, string scope, Limit? limit)
        {
            if (Counted.HasFlag(number)) changes.Add(new(campaign, scope, sign, sign * Yen, limit?.Uses, limit?.Yen));
        }
    }
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

    /// <summary>The coupon is free, but something that the decision relied on is not as it was: nothing was done, decide again.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.use-outcome.stale")]
    public sealed record Stale : UseOutcome;

    /// <summary>Free, but its campaign has no room for it.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.use-outcome.sold-out")]
    public sealed record SoldOut : UseOutcome;

    /// <summary>The link under which it was shown is over.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.use-outcome.fenced")]
    public sealed record Fenced : UseOutcome;
}

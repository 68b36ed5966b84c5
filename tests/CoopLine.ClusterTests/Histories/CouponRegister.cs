namespace CoopLine.ClusterTests.Histories;

/// <summary>One person's coupon of one campaign: free or held by a receipt. A receipt holds it once.</summary>
/// <param name="Holder">The receipt, by its number in this history; null: free.</param>
/// <param name="Used">Bits: the receipts that ever held it.</param>
/// <param name="Voided">Bits: those of them that gave it back.</param>
/// <param name="Barred">Bits: receipts that were voided without holding it, and never will.</param>
internal sealed record CouponRegister(int? Holder, ulong Used, ulong Voided, ulong Barred = 0)
{
    public static CouponRegister Start { get; } = new(null, 0, 0);

    /// <summary>"Redeemed", by this very call.</summary>
    public CouponRegister? Redeem(int receipt) =>
        Holder is null && !Has(Used | Barred, receipt) ? this with { Holder = receipt, Used = Used | Bit(receipt) } : null;

    /// <summary>
    /// "Redeemed, replayed": an earlier call of this receipt did it; or this one, and the program called itself again. Once it is
    /// voided, no answer gives it again.
    /// </summary>
    public CouponRegister? Replay(int receipt) => Holder == receipt ? this : Redeem(receipt);

    /// <summary>The receipt is answered "voided".</summary>
    public CouponRegister? SeenOver(int receipt) => Has(Voided | Barred, receipt) ? this : null;

    public CouponRegister MaybeRedeem(int receipt) => Redeem(receipt) ?? this;

    /// <summary>"Already used", by another receipt.</summary>
    public CouponRegister? RefuseAsUsed(int receipt) => Holder is { } other && other != receipt ? this : null;

    /// <summary>A code is given out for a free coupon only.</summary>
    public CouponRegister? SeenFree() => Holder is null ? this : null;

    public CouponRegister? SeenUsed() => Holder is null ? null : this;

    /// <summary>A void is answered by "voided".</summary>
    public CouponRegister? Void(int receipt) =>
        Holder == receipt ? this with { Holder = null, Voided = Voided | Bit(receipt) }
        : Has(Voided, receipt) ? this
        : null;

    /// <summary>A void that found no use of this coupon.</summary>
    public CouponRegister? Bar(int receipt) => Has(Used, receipt) ? null : this with { Barred = Barred | Bit(receipt) };

    public CouponRegister MaybeVoid(int receipt) => Void(receipt) ?? Bar(receipt) ?? this;

    /// <summary>The receipt is looked up, and its use of this coupon stands.</summary>
    public CouponRegister? SeenHolding(int receipt) => Holder == receipt ? this : null;

    public CouponRegister? SeenVoided(int receipt) => Has(Voided, receipt) ? this : null;

    /// <summary>The receipt is looked up, and has no use of this coupon.</summary>
    public CouponRegister? SeenWithout(int receipt) => Has(Used, receipt) ? null : this;

    /// <summary>The end of the history, as the database has it.</summary>
    public CouponRegister? End(CouponRegister stored) => this with { Barred = 0 } == stored ? this : null;

    private static ulong Bit(int receipt) => 1UL << receipt;

    private static bool Has(ulong receipts, int receipt) => (receipts & Bit(receipt)) != 0;
}

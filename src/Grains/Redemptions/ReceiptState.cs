namespace CoopLine.Grains.Redemptions;

/// <summary>
/// Stored only for a receipt that uses several coupons: the plan before the first of them is used, then the answer.
/// A receipt with one coupon has its record in the coupon's ledger row.
/// </summary>
public sealed record ReceiptState
{
    public Plan? Plan { get; init; }

    public Coupons.RedemptionAnswer? Answer { get; init; }

    public bool Pending => Plan is not null && Answer is null;
}

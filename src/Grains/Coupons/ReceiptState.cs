using System.Collections.Immutable;

namespace CoopLine.Grains.Coupons;

/// <summary>
/// Stored only for a receipt that uses several coupons: the plan before the first of them is used, then the answer.
/// A receipt with one coupon has its record in the coupon's ledger row.
/// </summary>
public sealed record ReceiptState
{
    public RedemptionPlan? Plan { get; init; }

    public RedemptionAnswer? Answer { get; init; }

    public bool Pending => Plan is not null && Answer is null;
}

/// <summary>What a redemption comes to, if every coupon is still free when it is used.</summary>
/// <param name="Code">The digits' meaning; null when they have none.</param>
/// <param name="Refusals">Coupons of the code that were refused before any was used.</param>
/// <param name="Decision">
/// What this decision is called: 32 hexadecimal digits that nobody guesses. A receipt takes one decision, whoever carries
/// it out. Null in plans of older versions.
/// </param>
public sealed record RedemptionPlan(
    string RequestHash,
    DateTimeOffset At,
    CodeGrant? Code,
    ImmutableArray<PlannedUse> Uses,
    ImmutableArray<Refusal> Refusals,
    string? TraceId,
    string? Decision = null)
{
    /// <summary>The answer when these uses came through and the others were refused.</summary>
    public RedemptionAnswer Answer(IEnumerable<PlannedUse> used, IEnumerable<Refusal> lost)
    {
        ImmutableArray<AppliedDiscount> discounts = [.. used.Select(use => use.Discount)];
        ImmutableArray<Refusal> refusals = [.. Refusals, .. lost];
        var result = (discounts.Length, refusals.Length) switch
        {
            (0, _) => RedemptionResult.Refused,
            (_, 0) => RedemptionResult.Redeemed,
            _ => RedemptionResult.Partial,
        };
        return new(result, discounts, refusals, TraceId);
    }

    internal CouponUse UseOf(PlannedUse use, ReceiptKey receipt) => new(
        receipt, RequestHash, Code!.Account, Code.LinkSequence, At, use.Discount.Line, use.Discount.Amount, use.Version,
        Decision);
}

/// <param name="Version">Campaign version that decided.</param>
public sealed record PlannedUse(AppliedDiscount Discount, int Version)
{
    /// <summary>Somebody was faster.</summary>
    internal Refusal Lost(UseOutcome outcome) => outcome is UseOutcome.AlreadyUsed { By: var by }
        ? new(Discount.Campaign, RefusalReason.AlreadyUsed, by.At, by.Receipt.Store)
        : new(Discount.Campaign, RefusalReason.NotLinked);
}

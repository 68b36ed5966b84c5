using System.Collections.Immutable;
using CoopLine.Grains.Coupons;

namespace CoopLine.Grains.Redemptions;

/// <summary>What became of a plan, and so what its maker does next.</summary>
[GenerateSerializer, Immutable, Alias("coopline.write-outcome")]
public abstract record WriteOutcome
{
    private protected WriteOutcome()
    {
    }

    /// <summary>On disk: this is the answer.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.write-outcome.done")]
    public sealed record Done([property: Id(0)] RedemptionAnswer Answer) : WriteOutcome;

    /// <summary>Somebody was faster with every coupon: this is the answer, unless the receipt has been decided.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.write-outcome.refused")]
    public sealed record Refused([property: Id(0)] RedemptionAnswer Answer) : WriteOutcome;

    /// <summary>The receipt has a decision: its record has the answer.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.write-outcome.receipt-decided")]
    public sealed record ReceiptDecided : WriteOutcome;

    /// <summary>The person has used these coupons under an earlier number: plan again, with that.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.write-outcome.used-earlier")]
    public sealed record UsedEarlier([property: Id(0)] ImmutableArray<StandingUse> Uses) : WriteOutcome;

    /// <summary>The campaign has no room for the use: look how much there is, and plan again.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.write-outcome.limit-reached")]
    public sealed record LimitReached : WriteOutcome;

    /// <summary>A fact has changed, and nothing was done: read, and plan again.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.write-outcome.stale")]
    public sealed record Stale : WriteOutcome;
}

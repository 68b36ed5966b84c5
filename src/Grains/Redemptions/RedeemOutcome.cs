using System.Collections.Immutable;
using CoopLine.Grains.Coupons;

namespace CoopLine.Grains.Redemptions;

[GenerateSerializer, Immutable, Alias("coopline.redeem-outcome")]
public abstract record RedeemOutcome
{
    private protected RedeemOutcome()
    {
    }

    /// <param name="TakenBack">Uses of an earlier answer that were taken back since; null for none.</param>
    /// <param name="Decision">Of an answer that was found again: the plan that it came from.</param>
    [GenerateSerializer, Immutable, Alias("coopline.redeem-outcome.answered")]
    public sealed record Answered(
        [property: Id(0)] RedemptionAnswer Answer,
        [property: Id(1)] bool Replayed,
        [property: Id(2)] ImmutableArray<ReceiptUse>? TakenBack = null,
        [property: Id(3)] Decision? Decision = null) : RedeemOutcome;

    /// <summary>This receipt was decided for a request with other contents.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.redeem-outcome.another-request")]
    public sealed record AnotherRequest : RedeemOutcome;

    /// <summary>Nothing is decided for this receipt; said only inside of the program.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.redeem-outcome.undecided")]
    public sealed record Undecided : RedeemOutcome;

    /// <summary>The purchase time is more than ten minutes from the server's clock.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.redeem-outcome.clock-off")]
    public sealed record ClockOff([property: Id(0)] DateTimeOffset ServerTime) : RedeemOutcome;
}

using System.Collections.Immutable;
using System.Diagnostics;
using CoopLine.Grains.Coupons;

namespace CoopLine.Grains.Redemptions;

/// <summary>What is told of a till's call: a span, counters, and what the operations page shows.</summary>
internal sealed class RedemptionTelemetry : IDisposable
{
    private readonly ReceiptKey receipt;
    private readonly RecentAnswers recent;
    private readonly TimeProvider clock;
    private readonly Activity? span;
    private string outcome = TillAnswer.NoAnswer; // until there is one
    private bool replayed;
    private ImmutableArray<Refusal> refusals = [];

    private RedemptionTelemetry(ReceiptKey receipt, RecentAnswers recent, TimeProvider clock)
    {
        (this.receipt, this.recent, this.clock) = (receipt, recent, clock);
        span = Telemetry.Source.StartActivity("receipt.redeem");
        span?.SetTag("coopline.receipt", receipt.ToString())
            .SetTag("coopline.store", receipt.Store)
            .SetTag("coopline.register", receipt.Register)
            .SetTag("coopline.redemption.outcome", outcome);
    }

    public static RedemptionTelemetry Begin(ReceiptKey receipt, RecentAnswers recent, TimeProvider clock) =>
        new(receipt, recent, clock);

    /// <returns>The outcome and the first reason, for the log.</returns>
    public (string Outcome, string? Reason, bool Replayed) Answered(RedeemOutcome given)
    {
        var answered = given as RedeemOutcome.Answered;
        outcome = answered?.Answer.Result.ToString() ?? given.GetType().Name;
        replayed = answered is { Replayed: true };
        refusals = answered?.Answer.Refusals ?? [];
        var reason = refusals is [var first, ..] ? first.Reason.ToString() : null;
        Telemetry.Redemptions.Add(1, new TagList
        {
            { "coopline.store", receipt.Store },
            { "coopline.redemption.outcome", outcome },
            { "coopline.redemption.reason", reason ?? "None" },
            { "coopline.redemption.replayed", replayed },
        });
        if (answered is { Replayed: false }) Count(answered.Answer);
        span?.SetTag("coopline.redemption.outcome", outcome)
            .SetTag("coopline.redemption.reason", reason)
            .SetTag("coopline.redemption.replayed", replayed);
        return (outcome, reason, replayed);
    }

    public void Dispose()
    {
        recent.Add(new(receipt.ToString(), clock.GetUtcNow(), Telemetry.TraceId, outcome, replayed, refusals));
        span?.Dispose();
    }

    private static void Count(RedemptionAnswer answer)
    {
        foreach (var given in answer.Discounts)
        {
            Telemetry.Coupons.Add(1, new("coopline.campaign.id", given.Campaign), new("coopline.coupon.outcome", "Used"));
            Telemetry.Discounts.Add(given.Amount, new KeyValuePair<string, object?>("coopline.campaign.id", given.Campaign));
        }

        foreach (var refused in answer.Refusals.Where(one => one.Campaign is not null))
        {
            Telemetry.Coupons.Add(
                1, new("coopline.campaign.id", refused.Campaign), new("coopline.coupon.outcome", refused.Reason.ToString()));
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using CoopLine.Grains.Ledger;
using Microsoft.Extensions.Logging;

namespace CoopLine.Grains.Coupons;

/// <summary>
/// Where a redemption begins, in the process that took the till's call. A code of one coupon is decided here: the
/// coupon's own write is the record of the receipt, and the database files one decision for a receipt. So the receipt is
/// looked up only before a refusal. Everything else (several coupons, a receipt that has a record, a race that was lost)
/// is decided by the receipt's grain.
/// </summary>
public sealed partial class RedemptionDesk(
    IGrainFactory grains, RedemptionPlanner planner, ILedger ledger, TimeProvider clock, ILogger<RedemptionDesk> log)
{
    /// <inheritdoc cref="IReceiptGrain.Redeem"/>
    /// <param name="repeated">
    /// An earlier try of this attempt had no answer, and may still be under way in a process that hangs. Before the till is told
    /// a refusal, the coupons are put out of that try's reach.
    /// </param>
    public async Task<RedeemOutcome> Redeem(Purchase purchase, bool repeated)
    {
        using var span = Telemetry.Source.StartActivity("receipt.redeem");
        span?.SetTag("coopline.receipt", purchase.Receipt.ToString())
            .SetTag("coopline.store", purchase.Receipt.Store)
            .SetTag("coopline.register", purchase.Receipt.Register)
            .SetTag("coopline.redemption.outcome", "NoAnswer"); // until there is one
        var outcome = await Decide(purchase) ?? await grains.Receipt(purchase.Receipt).Redeem(purchase);
        var refused = IsRefused(outcome) || outcome is RedeemOutcome.ClockOff;
        if (repeated && refused && !await Forsake(purchase)) outcome = await grains.Receipt(purchase.Receipt).Redeem(purchase);
        Tell(purchase.Receipt, outcome, span);
        return outcome;
    }

    private static bool IsRefused(RedeemOutcome? outcome) =>
        outcome is RedeemOutcome.Answered { Answer.Result: RedemptionResult.Refused };

    /// <returns>False when the earlier try has got a coupon after all: then the receipt has an answer.</returns>
    private async Task<bool> Forsake(Purchase purchase)
    {
        if (purchase.Attempt is not { } attempt || await planner.Code(purchase) is not { } code) return true;

        var free = true;
        foreach (var campaign in code.Campaigns) free &= await grains.Coupon(campaign, code.Member).Forsake(purchase.Receipt, attempt);
        return free;
    }

    private void Tell(ReceiptKey receipt, RedeemOutcome outcome, Activity? span)
    {
        var answered = outcome as RedeemOutcome.Answered;
        var replayed = answered is { Replayed: true };
        var result = answered?.Answer.Result.ToString() ?? outcome.GetType().Name;
        var reason = answered?.Answer.Refusals is [var refusal, ..] ? refusal.Reason.ToString() : null;
        Telemetry.Redemptions.Add(1, new TagList
        {
            { "coopline.store", receipt.Store },
            { "coopline.redemption.outcome", result },
            { "coopline.redemption.reason", reason ?? "None" },
            { "coopline.redemption.replayed", replayed },
        });
        if (answered is { Replayed: false, Answer: var answer })
        {
            foreach (var given in answer.Discounts)
            {
                Telemetry.Coupons.Add(1, new("coopline.campaign.id", given.Campaign), new("coopline.coupon.outcome", "Used"));
                Telemetry.Discounts.Add(given.Amount, new KeyValuePair<string, object?>("coopline.campaign.id", given.Campaign));
            }

            foreach (var lost in answer.Refusals.Where(one => one.Campaign is not null))
                Telemetry.Coupons.Add(1, new("coopline.campaign.id", lost.Campaign), new("coopline.coupon.outcome", lost.Reason.ToString()));
        }

        span?.SetTag("coopline.redemption.outcome", result)
            .SetTag("coopline.redemption.reason", reason)
            .SetTag("coopline.redemption.replayed", replayed)
            .SetTag("coopline.redemption.at", clock.GetUtcNow().ToString("O", CultureInfo.InvariantCulture))
            .SetTag("coopline.redemption.refusals", answered is { Answer.Refusals: [_, ..] all } ? ToldRefusals.Write(all) : null);
        LogRedeemed(receipt.Store, receipt.Register, result, reason, replayed);
    }

    private async Task<RedeemOutcome?> Decide(Purchase purchase)
    {
        if (await planner.Code(purchase) is not { Campaigns: [_] } code || purchase.IsFarFrom(clock.GetUtcNow())) return null;

        var plan = await planner.Plan(purchase, code, changing: true);
        var outcome = plan.Uses is [var only]
            ? await planner.Use(plan, only, purchase.Receipt)
            : new RedeemOutcome.Answered(plan.Answer([], []), Replayed: false);
        return IsRefused(outcome) && await ledger.OfReceipt(purchase.Receipt.ToString()) is not [] ? null : outcome;
    }

    [LoggerMessage(LogLevel.Information, "Redemption at store {Store}, register {Register}: {Outcome} {Reason} (replayed: {Replayed})")]
    private partial void LogRedeemed(string store, string register, string outcome, string? reason, bool replayed);
}

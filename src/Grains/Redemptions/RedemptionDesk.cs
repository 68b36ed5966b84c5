using System.Collections.Immutable;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Ledger;
using Microsoft.Extensions.Logging;

namespace CoopLine.Grains.Redemptions;

/// <summary>
/// Where a redemption is decided, in the process that took the till's call: from facts a plan, from the plan one write, and
/// the answer. What the plan relied on, the write checks; so facts may be old, and a plan that they spoilt is made again.
/// </summary>
public sealed partial class RedemptionDesk(
    IGrainFactory grains, FactsReader reader, ILedger ledger, RecentAnswers recent, IBaskets baskets, CoopTime time, TimeProvider clock,
    ILogger<RedemptionDesk> log)
{
    /// <summary>After so many plans that came too late, the next one is made from what was read just before, and relies on nothing else.</summary>
    private const int GuardedRounds = 2;

    private const int RoundsMax = 5;

    /// <summary>
    /// Decides and uses the coupons. The same purchase again, at any time, gets the first answer; refusals are not remembered.
    /// </summary>
    /// <param name="repeated">
    /// An earlier try of this attempt had no answer, and may still be under way in a process that hangs. Before the till is told
    /// a refusal, the coupons are put out of that try's reach.
    /// </param>
    public async Task<RedeemOutcome> Redeem(Purchase purchase, bool repeated)
    {
        using var scan = RedemptionTelemetry.Begin(purchase.Receipt, recent, clock);
        var facts = await reader.Recall(purchase.Code);
        var outcome = await Decide(purchase, facts, Write);
        if (repeated && IsRefusal(outcome) && !await Forsake(purchase)) outcome = await Record(purchase);
        var (result, reason, replayed) = scan.Answered(outcome);
        if (outcome is RedeemOutcome.Answered { Replayed: false }) baskets.Record(purchase, facts);
        LogRedeemed(purchase.Receipt.Store, purchase.Receipt.Register, result, reason ?? "", replayed);
        // What an earlier try of this very call had decided is the first answer to the till.
        return outcome is RedeemOutcome.Answered { TakenBack: null, Decision: { } decision } own && decision.IsOf(purchase.Attempt)
            ? own with { Replayed = false }
            : outcome;
    }

    /// <summary>What <see cref="Redeem"/> would answer; changes nothing.</summary>
    public async Task<RedeemOutcome> Evaluate(Purchase purchase)
    {
        if (await Recorded(purchase) is var recorded and not RedeemOutcome.Undecided) return recorded;

        var outcome = await Decide(
            purchase, await reader.WithUses(purchase, await reader.Read(purchase.Code)),
            (_, plan, _, _) => Task.FromResult<WriteOutcome>(new WriteOutcome.Done(plan.Answer())));
        // Nobody may try codes without leaving a trace.
        if (outcome is RedeemOutcome.Answered { Answer: { IsCodeUnknown: true } answer })
            recent.Add(new(purchase.Receipt.ToString(), clock.GetUtcNow(), Telemetry.TraceId, TillAnswer.Evaluated, false, answer.Refusals));
        return outcome;
    }

    private async Task<RedeemOutcome> Decide(
        Purchase purchase, Facts facts, Func<Purchase, Plan, Facts, bool, Task<WriteOutcome>> write)
    {
        purchase = purchase with { PurchasedAt = time.Local(purchase.PurchasedAt) };
        for (var round = 1; round <= RoundsMax; round++)
        {
            var now = clock.GetUtcNow();
            if (purchase.IsFarFrom(now)) return await RecordOr(purchase, facts, new RedeemOutcome.ClockOff(now));

            var plan = Plan.Of(facts, purchase, now);
            if (!plan.IsSure(facts))
            {
                facts = await reader.WithUses(purchase, facts);
                plan = Plan.Of(facts, purchase, now);
            }

            if (plan.Uses is []) return await RecordOr(purchase, facts, new RedeemOutcome.Answered(plan.Answer(), Replayed: false));

            switch (await write(purchase, plan, facts, round <= GuardedRounds))
            {
                case WriteOutcome.Done done:
                    return new RedeemOutcome.Answered(done.Answer, Replayed: false);
                case WriteOutcome.Refused when facts.Remembered:
                    facts = await reader.Read(purchase.Code); // Only what is on disk has the true reason.
                    break;
                case WriteOutcome.Refused refused:
                    return await RecordOr(purchase, facts, new RedeemOutcome.Answered(refused.Answer, Replayed: false));
                case WriteOutcome.ReceiptDecided:
                    return await Record(purchase);
                case WriteOutcome.UsedEarlier earlier:
                    facts = facts with { Uses = [.. facts.Uses, .. earlier.Uses] };
                    break;
                case WriteOutcome.LimitReached:
                    facts = await reader.WithUses(purchase, facts);
                    break;
                default: // stale
                    facts = await reader.ReadAgain(purchase.Code, facts);
                    break;
            }
        }

        throw new RedemptionUndecidedException();
    }

    /// <summary>One coupon's own write is the record of the receipt, with the whole answer; a plan of several needs the receipt's grain.</summary>
    private async Task<WriteOutcome> Write(Purchase purchase, Plan plan, Facts facts, bool guarded)
    {
        if (facts.HasEarlierNumbers && await FenceEarlierNumbers(plan, facts) is not [] and var earlier)
            return new WriteOutcome.UsedEarlier(earlier);
        if (plan.Uses is not [var only]) return await grains.Receipt(purchase.Receipt).CarryOut(plan);

        var campaign = only.Discount.Campaign;
        var answer = plan.Answer();
        var outcome = await grains.Coupon(campaign, facts.Code!.Member)
            .Use(plan.UseOf(only, purchase.Receipt), answer, guarded ? facts.Reliance(campaign) : null);
        return outcome switch
        {
            UseOutcome.Used { Before: false } => new WriteOutcome.Done(answer),
            UseOutcome.Used or UseOutcome.ReceiptDecided => new WriteOutcome.ReceiptDecided(),
            UseOutcome.Stale => new WriteOutcome.Stale(),
            UseOutcome.SoldOut => new WriteOutcome.LimitReached(),
            var lost => new WriteOutcome.Refused(plan.Answer([], [only.RefusedBy(lost)])),
        };
    }

    /// <summary>A late use under an earlier number or an older link must not slip in beside this one.</summary>
    /// <returns>The uses that are there already.</returns>
    private async Task<ImmutableArray<StandingUse>> FenceEarlierNumbers(Plan plan, Facts facts)
    {
        var code = facts.Code!;
        var found = await Task.WhenAll(plan.Uses.Select(use => use.Discount.Campaign).SelectMany(campaign => (Task<StandingUse?>[])
        [
            .. facts.Holder.Predecessors.Select(number => Found(campaign, grains.Coupon(campaign, number).Supersede())),
            .. code.EarlierMembers.Select(number => Found(campaign, grains.Coupon(campaign, number).Fence(code.Account, code.LinkSequence))),
        ]));
        return [.. found.OfType<StandingUse>()];

        static async Task<StandingUse?> Found(string campaign, Task<CouponUse?> fencing) =>
            await fencing is { } use ? new(campaign, use) : null;
    }

    /// <returns>False when the earlier try has got a coupon after all: then the receipt has an answer.</returns>
    private async Task<bool> Forsake(Purchase purchase)
    {
        if ((await reader.Recall(purchase.Code)).Code is not { } code) return true;

        var free = true;
        foreach (var campaign in code.Campaigns)
            free &= await grains.Coupon(campaign, code.Member).Forsake(purchase.Receipt, purchase.Attempt);
        return free;
    }

    private Task<RedeemOutcome> Recorded(Purchase purchase) => grains.Receipt(purchase.Receipt).Recorded(purchase.Hash);

    /// <summary>Before a refusal: "already used" may mean used by this very receipt.</summary>
    private async Task<RedeemOutcome> RecordOr(Purchase purchase, Facts facts, RedeemOutcome refusal)
    {
        // A code of one coupon leaves no plan behind: without a row there is no record, and no grain has to be woken.
        if (facts.Code is { Campaigns: [_] } && await ledger.OfReceipt(purchase.Receipt.ToString()) is []) return refusal;
        return await Recorded(purchase) is var recorded and not RedeemOutcome.Undecided ? recorded : refusal;
    }

    private async Task<RedeemOutcome> Record(Purchase purchase) =>
        await Recorded(purchase) is var recorded and not RedeemOutcome.Undecided
            ? recorded
            : throw new InvalidOperationException("A coupon says that its receipt is decided; the ledger does not.");

    private static bool IsRefusal(RedeemOutcome outcome) => outcome
        is RedeemOutcome.Answered { Answer.Result: RedemptionResult.Refused } or RedeemOutcome.ClockOff;

    [LoggerMessage(LogLevel.Information, "Redemption at store {Store}, register {Register}: {Outcome} {Reason} (replayed: {Replayed})")]
    private partial void LogRedeemed(string store, string register, string outcome, string reason, bool replayed);
}

/// <summary>What a plan relied on changed again and again while it was written: nothing was done, come back in a moment.</summary>
[GenerateSerializer, Alias("coopline.redemption-undecided")]
public sealed class RedemptionUndecidedException() : OrleansException("A redemption could not be decided: its facts change too fast.");

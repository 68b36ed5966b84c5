using System.Collections.Immutable;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Members;
using CoopLine.Grains.Registry;
using CoopLine.Grains.Storage;

namespace CoopLine.Grains.Coupons;

/// <summary>
/// Works out what a redemption comes to: what the code stands for, whether its link stands, which campaigns apply,
/// what this person used before, and which coupon goes on which unit. What it only looks at, it reads from disk
/// without waking a grain.
/// </summary>
public sealed class RedemptionPlanner(
    IStateReader states, IGrainFactory grains, IRegistry registry, CampaignCache campaigns, TimeProvider clock)
{
    /// <returns>Null when the digits were never issued.</returns>
    public async Task<CodeGrant?> Code(Purchase purchase) => (await states.CouponCode(purchase.Code))?.Grant;

    /// <param name="code">What the digits stand for.</param>
    /// <param name="changing">
    /// Whether a use may follow. Then coupons of earlier member numbers are fenced, so that a late use of an older
    /// link cannot slip in beside this one; an evaluation only looks.
    /// </param>
    public async Task<RedemptionPlan> Plan(Purchase purchase, CodeGrant? code, bool changing)
    {
        var now = clock.GetUtcNow();

        RedemptionPlan Planned(ImmutableArray<PlannedUse> uses, IEnumerable<Refusal> refusals) =>
            new(purchase.Hash, now, code, uses, [.. refusals], Telemetry.TraceId, purchase.NewDecision());
        RedemptionPlan AllRefused(RefusalReason reason) =>
            Planned([], code!.Campaigns.Select(campaign => new Refusal(campaign, reason)));

        if (code is null) return Planned([], [new(null, RefusalReason.CodeUnknown)]);
        if (now >= code.ExpiresAt) return AllRefused(RefusalReason.CodeExpired);

        var linking = states.Member(code.Member);
        var finding = registry.Standing(code.Member);
        await Task.WhenAll(linking, finding);
        var member = await finding;
        if (!MemberState.LinkStands(await linking, member, code.Account, code.LinkId)) return AllRefused(RefusalReason.NotLinked);

        var known = await campaigns.Current();
        // With one coupon, the use itself finds out whether the coupon is free.
        var useTells = changing && code.Campaigns.Length == 1;
        var open = new List<Campaign>();
        var refusals = new List<Refusal>();
        foreach (var id in code.Campaigns)
        {
            var campaign = known.GetValueOrDefault(id);
            var reason = Eligibility.Check(
                campaign, purchase.Receipt.Store, member.Entry?.Businesses ?? [], purchase.PurchasedAt);
            if (reason is { } refused) refusals.Add(new(id, refused));
            else if (await UsedEarlier(id, code, member.Predecessors, changing) is { } earlier) refusals.Add(UsedBefore(id, earlier));
            else if (!useTells && await Use(id, code.Member) is { } use) refusals.Add(UsedBefore(id, use));
            else open.Add(campaign!);
        }

        var allocation = Allocation.Best(open, purchase.Lines);
        if (useTells && allocation.Refusals is [var none] && await Use(none.Campaign, code.Member) is { } before)
            return Planned([], [UsedBefore(none.Campaign, before)]);
        return Planned(
            [.. allocation.Discounts.Select(discount => new PlannedUse(discount, known[discount.Campaign].Version))],
            refusals.Concat(allocation.Refusals.Select(refusal => new Refusal(refusal.Campaign, refusal.Reason))));
    }

    /// <summary>One coupon: its own write is the record of the receipt, with the whole answer in it.</summary>
    /// <returns>Null when the receipt has been decided meanwhile.</returns>
    public async Task<RedeemOutcome?> Use(RedemptionPlan plan, PlannedUse only, ReceiptKey receipt)
    {
        var answer = plan.Answer([only], []);
        var outcome = await grains.Coupon(only.Discount.Campaign, plan.Code!.Member).Use(plan.UseOf(only, receipt), answer);
        return outcome switch
        {
            UseOutcome.Used { Before: false } => new RedeemOutcome.Answered(answer, Replayed: false),
            UseOutcome.Used or UseOutcome.ReceiptDecided => null,
            var lost => new RedeemOutcome.Answered(plan.Answer([], [only.Lost(lost)]), Replayed: false),
        };
    }

    /// <summary>A use by this person under another number: one that this number replaced, or an earlier one of this account.</summary>
    private async Task<CouponUse?> UsedEarlier(string campaign, CodeGrant code, ImmutableArray<string> predecessors, bool changing)
    {
        foreach (var number in predecessors)
            if (await (changing ? grains.Coupon(campaign, number).Supersede() : Use(campaign, number)) is { } use) return use;

        foreach (var number in code.EarlierMembers)
        {
            var fencing = changing
                ? grains.Coupon(campaign, number).Fence(code.Account, code.LinkSequence)
                : Use(campaign, number);
            if (await fencing is { } use && use.Account == code.Account) return use;
        }

        return null;
    }

    private async Task<CouponUse?> Use(string campaign, string member) => (await states.Coupon(campaign, member))?.Use;

    private static Refusal UsedBefore(string campaign, CouponUse use) =>
        new(campaign, RefusalReason.AlreadyUsed, use.At, use.Receipt.Store);
}

using System.Collections.Immutable;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Registry;

namespace CoopLine.Grains.Coupons;

/// <summary>
/// Works out what a redemption comes to: what the code stands for, whether its link stands, which campaigns apply,
/// what this person used before, and which coupon goes on which unit.
/// </summary>
internal sealed class RedemptionPlanner(
    IGrainFactory grains, IRegistry registry, CampaignCache campaigns, TimeProvider clock)
{
    /// <param name="changing">
    /// Whether a use may follow. Then coupons of earlier member numbers are fenced, so that a late use of an older
    /// link cannot slip in beside this one; an evaluation only looks.
    /// </param>
    public async Task<RedemptionPlan> Plan(Purchase purchase, bool changing)
    {
        var now = clock.GetUtcNow();
        var code = await grains.CouponCode(purchase.Code).Read();

        RedemptionPlan Planned(ImmutableArray<PlannedUse> uses, IEnumerable<Refusal> refusals) =>
            new(purchase.Hash, now, code, uses, [.. refusals], Telemetry.TraceId);
        RedemptionPlan AllRefused(RefusalReason reason) =>
            Planned([], code!.Campaigns.Select(campaign => new Refusal(campaign, reason)));

        if (code is null) return Planned([], [new(null, RefusalReason.CodeUnknown)]);
        if (now >= code.ExpiresAt) return AllRefused(RefusalReason.CodeExpired);

        var holding = grains.Member(code.Member).Holds(code.Account, code.LinkId);
        var finding = registry.Find(code.Member);
        await Task.WhenAll(holding, finding);
        if (!await holding) return AllRefused(RefusalReason.NotLinked);
        var member = await finding;
        if (member is { Status: MemberStatus.Withdrawn } or { ReplacedBy: not null })
            return AllRefused(RefusalReason.NotLinked);

        var known = await campaigns.Current();
        var open = new List<Campaign>();
        var refusals = new List<Refusal>();
        foreach (var id in code.Campaigns)
        {
            var campaign = known.GetValueOrDefault(id);
            // A campaign that the code was issued for exists; its absence here means a database put back to an earlier day.
            var reason = campaign is null
                ? RefusalReason.Stopped
                : Eligibility.Check(campaign, purchase.Receipt.Store, member?.Businesses ?? [], purchase.PurchasedAt);
            if (reason is { } refused) refusals.Add(new(id, refused));
            else if (await UsedBefore(id, code, member, changing) is { } use)
                refusals.Add(new(id, RefusalReason.AlreadyUsed, use.At, use.Receipt.Store));
            else open.Add(campaign!);
        }

        var allocation = Allocation.Best(open, purchase.Lines);
        return Planned(
            [.. allocation.Discounts.Select(discount => new PlannedUse(discount, known[discount.Campaign].Version))],
            refusals.Concat(allocation.Refusals.Select(refusal => new Refusal(refusal.Campaign, refusal.Reason))));
    }

    /// <summary>A use by this person: of this number, of a number it replaced, or by this account under another number.</summary>
    private async Task<CouponUse?> UsedBefore(string campaign, CodeGrant code, RegistryEntry? member, bool changing)
    {
        foreach (var number in member?.Predecessors ?? [])
        {
            var coupon = grains.Coupon(campaign, number);
            if (await (changing ? coupon.Supersede() : coupon.Standing()) is { } use) return use;
        }

        foreach (var number in code.EarlierMembers)
        {
            var coupon = grains.Coupon(campaign, number);
            var use = await (changing ? coupon.Fence(code.Account, code.LinkSequence) : coupon.Standing());
            if (use?.Account == code.Account) return use;
        }

        return await grains.Coupon(campaign, code.Member).Standing();
    }
}

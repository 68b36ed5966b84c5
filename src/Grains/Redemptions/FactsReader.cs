using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Registry;
using CoopLine.Grains.Storage;

namespace CoopLine.Grains.Redemptions;

/// <summary>Reads what a redemption is decided from as it is on disk, without waking a grain.</summary>
public sealed class FactsReader(RecentCodes codes, IStateReader states, IRegistry registry, CampaignCache campaigns)
{
    /// <summary>What is remembered of a code that was issued lately; else what is on disk.</summary>
    public async Task<Facts> Recall(string digits) => codes.Find(digits) is { } known
        ? new(known.Grant, known.Holder, await campaigns.Current(), [], UsesAreKnown: false, Remembered: true)
        : await Read(digits);

    /// <summary>All but the uses, as it is on disk.</summary>
    /// <param name="digits">The code.</param>
    public async Task<Facts> Read(string digits)
    {
        var code = (await states.CouponCode(digits))?.Grant;
        var holder = code is null ? Holder.Nobody : await Find(code);
        return new(code, holder, await campaigns.Current(), [], UsesAreKnown: false, Remembered: false);
    }

    /// <summary>As <see cref="Read"/>, after a plan that relied on something that has changed.</summary>
    public async Task<Facts> ReadAgain(string digits, Facts stale)
    {
        codes.Forget(digits);
        var facts = await Read(digits);
        if ((facts.Holder.Version, facts.Holder.Import) != (stale.Holder.Version, stale.Holder.Import)) return facts;

        // The member is as before, so it was the campaign.
        campaigns.Forget();
        return facts with { Campaigns = await campaigns.Current() };
    }

    /// <summary>With the uses of this person, and nothing from memory.</summary>
    public async Task<Facts> WithUses(string digits, Facts known)
    {
        var facts = known.Remembered ? await Read(digits) : known;
        if (facts.Code is not { } code) return facts with { UsesAreKnown = true };

        var found = await Task.WhenAll(
            from campaign in code.Campaigns
            from number in (string[])[code.Member, .. facts.Holder.Predecessors, .. code.EarlierMembers]
            select Use(campaign, number));
        return facts with { Uses = [.. found.OfType<StandingUse>()], UsesAreKnown = true };

        async Task<StandingUse?> Use(string campaign, string number)
        {
            var use = (await states.Coupon(campaign, number))?.Use;
            // What others used under a number that was this account's before is not this person's.
            var isOurs = number == code.Member || facts.Holder.Predecessors.Contains(number) || use?.Account == code.Account;
            return use is not null && isOurs ? new(campaign, use) : null;
        }
    }

    private async Task<Holder> Find(CodeGrant code)
    {
        var linking = states.Member(code.Member);
        var finding = registry.Standing(code.Member);
        await Task.WhenAll(linking, finding);
        return Holder.Of(await linking, await finding, code.Account, code.LinkId);
    }
}

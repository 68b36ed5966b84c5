using System.Collections.Immutable;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Registry;
using CoopLine.Grains.Storage;

namespace CoopLine.Grains.Redemptions;

/// <summary>Reads what a redemption is decided from as it is on disk, without waking a grain.</summary>
public sealed class FactsReader(
    RecentCodes codes, IStateReader states, IRegistry registry, CampaignCache campaigns, ICampaignCounts counts, ICampaignLists lists)
{
    /// <summary>What is remembered of a code that was issued lately; else what is on disk.</summary>
    public async Task<Facts> Recall(string digits) => codes.Find(digits) is { } known
        ? new(known.Grant, known.Holder, await campaigns.Current(), [], UsesAreKnown: false, Remembered: true, Facts.NobodyLooked)
        : await Read(digits);

    /// <summary>All but the uses, as it is on disk.</summary>
    /// <param name="digits">The code.</param>
    public async Task<Facts> Read(string digits)
    {
        var code = (await states.CouponCode(digits))?.Grant;
        var known = await campaigns.Current();
        var holder = code is null ? Holder.Nobody : await Find(code, known);
        return new(code, holder, known, [], UsesAreKnown: false, Remembered: false, Facts.NobodyLooked);
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

    /// <summary>With the uses of this person and the room that campaigns have, and nothing from memory.</summary>
    public async Task<Facts> WithUses(Purchase purchase, Facts known)
    {
        var facts = await WithRooms(purchase, known.Remembered ? await Read(purchase.Code) : known);
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

    /// <summary>With the room that the code's campaigns have for this purchase.</summary>
    private async Task<Facts> WithRooms(Purchase purchase, Facts facts)
    {
        var (store, day) = (purchase.Receipt.Store, purchase.Receipt.BusinessDate);
        var limited =
            (from id in facts.Code?.Campaigns ?? []
             let limits = facts.Campaigns.GetValueOrDefault(id)?.Definition.Limits?.At(store)
             where limits is not null
             select (Id: id, Limits: limits)).ToArray();
        var given = await counts.Read([.. limited.Select(one => one.Id)], CountScope.Of(store, day));
        return facts with
        {
            Rooms = limited.ToImmutableDictionary(one => one.Id, one => one.Limits.Room(one.Id, store, day, given), StringComparer.Ordinal),
        };
    }

    private async Task<Holder> Find(CodeGrant code, IReadOnlyDictionary<string, Campaign> known)
    {
        var linking = states.Member(code.Member);
        var finding = registry.Standing(code.Member);
        await Task.WhenAll(linking, finding);
        var registered = await finding;
        var asked = code.Campaigns.Select(id => known.GetValueOrDefault(id)?.List?.Id).OfType<string>();
        return Holder.Of(
            await linking, registered, await lists.Having([.. asked], [code.Member, .. registered.Predecessors]), code.Account, code.LinkId);
    }
}

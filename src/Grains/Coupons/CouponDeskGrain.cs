using System.Collections.Immutable;
using CoopLine.Grains.Accounts;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Registry;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace CoopLine.Grains.Coupons;

[GrainType("coupon-desk"), StatelessWorker, Reentrant]
internal sealed class CouponDeskGrain(
    IRegistry registry, ILedger ledger, CampaignCache campaigns, IOptions<SiteOptions> site, TimeProvider clock)
    : Grain, ICouponDeskGrain
{
    private static readonly TimeSpan CodeLife = TimeSpan.FromMinutes(5);

    public async Task<CouponOffers> Offers(string account)
    {
        if (await LinkedMember(account) is not { } holder) return new(false, [], []);

        var now = clock.GetUtcNow();
        var known = await campaigns.Current();
        var uses = await Uses(holder);
        var used = uses.Select(use => use.Campaign!).ToHashSet(StringComparer.Ordinal);
        return new(
            true,
            [
                .. known.Values
                    .Where(campaign => !used.Contains(campaign.Id) && WhyNot(campaign, holder, now) is null)
                    .OrderBy(campaign => campaign.Definition.EndsAt).ThenBy(campaign => campaign.Id, StringComparer.Ordinal),
            ],
            [
                .. from use in uses.DistinctBy(use => use.Campaign)
                   where known.ContainsKey(use.Campaign!)
                   select new UsedCoupon(known[use.Campaign!], use.At, use.Store, use.Yen),
            ]);
    }

    public async Task<CodeOutcome> Issue(string account, ImmutableArray<string> campaignIds)
    {
        if (await LinkedMember(account) is not { } holder) return new CodeOutcome.NotLinked();

        var now = clock.GetUtcNow();
        var known = await campaigns.Current();
        var uses = (await Uses(holder)).ToLookup(use => use.Campaign!);
        ImmutableArray<string> chosen = [.. campaignIds.Distinct(StringComparer.Ordinal)];
        ImmutableArray<Refusal> refusals =
        [
            .. from id in chosen
               let use = uses[id].FirstOrDefault()
               let reason = use is not null ? RefusalReason.AlreadyUsed
                   : known.TryGetValue(id, out var campaign) ? WhyNot(campaign, holder, now)
                   : RefusalReason.Ended
               where reason is not null
               select new Refusal(id, reason.Value, use?.At, use?.Store),
        ];
        if (refusals is not []) return new CodeOutcome.NotUsable(refusals);

        var standing = holder.Standing;
        var grant = new CodeGrant(
            account, standing.Member!, standing.LinkId!, standing.LinkSequence, standing.EarlierMembers, chosen, now + CodeLife);
        while (true)
        {
            var code = Ean13.NewCode(site.Value.CodePrefix);
            if (await GrainFactory.CouponCode(code).Issue(grant)) return new CodeOutcome.Issued(code, grant.ExpiresAt);
        }
    }

    public async Task<CodeStatus?> Status(string account, string code)
    {
        if (await GrainFactory.CouponCode(code).Read() is not { } grant || grant.Account != account) return null;
        var since = grant.ExpiresAt - CodeLife;
        var uses = await ledger.StandingUses([grant.Member], account);
        return new(grant.ExpiresAt, clock.GetUtcNow() >= grant.ExpiresAt,
        [
            .. from use in uses
               where use.Account == account && use.At >= since && grant.Campaigns.Contains(use.Campaign!)
               select new AppliedDiscount(use.Campaign!, use.Line ?? 0, Units: 1, use.Yen),
        ]);
    }

    /// <summary>Who this account is, if its link stands: the account's copy names the member, the member decides.</summary>
    private async Task<Holder?> LinkedMember(string account)
    {
        var standing = await GrainFactory.Account(account).Standing();
        if (standing.Member is not { } number || !await GrainFactory.Member(number).Holds(account, standing.LinkId!))
            return null;
        var entry = await registry.Find(number);
        return entry is { Status: MemberStatus.Withdrawn } or { ReplacedBy: not null } ? null : new(account, standing, entry);
    }

    private Task<ImmutableArray<LedgerRow>> Uses(Holder holder) =>
        ledger.StandingUses([holder.Standing.Member!, .. holder.Entry?.Predecessors ?? []], holder.Account);

    /// <summary>The store is known only at the register.</summary>
    private static RefusalReason? WhyNot(Campaign campaign, Holder holder, DateTimeOffset now) =>
        Eligibility.Check(campaign, "", holder.Entry?.Businesses ?? [], now) is { } reason and not RefusalReason.StoreNotEligible
            ? reason
            : null;

    private sealed record Holder(string Account, AccountStanding Standing, RegistryEntry? Entry);
}

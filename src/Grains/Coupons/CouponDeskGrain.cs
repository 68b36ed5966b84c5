using System.Collections.Immutable;
using CoopLine.Grains.Accounts;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Members;
using CoopLine.Grains.Registry;
using CoopLine.Grains.Storage;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace CoopLine.Grains.Coupons;

[GrainType("coupon-desk"), StatelessWorker, Reentrant]
internal sealed class CouponDeskGrain(
    IStateReader states, IRegistry registry, ILedger ledger, IErasures erasures, CampaignCache campaigns, ICampaignCounts counts,
    ICampaignLists lists, RecentCodes codes, ISiloStatusOracle silos, IOptions<SiteOptions> site, CoopTime time, TimeProvider clock) : Grain, ICouponDeskGrain
{
    private static readonly TimeSpan EndedShownFor = TimeSpan.FromDays(30);

    public async Task<CouponOffers> Offers(string account)
    {
        if (await LinkedMember(account) is not { } holder) return new(false, [], [], [], [], [], [], []);

        var now = clock.GetUtcNow();
        var known = await campaigns.Current();
        var uses = await Uses(holder);
        var used = uses.Select(use => use.Campaign!).Concat(await UsedBefore(holder, known.Keys)).ToHashSet(StringComparer.Ordinal);
        var today = await Look(known.Values, holder.Numbers, now);
        var open = known.Values.Where(campaign => !used.Contains(campaign.Id))
            .OrderBy(campaign => campaign.Definition.EndsAt).ThenBy(campaign => campaign.Id, StringComparer.Ordinal)
            .ToLookup(campaign => WhyNot(campaign, holder.Registered.Entry, today));
        return new(
            true,
            [.. open[null]],
            [
                .. from use in uses.DistinctBy(use => use.Campaign)
                   where known.ContainsKey(use.Campaign!)
                   select new UsedCoupon(known[use.Campaign!], use.At, use.Store, use.Yen),
            ],
            [
                .. from campaign in known.Values
                   where !used.Contains(campaign.Id)
                   let end = campaign.Until
                   where end <= now && end > now - EndedShownFor && WasUsable(campaign, holder.Registered.Entry, end, today)
                   orderby end descending, campaign.Id
                   select campaign,
            ],
            [.. open[RefusalReason.NotToday].Concat(open[RefusalReason.NotNow])],
            [.. open[RefusalReason.SoldOut].Where(campaign => !IsBackTomorrow(campaign))],
            [.. open[null].Where(today.Stock.IsScarce).Select(campaign => campaign.Id)],
            [.. open[RefusalReason.SoldOut].Where(IsBackTomorrow)]);

        bool IsBackTomorrow(Campaign campaign) =>
            today.Stock.IsSoldOutToday(campaign) && !campaign.Definition.IsOverAt(time.Start(time.DayOf(now).AddDays(1)));
    }

    public async Task<CodeOutcome> Issue(string account, ImmutableArray<string> campaignIds)
    {
        if (await LinkedMember(account) is not { } holder) return new CodeOutcome.NotLinked();

        var now = clock.GetUtcNow();
        var known = await campaigns.Current();
        var uses = (await Uses(holder)).ToLookup(use => use.Campaign!);
        ImmutableArray<string> chosen = [.. campaignIds.Distinct(StringComparer.Ordinal)];
        var before = await UsedBefore(holder, chosen);
        var today = await Look(chosen.Select(known.GetValueOrDefault), holder.Numbers, now);
        ImmutableArray<Refusal> refusals =
        [
            .. from id in chosen
               let use = uses[id].FirstOrDefault()
               let reason = use is not null || before.Contains(id)
                   ? RefusalReason.AlreadyUsed
                   : WhyNot(known.GetValueOrDefault(id), holder.Registered.Entry, today)
               where reason is not null
               select new Refusal(id, reason.Value, use?.At, use?.Store),
        ];
        if (refusals is not []) return new CodeOutcome.NotUsable(refusals);

        var standing = holder.Standing;
        var grant = new CodeGrant(
            account, standing.Member!, standing.LinkId!, standing.LinkSequence, standing.EarlierMembers, chosen, now + CouponCodeState.Life);
        while (true)
        {
            var code = Ean13.NewCode(site.Value.CodePrefix);
            if (!await GrainFactory.CouponCode(code).Issue(grant)) continue;
            Announce(new(code, grant, Holder.Of(holder.State, holder.Registered, today.Lists, account, grant.LinkId)));
            await Task.WhenAll(codes.TooMany(account).Select(older => End(older, now)));
            return new CodeOutcome.Issued(code, grant.ExpiresAt);
        }
    }

    /// <summary>The till will call one of the silos in a moment. Where the news does not arrive, that one reads.</summary>
    private void Announce(KnownCode code)
    {
        codes.Remember(code);
        foreach (var silo in silos.GetApproximateSiloStatuses(onlyActive: true).Keys)
            if (!silo.Equals(silos.SiloAddress)) GrainFactory.RecentCodes(silo).Remember(code).Ignore();
    }

    /// <summary>It has expired: in memory and on disk, where a till's call looks before it refuses.</summary>
    private Task End(KnownCode code, DateTimeOffset now)
    {
        Announce(code with { Grant = code.Grant with { ExpiresAt = now } });
        return GrainFactory.CouponCode(code.Digits).End();
    }

    public async Task<CodeStatus?> Status(string account, string code)
    {
        return await Granted(account, code) is { } grant ? await Status(grant) : null;
    }

    public async Task<CodeStatus?> Watch(string account, string code, ICouponWatcher watcher)
    {
        if (await Granted(account, code) is not { } grant) return null;
        // Watch first, then read: the other way round, a change in between would be missed.
        await Task.WhenAll(grant.Campaigns.Select(campaign => GrainFactory.Coupon(campaign, grant.Member).Watch(watcher)));
        return await Status(grant);
    }

    private async Task<CodeGrant?> Granted(string account, string code) =>
        (await states.CouponCode(code))?.Grant is { } grant && grant.Account == account ? grant : null;

    private async Task<CodeStatus> Status(CodeGrant grant)
    {
        var now = clock.GetUtcNow();
        var since = grant.ExpiresAt - CouponCodeState.Life;
        var (member, _) = await states.Member(grant.Member);
        var registered = await registry.Standing(grant.Member);
        var known = await campaigns.Current();
        var today = await Look(grant.Campaigns.Select(known.GetValueOrDefault), [grant.Member, .. registered.Predecessors], now);
        var uses = await ledger.StandingUses([grant.Member, .. registered.Predecessors], grant.EarlierMembers, grant.Account);

        var ours = uses.Where(use =>
            use.Account == grant.Account && use.At >= since && grant.Campaigns.Contains(use.Campaign!)).ToArray();
        var refused = await RefusedAtTheTill(ours.Select(use => use.Receipt!).Distinct());
        var linked = MemberState.LinkStands(member, registered, grant.Account, grant.LinkId);
        return new(
            grant.ExpiresAt,
            now >= grant.ExpiresAt,
            [.. ours.Select(use => new AppliedDiscount(use.Campaign!, use.Line ?? 0, Units: 1, use.Yen))],
            [
                .. from id in grant.Campaigns
                   where ours.All(use => use.Campaign != id)
                   let refusal = refused.GetValueOrDefault(id) ?? WhyNotNow(id)
                   where refusal is not null
                   select refusal,
            ]);

        Refusal? WhyNotNow(string id)
        {
            if (!linked) return new(id, RefusalReason.NotLinked);
            if (uses.FirstOrDefault(use => use.Campaign == id) is { } use)
                return new(id, RefusalReason.AlreadyUsed, use.At, use.Store);
            return WhyNot(known.GetValueOrDefault(id), registered.Entry, today) is { } refused ? new(id, refused) : null;
        }
    }

    /// <summary>Refusals in the answers to these receipts, by campaign. A receipt that is being decided is waited for.</summary>
    private async Task<Dictionary<string, Refusal>> RefusedAtTheTill(IEnumerable<string> receipts)
    {
        var refused = new Dictionary<string, Refusal>(StringComparer.Ordinal);
        foreach (var receipt in receipts)
        {
            if (!ReceiptKey.TryParse(receipt, out var key) || await GrainFactory.Receipt(key).Report() is not { } report) continue;
            foreach (var refusal in report.Answer.Refusals) refused[refusal.Campaign!] = refusal;
        }

        return refused;
    }

    /// <summary>The member behind this account, if the link stands: the account says which member, the member's state decides.</summary>
    private async Task<LinkedHolder?> LinkedMember(string account)
    {
        var standing = await GrainFactory.Account(account).Standing();
        if (standing.Member is not { } number) return null;
        var member = await states.Member(number);
        var registered = await registry.Standing(number);
        return MemberState.LinkStands(member.State, registered, account, standing.LinkId!)
            ? new(account, standing, member, registered)
            : null;
    }

    private Task<ImmutableArray<LedgerRow>> Uses(LinkedHolder holder) => ledger.StandingUses(
        [holder.Standing.Member!, .. holder.Registered.Predecessors], holder.Standing.EarlierMembers, holder.Account);

    /// <summary>
    /// What this person used before being erased. Asked after <see cref="Uses"/>: an erasure in between has noted it before it
    /// took it out of the ledger.
    /// </summary>
    private Task<ImmutableHashSet<string>> UsedBefore(LinkedHolder holder, IReadOnlyCollection<string> campaigns) =>
        erasures.UsedBefore(campaigns, [holder.Account, holder.Standing.Member!, .. holder.Registered.Predecessors]);

    /// <param name="asked">The campaigns in question; null for those that are gone.</param>
    /// <param name="numbers">Of the member.</param>
    private async Task<Today> Look(IEnumerable<Campaign?> asked, IReadOnlyCollection<string> numbers, DateTimeOffset now)
    {
        var there = asked.OfType<Campaign>().ToArray();
        var limited = there.Where(campaign => campaign.Definition.Limits is not null && !campaign.Definition.IsOverAt(now));
        return new(
            time.Local(now),
            await Stock.Read(counts, limited, time.DayOf(now), stores: false),
            await lists.Having([.. there.Select(campaign => campaign.List?.Id).OfType<string>()], numbers));
    }

    /// <summary>The store is known only at the register.</summary>
    private static RefusalReason? WhyNot(Campaign? campaign, RegistryEntry? entry, Today today) =>
        Eligibility.Check(campaign, "", entry?.Businesses ?? [], today.Now) switch
        {
            null or RefusalReason.StoreNotEligible when !campaign!.IsIssuedTo(today.Lists) => RefusalReason.NotIssued,
            null or RefusalReason.StoreNotEligible => today.Stock.IsSoldOut(campaign!) ? RefusalReason.SoldOut : null,
            var reason => reason,
        };

    /// <summary>Weekdays and hours do not count: it was usable at others.</summary>
    private static bool WasUsable(Campaign campaign, RegistryEntry? entry, DateTimeOffset end, Today today) =>
        campaign.Status is not CampaignStatus.Draft
        && campaign.IsIssuedTo(today.Lists)
        && Eligibility.Check(
            campaign with { Status = CampaignStatus.Published }, "", entry?.Businesses ?? [], end - TimeSpan.FromTicks(1))
            is null or RefusalReason.StoreNotEligible or RefusalReason.NotToday or RefusalReason.NotNow;

    private sealed record LinkedHolder(
        string Account, AccountStanding Standing, Stored<MemberState> State, RegistryStanding Registered)
    {
        /// <summary>The member's, with those it replaced.</summary>
        public IReadOnlyCollection<string> Numbers => [Standing.Member!, .. Registered.Predecessors];
    }

    /// <param name="Now">At the co-op's offset.</param>
    /// <param name="Lists">Ids of the lists that the member is on.</param>
    private sealed record Today(DateTimeOffset Now, Stock Stock, ImmutableArray<string> Lists);
}

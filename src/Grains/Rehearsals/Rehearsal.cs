using System.Collections.Frozen;
using System.Collections.Immutable;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Redemptions;

namespace CoopLine.Grains.Rehearsals;

/// <summary>
/// What a campaign would have come to: one basket after the other is decided as the till's call is (<see cref="Plan"/>), with counts and
/// uses of the rehearsal's own. Nothing is read or written elsewhere, and the only clock is the baskets'.
/// </summary>
public sealed class Rehearsal
{
    private static readonly MemberList Everybody = new("everybody", Members: 0);

    private readonly string id;
    private readonly ImmutableArray<string> beside;
    private readonly FrozenDictionary<string, Campaign> campaigns;
    private readonly Dictionary<(string Campaign, string Scope), CampaignCount> given = [];
    private readonly Dictionary<string, ImmutableArray<StandingUse>> usesOf = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Given> byStore = new(StringComparer.Ordinal);
    private readonly Dictionary<DateOnly, Given> byDay = [];
    private readonly Dictionary<RefusalReason, long> refusals = [];
    private readonly Dictionary<string, Clash> clashes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LimitReached> reached = new(StringComparer.Ordinal);
    private long baskets;

    /// <param name="campaign">As if it were published, and issued to everybody.</param>
    /// <param name="beside">Campaigns whose coupons everybody shows as well, as if they were published.</param>
    /// <param name="others">All other campaigns, as they stand.</param>
    public Rehearsal(Campaign campaign, IReadOnlyCollection<Campaign> beside, IEnumerable<Campaign> others)
    {
        id = campaign.Id;
        this.beside = [.. beside.Select(one => one.Id)];
        campaigns = others.ExceptBy([campaign.Id, .. this.beside], one => one.Id)
            .Concat(beside.Prepend(campaign).Select(one => one with { Status = CampaignStatus.Published, StoppedAt = null }))
            .Select(one => one with { List = Everybody })
            .ToFrozenDictionary(one => one.Id, StringComparer.Ordinal);
    }

    /// <summary>Somebody buys this, and shows the campaign's coupon with those that the basket names.</summary>
    public void Add(Basket basket)
    {
        baskets++;
        var purchase = basket.ToPurchase();
        ImmutableArray<string> others = [.. basket.Campaigns.Concat(beside).Where(one => one != id).Distinct()];
        var facts = FactsOf(basket, [id, .. others]);
        var plan = Decide(purchase, facts);
        NoteClashes(purchase, facts, plan, others);
        foreach (var refusal in plan.Refusals.Where(one => one.Campaign == id)) NoteRefusal(refusal.Reason, basket);
        foreach (var use in plan.Uses) Count(use, basket);
        if (basket.Customer is { } customer)
            usesOf[customer] = [.. facts.Uses, .. plan.Uses.Select(use => new StandingUse(use.Discount.Campaign, plan.UseOf(use, purchase.Receipt)))];
    }

    public RehearsalReport Report() => new(
        campaigns[id],
        baskets,
        byStore.ToImmutableSortedDictionary(StringComparer.Ordinal),
        byDay.ToImmutableSortedDictionary(),
        refusals.ToImmutableSortedDictionary(),
        [.. clashes.Values.OrderByDescending(one => one.Baskets).ThenBy(one => one.Campaign, StringComparer.Ordinal)],
        [.. reached.Values.OrderBy(one => one.At).ThenBy(one => one.Scope, StringComparer.Ordinal)]);

    private static Plan Decide(Purchase purchase, Facts facts) => Plan.Of(facts, purchase, purchase.PurchasedAt);

    private Facts FactsOf(Basket basket, ImmutableArray<string> coupons) => new(
        new CodeGrant("", "", "", 0, EarlierMembers: [], coupons, ExpiresAt: DateTimeOffset.MaxValue),
        new Holder(LinkStands: true, basket.Businesses, Predecessors: [], Version: 0, Import: 0, Lists: [Everybody.Id]),
        campaigns,
        basket.Customer is { } customer ? usesOf.GetValueOrDefault(customer, []) : [],
        UsesAreKnown: true,
        Remembered: false,
        Rooms(basket, coupons));

    private ImmutableDictionary<string, Room> Rooms(Basket basket, ImmutableArray<string> coupons)
    {
        var rooms = Facts.NobodyLooked;
        foreach (var coupon in coupons)
            if (campaigns.GetValueOrDefault(coupon)?.Definition.Limits?.At(basket.Store) is { } limits)
                rooms = rooms.SetItem(coupon, limits.Room(coupon, basket.Store, basket.BusinessDate, CountsOf(coupon, basket)));
        return rooms;
    }

    private IEnumerable<CampaignCount> CountsOf(string campaign, Basket basket) =>
        CountScope.Of(basket.Store, basket.BusinessDate).Select(scope => CountOf(campaign, scope));

    private CampaignCount CountOf(string campaign, string scope) =>
        given.GetValueOrDefault((campaign, scope), new(campaign, scope, Uses: 0, Yen: 0));

    private void Count(PlannedUse use, Basket basket)
    {
        var (campaign, yen) = (use.Discount.Campaign, use.Discount.Amount);
        foreach (var count in CountsOf(campaign, basket).ToArray())
            given[(campaign, count.Scope)] = count with { Uses = count.Uses + 1, Yen = count.Yen + yen };
        if (campaign != id) return;

        byStore[basket.Store] = byStore.GetValueOrDefault(basket.Store).With(yen);
        byDay[basket.BusinessDate] = byDay.GetValueOrDefault(basket.BusinessDate).With(yen);
        foreach (var (scope, room) in Left(basket).Where(one => one.Room == 0)) NoteReached(scope, basket);
    }

    private void NoteRefusal(RefusalReason reason, Basket basket)
    {
        refusals[reason] = refusals.GetValueOrDefault(reason) + 1;
        // Some yen may be left, too few for any coupon.
        if (reason == RefusalReason.SoldOut) NoteReached(Left(basket).MinBy(one => one.Room).Scope, basket);
    }

    /// <summary>What each limit still gives for one use in this store, on this day.</summary>
    private IEnumerable<(string Scope, long Room)> Left(Basket basket)
    {
        var limits = campaigns[id].Definition.Limits?.At(basket.Store);
        Limit?[] inOrder = [limits?.Total, limits?.Store, limits?.Day];
        return
            from one in CountsOf(id, basket).Zip(inOrder)
            where one.Second is not null
            select (one.First.Scope, one.Second.RoomAfter(one.First.Uses, one.First.Yen));
    }

    private void NoteReached(string scope, Basket basket) => reached.TryAdd(scope, new(scope, basket.BusinessDate, basket.PurchasedAt));

    /// <summary>
    /// Two coupons clash on a basket when each would be used without the other, but not both. Only then has one of them to give way, and
    /// it is refused for the other one.
    /// </summary>
    private void NoteClashes(Purchase purchase, Facts facts, Plan plan, ImmutableArray<string> others)
    {
        if (!plan.Refusals.Any(one => one.Reason is RefusalReason.TakenByAnother or RefusalReason.Exclusive) || !UsedOf([id]).Contains(id)) return;
        foreach (var other in others)
        {
            if (!UsedOf([other]).Contains(other) || UsedOf([id, other]) is not [var winner]) continue;
            var clash = clashes.GetValueOrDefault(other) ?? new(other, Baskets: 0, GivenWay: 0);
            clashes[other] = clash with { Baskets = clash.Baskets + 1, GivenWay = clash.GivenWay + (winner == id ? 0 : 1) };
        }

        string[] UsedOf(ImmutableArray<string> coupons) =>
            [.. Decide(purchase, facts with { Code = facts.Code! with { Campaigns = coupons } }).Uses.Select(use => use.Discount.Campaign)];
    }
}

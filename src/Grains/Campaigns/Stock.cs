using CoopLine.Grains.Ledger;

namespace CoopLine.Grains.Campaigns;

/// <summary>What campaigns have given away of what they limit.</summary>
public sealed class Stock
{
    private readonly DateOnly day;
    private readonly ILookup<string, CampaignCount> given;

    private Stock(DateOnly day, IEnumerable<CampaignCount> counts) =>
        (this.day, given) = (day, counts.ToLookup(count => count.Campaign, StringComparer.Ordinal));

    /// <param name="day">The business date.</param>
    /// <param name="stores">Whether <see cref="StoreLevels"/> will be asked for: that is dearer.</param>
    public static async Task<Stock> Read(
        ICampaignCounts counts, IEnumerable<Campaign> campaigns, DateOnly day, bool stores, CancellationToken cancellation = default) =>
        new(day, await counts.Read([.. campaigns.Select(one => one.Id)], stores ? null : [CountScope.All, CountScope.Day(day)], cancellation));

    /// <summary>Whether nobody can use it any more, today or for ever, whatever the store.</summary>
    public bool IsSoldOut(Campaign campaign) => Levels(campaign).Any(level => level.IsSoldOut);

    /// <summary>Whether nobody can use it any more today, but there is more tomorrow.</summary>
    public bool IsSoldOutToday(Campaign campaign) =>
        IsSoldOut(campaign) && !Levels(campaign).Any(level => level is { IsSoldOut: true, Scope: CountScope.All });

    public bool IsScarce(Campaign campaign) => Levels(campaign).Any(level => level.IsScarce);

    /// <summary>Each limit that can be told without knowing the store: in all, on this date.</summary>
    public IEnumerable<StockLevel> Levels(Campaign campaign) =>
        from one in ((string Scope, Limit? Limit)[])
        [
            (CountScope.All, campaign.Definition.Limits?.Total), (CountScope.Day(day), campaign.Definition.Limits?.EachDay),
        ]
        where one.Limit is not null
        let count = given[campaign.Id].FirstOrDefault(count => count.Scope == one.Scope)
        select new StockLevel(one.Scope, one.Limit, count.Uses, count.Yen, campaign.Definition.Discount.Usual);

    /// <summary>The limit of each store in which it was used.</summary>
    public IEnumerable<StockLevel> StoreLevels(Campaign campaign) =>
        from count in given[campaign.Id]
        let limit = CountScope.StoreOf(count.Scope) is { } store ? campaign.Definition.Limits?.At(store)?.Store : null
        where limit is not null
        select new StockLevel(count.Scope, limit, count.Uses, count.Yen, campaign.Definition.Discount.Usual);
}

/// <summary>How much of one limit is given away.</summary>
/// <param name="Scope">See <see cref="CountScope"/>.</param>
/// <param name="Uses">Uses that stand.</param>
/// <param name="Yen">Their discounts.</param>
/// <param name="Usual">Yen that a use takes off, as a rule.</param>
public sealed record StockLevel(string Scope, Limit Limit, long Uses, long Yen, int Usual)
{
    /// <summary>The share from which it is nearly used up.</summary>
    private const double Scarce = 0.8;

    /// <summary>0 to 1, of uses or of yen, whichever is more; 1 where what is left is too little for a use.</summary>
    public double Share => IsSoldOut ? 1 : Limit.ShareOf(Uses, Yen);

    public bool IsScarce => Share >= Scarce;

    public bool IsSoldOut => Limit.RoomAfter(Uses, Yen) < Usual;
}

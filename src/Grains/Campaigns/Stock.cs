using System.Collections.Immutable;
using CoopLine.Grains.Ledger;

namespace CoopLine.Grains.Campaigns;

/// <summary>What campaigns have left today, as far as it can be told without knowing the store.</summary>
/// <param name="day">The business date.</param>
/// <param name="counts">What they have given away in all, and on that date.</param>
public sealed class Stock(DateOnly day, ImmutableArray<CampaignCount> counts)
{
    /// <summary>The share from which a campaign is nearly used up.</summary>
    private const double Scarce = 0.8;

    /// <summary>Whether nobody can use it any more, today or for ever.</summary>
    public bool IsSoldOut(Campaign campaign) => Limits(campaign).Any(one => one.Limit.RoomAfter(one.Given.Uses, one.Given.Yen) == 0);

    public bool IsScarce(Campaign campaign) => Given(campaign).Any(one => one.Share >= Scarce);

    /// <summary>How much of each limit is given away: 0 to 1, of uses or of yen, whichever is more.</summary>
    /// <returns>By <see cref="CountScope"/>.</returns>
    public IEnumerable<(string Of, double Share)> Given(Campaign campaign) =>
        Limits(campaign).Select(one => (one.Scope, one.Limit.ShareOf(one.Given.Uses, one.Given.Yen)));

    private IEnumerable<(string Scope, Limit Limit, CampaignCount Given)> Limits(Campaign campaign) =>
        from one in ((string Scope, Limit? Limit)[])
        [
            (CountScope.All, campaign.Definition.Limits?.Total), (CountScope.Day(day), campaign.Definition.Limits?.EachDay),
        ]
        where one.Limit is not null
        select (one.Scope, one.Limit, counts.FirstOrDefault(count => count.Campaign == campaign.Id && count.Scope == one.Scope));
}

using System.Collections.Immutable;
using CoopLine.Grains.Registry;

namespace CoopLine.Grains.Campaigns;

/// <summary>Whether a member may use a campaign here and now, before anybody looks at the items.</summary>
/// <remarks>Times have the co-op's offset: weekdays and hours are read off them.</remarks>
public static class Eligibility
{
    /// <param name="campaign">
    /// Null when there is none, such as after the database was put back to an earlier day. It counts as stopped: no till takes
    /// it, and nobody knows its period.
    /// </param>
    /// <returns>The first reason against it, or null if there is none.</returns>
    public static RefusalReason? Check(
        Campaign? campaign, string store, ImmutableArray<Business> memberBusinesses, DateTimeOffset purchasedAt)
    {
        if (campaign is null) return RefusalReason.Stopped;
        var offer = campaign.Definition;
        return campaign.Status switch
        {
            CampaignStatus.Draft => RefusalReason.NotStarted,
            CampaignStatus.Stopped => RefusalReason.Stopped,
            _ when purchasedAt < offer.StartsAt => RefusalReason.NotStarted,
            _ when offer.IsOverAt(purchasedAt) => RefusalReason.Ended,
            _ when !IsFor(memberBusinesses, offer) => RefusalReason.NotInAudience,
            _ when offer.Conditions?.IsOnDay(purchasedAt) is false => RefusalReason.NotToday,
            _ when offer.Conditions?.IsOnTime(purchasedAt) is false => RefusalReason.NotNow,
            _ when offer.Stores is { } stores && !stores.AsSpan().Contains(store) => RefusalReason.StoreNotEligible,
            _ => null,
        };
    }

    private static bool IsFor(ImmutableArray<Business> member, CampaignDefinition offer) =>
        offer.Businesses is not { } audience || member.AsSpan().ContainsAny(audience.AsSpan());
}

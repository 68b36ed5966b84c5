using System.Collections.Immutable;

namespace CoopLine.Grains.Campaigns;

/// <summary>The campaigns as stored: a view over the campaign grains' states.</summary>
public interface ICampaignReader
{
    /// <summary>Every campaign, drafts and stopped ones included, by id.</summary>
    Task<ImmutableArray<Campaign>> All(CancellationToken cancellation = default);
}

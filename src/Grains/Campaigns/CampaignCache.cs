using System.Collections.Frozen;

namespace CoopLine.Grains.Campaigns;

/// <summary>
/// All campaigns, at most a second old, so that a till's call does not queue at a campaign's grain. A change made on
/// this silo is seen at once.
/// </summary>
public sealed class CampaignCache(ICampaignReader reader, TimeProvider clock)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);
    private Snapshot? latest;

    public async Task<FrozenDictionary<string, Campaign>> Current()
    {
        var snapshot = latest;
        if (snapshot is null || snapshot.Campaigns.IsFaulted || clock.GetElapsedTime(snapshot.Since) >= MaxAge)
            latest = snapshot = new(Load(), clock.GetTimestamp());
        return await snapshot.Campaigns;
    }

    public void Forget() => latest = null;

    private async Task<FrozenDictionary<string, Campaign>> Load() =>
        (await reader.All()).ToFrozenDictionary(campaign => campaign.Id, StringComparer.Ordinal);

    private sealed record Snapshot(Task<FrozenDictionary<string, Campaign>> Campaigns, long Since);
}

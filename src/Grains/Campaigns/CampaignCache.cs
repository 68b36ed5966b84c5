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
    private int changes;

    public async Task<FrozenDictionary<string, Campaign>> Current()
    {
        var snapshot = latest;
        var now = Volatile.Read(ref changes);
        if (snapshot is null || snapshot.Changes != now || snapshot.Campaigns.IsFaulted
            || clock.GetElapsedTime(snapshot.Since) >= MaxAge)
            latest = snapshot = new(Load(), clock.GetTimestamp(), now);
        return await snapshot.Campaigns;
    }

    /// <summary>Called after a change. A load that is under way may have read the old campaigns, so it is not kept either.</summary>
    public void Forget() => Interlocked.Increment(ref changes);

    private async Task<FrozenDictionary<string, Campaign>> Load() =>
        (await reader.All()).ToFrozenDictionary(campaign => campaign.Id, StringComparer.Ordinal);

    private sealed record Snapshot(Task<FrozenDictionary<string, Campaign>> Campaigns, long Since, int Changes);
}

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
            latest = snapshot = new(Load(snapshot?.Campaigns), clock.GetTimestamp(), now);
        return await snapshot.Campaigns;
    }

    /// <summary>Called after a change. A load that is under way may have read the old campaigns, so it is not kept either.</summary>
    public void Forget() => Interlocked.Increment(ref changes);

    /// <summary>A campaign that is as before stays the same object, with the index of its items.</summary>
    private async Task<FrozenDictionary<string, Campaign>> Load(Task<FrozenDictionary<string, Campaign>>? earlier)
    {
        var before = earlier is { IsCompletedSuccessfully: true } ? earlier.Result : FrozenDictionary<string, Campaign>.Empty;
        return (await reader.All()).ToFrozenDictionary(
            campaign => campaign.Id,
            campaign => before.GetValueOrDefault(campaign.Id) is { } same && same == campaign ? same : campaign,
            StringComparer.Ordinal);
    }

    private sealed record Snapshot(Task<FrozenDictionary<string, Campaign>> Campaigns, long Since, int Changes);
}

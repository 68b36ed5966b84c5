using System.Globalization;
using CoopLine.Grains;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;
using CoopLine.Silo.Storage;

namespace CoopLine.Silo.Monitoring.Invariants;

/// <summary>Compares the numbers that campaigns limit with the uses in the ledger.</summary>
/// <remarks>
/// It reads all uses of a campaign, which may be a million. So it rests after each campaign for twenty times as long as that
/// took; what is touched meanwhile waits.
/// </remarks>
internal sealed class CountedUses(Database database, IStateReader states, TimeProvider clock)
{
    private const int RestTimes = 20;

    private readonly Queue<string> waiting = new();
    private DateTimeOffset restUntil;

    /// <summary>Something happened to a coupon of this campaign.</summary>
    public void Touch(string campaign)
    {
        if (!waiting.Contains(campaign)) waiting.Enqueue(campaign);
    }

    public async Task<IReadOnlyList<Violation>> Check(CancellationToken cancellation)
    {
        var found = new List<Violation>();
        while (clock.GetUtcNow() >= restUntil && waiting.TryDequeue(out var campaign))
        {
            var since = clock.GetTimestamp();
            if (await Differences(campaign, cancellation) is not [] and var differences)
            {
                // No limit is new once a campaign can be used: one that stands now stood when the differences were read.
                var limits = (await states.Campaign(campaign))?.Definition?.Limits ?? CampaignLimits.None;
                found.AddRange(
                    from one in differences
                    where IsLimited(limits, one.Scope)
                    select new Violation(Invariant.CountsAreLedger, one.What, ""));
            }

            restUntil = clock.GetUtcNow() + (RestTimes * clock.GetElapsedTime(since));
        }

        return found;
    }

    private static bool IsLimited(CampaignLimits limits, string scope) => scope switch
    {
        CountScope.All => limits.Total is not null,
        _ when CountScope.StoreOf(scope) is { } store => limits.At(store)?.Store is not null,
        _ => limits.EachDay is not null,
    };

    /// <summary>One statement sees both as they were at one moment.</summary>
    private async Task<List<(string Scope, string What)>> Differences(string campaign, CancellationToken cancellation)
    {
        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command(
            $"""
            WITH used AS (
                SELECT store, substr(receipt, 1, 10) AS day, count(*) AS uses, sum(yen) AS yen
                FROM standing_uses
                WHERE campaign = @campaign
                GROUP BY store, day
            ), filed AS (
                SELECT '{CountScope.All}' AS scope, sum(uses) AS uses, sum(yen) AS yen FROM used
                UNION ALL
                SELECT '{CountScope.StorePrefix}' || store, sum(uses), sum(yen) FROM used GROUP BY store
                UNION ALL
                SELECT '{CountScope.DayPrefix}' || day, sum(uses), sum(yen) FROM used GROUP BY day
            ), counted AS (
                SELECT scope, uses, yen FROM campaign_count WHERE campaign = @campaign
            )
            SELECT coalesce(counted.scope, filed.scope),
                   CAST(coalesce(counted.uses, 0) AS bigint), CAST(coalesce(counted.yen, 0) AS bigint),
                   CAST(coalesce(filed.uses, 0) AS bigint), CAST(coalesce(filed.yen, 0) AS bigint)
            FROM counted
            FULL JOIN filed ON filed.scope = counted.scope
            """,
            ("@campaign", campaign));
        command.CommandTimeout = Database.PatienceSeconds;
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var found = new List<(string, string)>();
        while (await row.ReadAsync(cancellation))
        {
            var (scope, counted, filed) = (row.GetString(0), (row.GetInt64(1), row.GetInt64(2)), (row.GetInt64(3), row.GetInt64(4)));
            if (counted == filed) continue;
            found.Add((scope, string.Create(
                CultureInfo.InvariantCulture, $"{campaign}, {scope}: counted uses and yen {counted}, in the ledger {filed}")));
        }

        return found;
    }
}

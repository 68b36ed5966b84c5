using System.Collections.Immutable;
using CoopLine.Grains.Ledger;

namespace CoopLine.Silo.Storage;

internal sealed class CampaignCounts(Database database) : ICampaignCounts
{
    public async Task<ImmutableArray<CampaignCount>> Read(
        IReadOnlyCollection<string> campaigns, IReadOnlyCollection<string>? scopes, CancellationToken cancellation)
    {
        if (campaigns.Count == 0) return [];

        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command(
            $"""
            SELECT campaign, scope, uses, yen
            FROM campaign_count
            WHERE {database.IsAmong("campaign", "@campaigns")} AND {(scopes is null ? "true" : database.IsAmong("scope", "@scopes"))}
            ORDER BY campaign, scope
            """,
            [("@campaigns", database.List(campaigns)), .. scopes is null ? [] : ((string, object?)[])[("@scopes", database.List(scopes))]]);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var counts = ImmutableArray.CreateBuilder<CampaignCount>();
        while (await row.ReadAsync(cancellation)) counts.Add(new(row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetInt64(3)));
        return counts.ToImmutable();
    }
}

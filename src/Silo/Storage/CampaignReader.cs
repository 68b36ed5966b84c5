using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using CoopLine.Grains;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Storage;

namespace CoopLine.Silo.Storage;

internal sealed class CampaignReader(Database database) : ICampaignReader
{
    public async Task<ImmutableArray<Campaign>> All(CancellationToken cancellation)
    {
        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command(
            """
            SELECT id, version, status, definition, stopped_at, etag, list
            FROM campaigns
            WHERE definition IS NOT NULL
            ORDER BY id
            """);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var campaigns = ImmutableArray.CreateBuilder<Campaign>();
        while (await row.ReadAsync(cancellation))
        {
            campaigns.Add(new(
                row.GetString(0),
                row.GetInt32(1),
                EnumNames.Read<CampaignStatus>(row.GetString(2)),
                JsonSerializer.Deserialize<CampaignDefinition>(row.GetString(3), StateJson.Options)
                    ?? throw new InvalidDataException($"Campaign {row.GetString(0)} has an empty definition."),
                row.IsDBNull(4) ? null : DateTimeOffset.Parse(row.GetString(4), CultureInfo.InvariantCulture),
                row.GetInt32(5),
                row.IsDBNull(6) ? null : JsonSerializer.Deserialize<MemberList>(row.GetString(6), StateJson.Options)));
        }

        return campaigns.ToImmutable();
    }
}

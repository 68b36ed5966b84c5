using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using CoopLine.Grains.Campaigns;

namespace CoopLine.Silo.Storage;

internal sealed class CampaignLists(Database database, TimeProvider clock) : ICampaignLists
{
    private const int Batch = 5_000;

    /// <summary>Longer than a list is being written.</summary>
    private static readonly TimeSpan WritingMost = TimeSpan.FromDays(1);

    public async Task<MemberList> Write(string campaign, IAsyncEnumerable<string> members, CancellationToken cancellation)
    {
        var list = $"{Beginning(clock.GetUtcNow())}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        var written = 0;
        await foreach (var some in members.Chunk(Batch).WithCancellation(cancellation))
        {
            await using var connection = await database.OpenWriter(cancellation);
            await using var command = connection.Command(
                $"""
                INSERT INTO campaign_member (campaign, list, member)
                SELECT @campaign, @list, value FROM {database.Texts("@members")} WHERE true
                ON CONFLICT DO NOTHING
                """,
                ("@campaign", campaign), ("@list", list), ("@members", JsonSerializer.Serialize(some)));
            written += await command.ExecuteNonQueryAsync(cancellation);
        }

        return new(list, written);
    }

    public async Task Forget(string campaign, MemberList counts, CancellationToken cancellation)
    {
        await using var connection = await database.OpenWriter(cancellation);
        await using var command = connection.Command(
            "DELETE FROM campaign_member WHERE campaign = @campaign AND list < @counts AND list < @written",
            ("@campaign", campaign), ("@counts", counts.Id), ("@written", Beginning(clock.GetUtcNow() - WritingMost)));
        command.CommandTimeout = Database.PatienceSeconds;
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task<ImmutableArray<string>> Having(
        IReadOnlyCollection<string> lists, IReadOnlyCollection<string> members, CancellationToken cancellation)
    {
        if (lists.Count == 0 || members.Count == 0) return [];

        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command(
            $"""
            SELECT DISTINCT list
            FROM campaign_member
            WHERE {database.IsAmong("member", "@members")} AND {database.IsAmong("list", "@lists")}
            """,
            ("@members", database.List(members)), ("@lists", database.List(lists)));
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var found = ImmutableArray.CreateBuilder<string>();
        while (await row.ReadAsync(cancellation)) found.Add(row.GetString(0));
        return found.ToImmutable();
    }

    private static string Beginning(DateTimeOffset at) => at.UtcDateTime.ToString("yyyyMMddTHHmmss", CultureInfo.InvariantCulture);
}

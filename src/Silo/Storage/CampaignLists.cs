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
        try
        {
            await foreach (var some in members.Chunk(Batch).WithCancellation(cancellation)) written += await Write(campaign, list, some, cancellation);
            return new(list, written);
        }
        catch when (written > 0)
        {
            await Discard(campaign, new(list, written), CancellationToken.None);
            throw;
        }
    }

    public Task Discard(string campaign, MemberList list, CancellationToken cancellation) =>
        Delete("list = @list", campaign, [("@list", list.Id)], cancellation);

    public Task Forget(string campaign, MemberList counts, CancellationToken cancellation) => Delete(
        "list < @counts AND list < @written", campaign,
        [("@counts", counts.Id), ("@written", Beginning(clock.GetUtcNow() - WritingMost))], cancellation);

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

    private async Task<int> Write(string campaign, string list, string[] members, CancellationToken cancellation)
    {
        await using var connection = await database.OpenWriter(cancellation);
        await using var command = connection.Command(
            $"""
            INSERT INTO campaign_member (campaign, list, member)
            SELECT @campaign, @list, value FROM {database.Texts("@members")} WHERE true
            ON CONFLICT DO NOTHING
            """,
            ("@campaign", campaign), ("@list", list), ("@members", JsonSerializer.Serialize(members)));
        return await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>A few thousand at a time: tills wait for one writer.</summary>
    private async Task Delete(string which, string campaign, (string, object?)[] values, CancellationToken cancellation)
    {
        int deleted;
        do
        {
            await using var connection = await database.OpenWriter(cancellation);
            await using var command = connection.Command(
                $"""
                DELETE FROM campaign_member
                WHERE (member, list) IN (
                    SELECT member, list FROM campaign_member WHERE campaign = @campaign AND {which} LIMIT @batch)
                """,
                [("@campaign", campaign), ("@batch", Batch), .. values]);
            command.CommandTimeout = Database.PatienceSeconds;
            deleted = await command.ExecuteNonQueryAsync(cancellation);
        }
        while (deleted == Batch);
    }

    private static string Beginning(DateTimeOffset at) => at.UtcDateTime.ToString("yyyyMMddTHHmmss", CultureInfo.InvariantCulture);
}

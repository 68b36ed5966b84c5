using System.Collections.Immutable;
using System.Data;
using System.Data.Common;
using System.Globalization;
using CoopLine.Grains.Messages;

namespace CoopLine.Silo.Storage.Sending;

internal sealed class SendResults(Database database) : ISendResults
{
    private static readonly TimeSpan Soon = TimeSpan.FromHours(24);

    /// <summary>Persons whose message LINE took, and when: <c>block.ended_at</c>.</summary>
    private const string Accepted = """
        send_person AS person
        JOIN send_block AS block ON block.campaign = person.campaign AND block.number = person.block AND block.state = 'accepted'
            AND person.campaign = @campaign AND person.reason IS NULL
        """;

    public async Task<SendEffect> Read(string campaign, IReadOnlyCollection<string> coupons, CancellationToken cancellation)
    {
        await using var connection = await database.OpenReader(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        await database.LookAtAll(connection, cancellation);
        var (accepted, first) = await Sent(connection, campaign, cancellation);
        return first is null
            ? new(0, null, 0, ImmutableSortedDictionary<string, (long, long)>.Empty)
            : new(accepted, first, await Unfollowed(connection, campaign, cancellation), await Uses(connection, campaign, coupons, cancellation));
    }

    private static async Task<(long Persons, DateTimeOffset? First)> Sent(DbConnection connection, string campaign, CancellationToken cancellation)
    {
        await using var command = connection.Command(
            "SELECT coalesce(sum(persons), 0), min(first_sent_at) FROM send_block WHERE campaign = @campaign AND state = 'accepted'",
            ("@campaign", campaign));
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        return (row.GetInt64(0), row.IsDBNull(1) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)));
    }

    private async Task<long> Unfollowed(DbConnection connection, string campaign, CancellationToken cancellation)
    {
        var changed = database.Moment("account.follow_changed_at");
        await using var command = connection.Command(
            $"""
            SELECT count(*)
            FROM {Accepted}
            JOIN line_accounts AS account ON account.account = person.account
            WHERE account.blocked = 1 AND {changed} >= {database.MomentOf("block.ended_at")}
                AND {changed} <= {database.MomentOf("block.ended_at + @soon")}
            """,
            ("@campaign", campaign), ("@soon", (long)Soon.TotalMilliseconds));
        command.CommandTimeout = Database.PatienceSeconds;
        return Convert.ToInt64(await command.ExecuteScalarAsync(cancellation), CultureInfo.InvariantCulture);
    }

    private async Task<ImmutableSortedDictionary<string, (long Uses, long Yen)>> Uses(
        DbConnection connection, string campaign, IReadOnlyCollection<string> coupons, CancellationToken cancellation)
    {
        var uses = ImmutableSortedDictionary.CreateBuilder<string, (long, long)>(StringComparer.Ordinal);
        if (coupons.Count == 0) return uses.ToImmutable();

        await using var command = connection.Command(
            $"""
            SELECT used.store, count(*), sum(used.yen)
            FROM {Accepted}
            JOIN standing_uses AS used ON used.member = person.member
            WHERE {database.IsAmong("used.campaign", "@coupons")} AND used.at_utc >= {database.MomentOf("block.ended_at")}
            GROUP BY used.store
            """,
            ("@campaign", campaign), ("@coupons", database.List(coupons)));
        command.CommandTimeout = Database.PatienceSeconds;
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation)) uses[row.GetString(0)] = (row.GetInt64(1), row.GetInt64(2));
        return uses.ToImmutable();
    }
}

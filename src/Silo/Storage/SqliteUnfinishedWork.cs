using System.Collections.Immutable;
using CoopLine.Grains.Storage;

namespace CoopLine.Silo.Storage;

/// <summary>Times are compared with ModifiedOn: the application's clock (<c>@Now</c>) at the last write.</summary>
internal sealed class SqliteUnfinishedWork(SqliteDataSource database) : IUnfinishedWork
{
    // Small enough that a till waiting behind one batch does not notice.
    private const int PruneBatch = 500;

    public async Task<ImmutableArray<UnfinishedState>> Find(
        DateTimeOffset untouchedSince, int limit, CancellationToken cancellation)
    {
        using var connection = database.OpenReader();
        using var command = connection.CreateCommand();
        command.CommandText = """
            SELECT GrainTypeString, GrainIdExtensionString
            FROM OrleansStorage
            WHERE Pending = 1 AND ModifiedOn < @since
            ORDER BY ModifiedOn
            LIMIT @limit
            """;
        command.Parameters.AddWithValue("@since", SqliteDataSource.Timestamp(untouchedSince));
        command.Parameters.AddWithValue("@limit", limit);
        using var rows = await command.ExecuteReaderAsync(cancellation);
        var found = ImmutableArray.CreateBuilder<UnfinishedState>();
        while (await rows.ReadAsync(cancellation))
        {
            found.Add(new(rows.GetString(0), rows.GetString(1)));
        }

        return found.ToImmutable();
    }

    public async Task<int> Prune(DateTimeOffset before, CancellationToken cancellation)
    {
        var all = 0;
        int some;
        do
        {
            some = await PruneSome(before, cancellation); // the gate is free between two batches
            all += some;
        }
        while (some == PruneBatch);
        return all;
    }

    private async Task<int> PruneSome(DateTimeOffset before, CancellationToken cancellation)
    {
        using var connection = await database.OpenWriter(cancellation);
        using var command = connection.CreateCommand();
        command.CommandText = """
            DELETE FROM OrleansStorage
            WHERE rowid IN (
                SELECT rowid
                FROM OrleansStorage
                WHERE GrainTypeString IN ('link-session', 'coupon-code') AND ModifiedOn < @before AND Pending = 0
                LIMIT @batch)
            """;
        command.Parameters.AddWithValue("@before", SqliteDataSource.Timestamp(before));
        command.Parameters.AddWithValue("@batch", PruneBatch);
        return await command.ExecuteNonQueryAsync(cancellation);
    }
}

using System.Collections.Immutable;
using CoopLine.Grains.Storage;

namespace CoopLine.Silo.Storage;

internal sealed class UnfinishedWork(Database database) : IUnfinishedWork
{
    // Small enough that a till waiting behind one batch does not notice.
    private const int PruneBatch = 500;

    public async Task<ImmutableArray<UnfinishedState>> Find(
        DateTimeOffset untouchedSince, int limit, int skip, CancellationToken cancellation)
    {
        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command(
            """
            SELECT GrainTypeString, GrainIdExtensionString
            FROM OrleansStorage
            WHERE Pending = 1 AND ModifiedOn < @since
            ORDER BY ModifiedOn
            LIMIT @limit OFFSET @skip
            """,
            ("@since", database.Time(untouchedSince)),
            ("@limit", limit),
            ("@skip", skip));
        await using var rows = await command.ExecuteReaderAsync(cancellation);
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
            some = await PruneSome(before, cancellation); // others may write between two batches
            all += some;
        }
        while (some == PruneBatch);
        return all;
    }

    private async Task<int> PruneSome(DateTimeOffset before, CancellationToken cancellation)
    {
        await using var connection = await database.OpenWriter(cancellation);
        await using var command = connection.Command(
            database.Prune, ("@before", database.Time(before)), ("@batch", PruneBatch));
        return await command.ExecuteNonQueryAsync(cancellation);
    }
}

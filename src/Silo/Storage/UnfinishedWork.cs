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

    /// <summary>
    /// Used codes are looked at again each time, so nobody looks back further than a process is ever down. What is older goes
    /// with <see cref="Prune"/>.
    /// </summary>
    private static readonly TimeSpan UnusedCodesLookedFor = TimeSpan.FromDays(7);

    public Task<int> Prune(DateTimeOffset before, CancellationToken cancellation) =>
        InBatches(database.Prune, cancellation, ("@before", database.Time(before)));

    public Task<int> PruneUnusedCodes(DateTimeOffset before, CancellationToken cancellation) => InBatches(
        database.PruneUnusedCodes, cancellation,
        ("@before", database.Time(before)),
        ("@since", database.Time(before - UnusedCodesLookedFor)));

    private async Task<int> InBatches(string delete, CancellationToken cancellation, params (string, object?)[] parameters)
    {
        var all = 0;
        int some;
        do
        {
            // Others may write between two batches.
            await using var connection = await database.OpenWriter(cancellation);
            await using var command = connection.Command(delete, [.. parameters, ("@batch", PruneBatch)]);
            some = await command.ExecuteNonQueryAsync(cancellation);
            all += some;
        }
        while (some == PruneBatch);
        return all;
    }
}

using System.Collections.Frozen;
using CoopLine.Silo.Storage;

namespace CoopLine.Silo.Registry;

/// <summary>The hashes of phones and birth dates that too many members share, as of the newest import that this process has seen.</summary>
internal sealed class SharedValues(Database database)
{
    private volatile Known known = new(0, []);

    /// <param name="import">The import as of which the registry was read.</param>
    public async ValueTask<FrozenSet<string>> AsOf(long import, CancellationToken cancellation)
    {
        if (known.Import < import) known = await Read(cancellation);
        return known.Hashes;
    }

    private async Task<Known> Read(CancellationToken cancellation)
    {
        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command(
            $"""
            SELECT newest.id, shared.hash
            FROM (SELECT ({Database.NewestImport}) AS id) AS newest
            LEFT JOIN registry_shared AS shared ON shared.import_id = newest.id
            """);
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var (import, hashes) = (0L, new List<string>());
        while (await row.ReadAsync(cancellation))
        {
            import = row.GetInt64(0);
            if (!row.IsDBNull(1)) hashes.Add(row.GetString(1));
        }

        return new(import, hashes.ToFrozenSet());
    }

    private sealed record Known(long Import, FrozenSet<string> Hashes);
}

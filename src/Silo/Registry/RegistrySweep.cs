using CoopLine.Silo.Storage;

namespace CoopLine.Silo.Registry;

/// <summary>Deletes what no import will show again, a little at a time. Harmless at any moment, also twice at once.</summary>
internal sealed class RegistrySweep(Database database, TimeProvider clock)
{
    /// <summary>Gives up imports whose process died, and deletes the rows they and replaced imports have left.</summary>
    public async Task Run(CancellationToken cancellation)
    {
        if (await StopDead(cancellation) is not { } lastEnded) return;

        string? after = "";
        while (after is not null) after = await Delete(after, cancellation);

        await using var connection = await database.OpenWriter(cancellation);
        await using var shared = connection.Command(
            $"""
            DELETE FROM registry_shared
            WHERE import_id < ({Database.NewestImport})
                OR import_id IN (SELECT id FROM registry_import WHERE status = 'stopped')
            """);
        await shared.ExecuteNonQueryAsync(cancellation);
        await using var done = connection.Command(
            "UPDATE registry_import SET swept = 1 WHERE id <= @last AND status <> 'staging'", ("@last", lastEnded));
        await done.ExecuteNonQueryAsync(cancellation);
    }

    /// <returns>The last import that has ended and left or replaced rows that are not deleted yet, if any.</returns>
    private async Task<long?> StopDead(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        await using var connection = await database.OpenWriter(cancellation);
        await using var stop = connection.Command(
            """
            UPDATE registry_import SET status = 'stopped', ended_at = @now
            WHERE status = 'staging' AND alive_at < @dead
            """,
            ("@now", database.Time(now)),
            ("@dead", database.Time(now - StagedImport.Lease)));
        await stop.ExecuteNonQueryAsync(cancellation);
        await using var last = connection.Command(
            """
            SELECT max(id) FROM registry_import
            WHERE swept = 0 AND (
                status = 'stopped'
                OR status = 'applied' AND EXISTS (
                    SELECT 1 FROM registry_import AS earlier
                    WHERE earlier.id < registry_import.id AND earlier.status = 'applied'))
            """);
        return await last.ExecuteScalarAsync(cancellation) as long?;
    }

    /// <returns>Where to go on, or null at the end.</returns>
    private async Task<string?> Delete(string after, CancellationToken cancellation)
    {
        await using var connection = await database.OpenWriter(cancellation);
        await using var last = connection.Command(
            """
            SELECT max(member_number) FROM (
                SELECT member_number FROM registry_row WHERE member_number > @after ORDER BY member_number LIMIT @rows) AS chunk
            """,
            ("@after", after),
            ("@rows", database.ChunkRows));
        if (await last.ExecuteScalarAsync(cancellation) is not string upTo) return null;
        await using var delete = connection.Command(
            """
            DELETE FROM registry_row
            WHERE member_number > @after AND member_number <= @upTo AND (
                import_id IN (SELECT id FROM registry_import WHERE status = 'stopped')
                OR import_id IN (SELECT id FROM registry_import WHERE status = 'applied')
                    AND import_id < (SELECT max(id) FROM registry_import WHERE status = 'applied')
                    AND (
                        replaced_by IS NULL AND import_id < (
                            SELECT coalesce(max(id), 0) FROM registry_import WHERE status = 'applied' AND mode = 'full')
                        OR EXISTS (
                            SELECT 1 FROM registry_row AS newer
                            JOIN registry_import AS i ON i.id = newer.import_id AND i.status = 'applied'
                            WHERE newer.member_number = registry_row.member_number
                                AND newer.import_id > registry_row.import_id)))
            """,
            ("@after", after),
            ("@upTo", upTo));
        await delete.ExecuteNonQueryAsync(cancellation);
        return upTo;
    }
}

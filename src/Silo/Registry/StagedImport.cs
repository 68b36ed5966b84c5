using System.Collections.Immutable;
using System.Data.Common;
using System.Text.Json;
using CoopLine.Grains.Registry;
using CoopLine.Silo.Storage;
using Npgsql;

namespace CoopLine.Silo.Registry;

/// <summary>
/// An import that is not visible yet. Everything is written in short transactions, between which others get the
/// database; each proves that this import still is the one that runs.
/// </summary>
internal sealed class StagedImport
{
    /// <summary>An import without a sign of life for so long has died with its process.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    /// <summary>A member renumbered more often than this is a mistake in the file.</summary>
    private const int LongestChain = 100;

    /// <summary>So few are not shared among several writers.</summary>
    private const int FewRows = 1_000;

    private const int SortedDigits = 18; // 11^18 < 2^64

    /// <summary>SQL: the known active members of whom a delta says nothing.</summary>
    private const string UntouchedByThis = """
        UNION ALL
        SELECT phones, birth_date_hash FROM registry AS known
        WHERE status = 'active' AND replaced_by IS NULL AND NOT EXISTS (
            SELECT 1 FROM registry_row AS touched
            WHERE touched.member_number = known.member_number AND touched.import_id = @import)
        """;

    private readonly Database database;
    private readonly TimeProvider clock;
    private readonly ImportMode mode;

    /// <summary>For each number among the lines being written, the line of this import that counts.</summary>
    private readonly Dictionary<string, long> counting = [];

    // Of one chunk; kept for the next, because so large ones are only collected with everything else.
    private readonly ulong[] keys;
    private readonly int[] places;
    private readonly RegistryRecord[] sorted;

    private StagedImport(Database database, TimeProvider clock, ImportMode mode, long id)
    {
        this.database = database;
        this.clock = clock;
        this.mode = mode;
        Id = id;
        (keys, places, sorted) = (new ulong[database.ChunkRows], new int[database.ChunkRows], new RegistryRecord[database.ChunkRows]);
    }

    public long Id { get; }

    private object Now => database.Time(clock.GetUtcNow());

    /// <returns>Null while another import runs, in this process or another.</returns>
    public static async Task<StagedImport?> Begin(
        Database database, TimeProvider clock, ImportMode mode, CancellationToken cancellation)
    {
        await using var connection = await database.OpenWriter(cancellation);
        await using var command = connection.Command(
            """
            INSERT INTO registry_import (mode, status, started_at, alive_at)
            SELECT @mode, 'staging', @now, @now
            WHERE NOT EXISTS (SELECT 1 FROM registry_import WHERE status = 'staging')
            ON CONFLICT DO NOTHING -- with one that begins at the same moment
            RETURNING id
            """,
            ("@mode", mode is ImportMode.Full ? "full" : "delta"),
            ("@now", database.Time(clock.GetUtcNow())));
        return await command.ExecuteScalarAsync(cancellation) is long id ? new(database, clock, mode, id) : null;
    }

    /// <summary>Files the lines under this import; nobody sees them yet.</summary>
    public async Task Write(IReadOnlyList<RegistryRecord> lines, ImportTally tally, CancellationToken cancellation)
    {
        var rows = InOrder(lines);

        // A rejected row's member first: what is carried forward gives way to an accepted row.
        await using (var connection = await database.OpenWriter(cancellation))
        await using (var transaction = await connection.BeginTransactionAsync(cancellation))
        {
            await KeepAlive(connection, cancellation);
            await Carry(connection, lines.Where(line => line.Row is null).Select(line => line.MemberNumber), cancellation);
            await transaction.CommitAsync(cancellation);
        }

        // No number is in two parts: none waits for another's row.
        var share = rows.Count < FewRows ? rows.Count : (rows.Count + database.Writers - 1) / database.Writers;
        var parts = Enumerable.Range(0, database.Writers)
            .Select(i => rows[Math.Min(i * share, rows.Count)..Math.Min((i + 1) * share, rows.Count)]).Where(part => part.Count > 0);
        var earlier = await Task.WhenAll(parts.Select(part => Task.Run(() => Add(part, cancellation), cancellation)));
        foreach (var (number, line) in earlier.SelectMany(part => part)) counting[number] = line;

        foreach (var line in lines)
        {
            if (line.Row is null) tally.Reject(line.Number, line.Rejected!);
            else if (counting[line.Row.MemberNumber] is var first && first == line.Number) tally.Accept(line.Notes);
            else tally.Reject(line.Number, $"the same member_number as line {first}, which counts");
        }
    }

    /// <summary>Rejects the rows whose replaced_by leads back to them, or further than anybody's could.</summary>
    public async Task RejectCircles(ImportTally tally, CancellationToken cancellation)
    {
        // An earlier row carried forward may close another circle. There was none in what was applied before, so this ends.
        while (await Reject("count(CASE WHEN at = start.member_number THEN 1 END) > 0", "replaced_by leads in a circle")
            || await Reject($"count(at) >= {LongestChain}", $"replaced_by leads through {LongestChain} numbers or more"))
        {
        }

        async Task<bool> Reject(string condition, string reason)
        {
            var found = await Chains(condition, cancellation);
            foreach (var chunk in found.Chunk(database.ChunkRows)) await Withdraw(chunk, cancellation);
            foreach (var (_, line) in found) tally.RejectAfterAll(line, reason);
            return found.Count > 0;
        }
    }

    /// <summary>Counts the members that are known now, and of a full import those who would not be after it.</summary>
    public async Task FindMissing(ImportTally tally, CancellationToken cancellation)
    {
        // From the rows and not from the view, which would also look at each row of this import.
        const string known = """
            WITH shown AS (
                SELECT id FROM registry_import
                WHERE status = 'applied'
                    AND id >= (SELECT coalesce(max(id), 0) FROM registry_import WHERE status = 'applied' AND mode = 'full')),
            known AS (
                SELECT member_number, count(CASE WHEN import_id = @import THEN 1 END) AS next
                FROM registry_row
                WHERE EXISTS (SELECT 1 FROM shown) AND (import_id = @import OR import_id IN (SELECT id FROM shown))
                GROUP BY member_number
                HAVING count(CASE WHEN import_id <> @import THEN 1 END) > 0)
            """;
        await using var connection = await database.OpenReader(cancellation);
        await using var count = connection.Command(
            $"{known} SELECT count(*), count(CASE WHEN next = 0 THEN 1 END) FROM known", ("@import", Id));
        count.CommandTimeout = Database.PatienceSeconds;
        await using (var row = await count.ExecuteReaderAsync(cancellation))
        {
            await row.ReadAsync(cancellation);
            (tally.Known, tally.Missing) = (row.GetInt64(0), mode is ImportMode.Full ? row.GetInt64(1) : 0);
        }

        if (tally.Missing == 0) return;
        await using var name = connection.Command(
            $"{known} SELECT member_number FROM known WHERE next = 0 ORDER BY member_number LIMIT @most",
            ("@import", Id),
            ("@most", ImportTally.MostMissingNumbers));
        name.CommandTimeout = Database.PatienceSeconds;
        await using var missing = await name.ExecuteReaderAsync(cancellation);
        var numbers = ImmutableArray.CreateBuilder<string>();
        while (await missing.ReadAsync(cancellation)) numbers.Add(missing.GetString(0));
        tally.MissingNumbers = numbers.ToImmutable();
    }

    /// <summary>Files the phones and birth dates that too many members would share after this import.</summary>
    public async Task FindShared(RegistryOptions options, ImportTally tally, CancellationToken cancellation)
    {
        var hashes = new List<string>();
        await using (var connection = await database.OpenReader(cancellation))
        {
            await using var command = connection.Command(
                $"""
                WITH next AS (
                    SELECT phones, birth_date_hash FROM registry_row
                    WHERE import_id = @import AND status = 'active' AND replaced_by IS NULL
                    {(mode is ImportMode.Delta ? UntouchedByThis : "")})
                SELECT 0, phone.value, count(*)
                FROM next, {database.Texts("phones")} AS phone
                GROUP BY phone.value
                HAVING count(*) > @perPhone
                UNION ALL
                SELECT 1, birth_date_hash, count(*)
                FROM next
                WHERE birth_date_hash IS NOT NULL
                GROUP BY birth_date_hash
                HAVING count(*) * 10000 > @perBirthDate * (SELECT CASE WHEN count(*) < 10000 THEN 10000 ELSE count(*) END FROM next)
                """,
                ("@import", Id),
                ("@perPhone", options.MembersPerPhone),
                ("@perBirthDate", options.MembersPerBirthDate));
            command.CommandTimeout = 0; // it is called off with the import, which meanwhile gives signs of life
            await using var row = await command.ExecuteReaderAsync(cancellation);
            while (await row.ReadAsync(cancellation))
            {
                hashes.Add(row.GetString(1));
                if (row.GetInt32(0) == 0) tally.SharedPhones += row.GetInt64(2);
                else tally.SharedBirthDates += row.GetInt64(2);
            }
        }

        foreach (var chunk in hashes.Chunk(database.ChunkRows))
        {
            await using var connection = await database.OpenWriter(cancellation);
            await using var insert = connection.Command(
                $"INSERT INTO registry_shared (import_id, hash) SELECT @import, value FROM {database.Texts("@hashes")} AS hash",
                ("@import", Id),
                ("@hashes", JsonSerializer.Serialize(chunk)));
            await insert.ExecuteNonQueryAsync(cancellation);
        }
    }

    /// <summary>Counts what this import would do to the registry.</summary>
    public async Task FindChanges(ImportTally tally, CancellationToken cancellation)
    {
        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command(
            """
            WITH compared AS (
                SELECT
                    known.member_number IS NULL AS is_new,
                    known.status = 'active' AND known.replaced_by IS NULL AS was_member,
                    next.phones <> known.phones OR next.status <> known.status OR next.businesses <> known.businesses
                        OR coalesce(next.birth_date_hash, '') <> coalesce(known.birth_date_hash, '')
                        OR coalesce(next.home_store, '') <> coalesce(known.home_store, '')
                        OR coalesce(next.replaced_by, '') <> coalesce(known.replaced_by, '') AS is_changed,
                    next.status, next.replaced_by
                FROM registry_row AS next
                LEFT JOIN registry AS known ON known.member_number = next.member_number
                WHERE next.import_id = @import AND next.line IS NOT NULL),
            ending AS (
                SELECT next.replaced_by
                FROM linked_members AS linked
                JOIN registry_row AS next ON next.member_number = linked.member_number AND next.import_id = @import
                WHERE next.status = 'withdrawn' OR next.replaced_by IS NOT NULL)
            SELECT
                count(CASE WHEN is_new THEN 1 END),
                count(CASE WHEN is_changed AND NOT is_new THEN 1 END),
                count(CASE WHEN was_member AND status = 'withdrawn' AND replaced_by IS NULL THEN 1 END),
                count(CASE WHEN was_member AND replaced_by IS NOT NULL THEN 1 END),
                (SELECT count(CASE WHEN replaced_by IS NULL THEN 1 END) FROM ending),
                (SELECT count(replaced_by) FROM ending)
            FROM compared
            """,
            ("@import", Id));
        command.CommandTimeout = 0; // it is called off with the import, which meanwhile gives signs of life
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        tally.Changes = new(
            row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5));
    }

    /// <summary>Makes the import visible: one row changes.</summary>
    /// <returns>False when another import has taken over.</returns>
    public Task<bool> Apply(ImportTally tally, CancellationToken cancellation) => End("applied", tally, cancellation);

    /// <summary>Gives the import up: what it staged is deleted by the next sweep.</summary>
    public Task<bool> Stop(ImportTally tally, CancellationToken cancellation) => End("stopped", tally, cancellation);

    private async Task<bool> End(string status, ImportTally tally, CancellationToken cancellation)
    {
        await using var connection = await database.OpenWriter(cancellation);
        await using var command = connection.Command(
            """
            UPDATE registry_import
            SET status = @status, ended_at = @now, alive_at = @now,
                rows = @rows, accepted = @accepted, rejected = @rejected, missing = @missing
            WHERE id = @import AND status = 'staging'
            """,
            ("@status", status),
            ("@now", Now),
            ("@rows", tally.Rows),
            ("@accepted", tally.Accepted),
            ("@rejected", tally.Rejected),
            ("@missing", tally.Missing),
            ("@import", Id));
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    /// <summary>Gives signs of life until it is called off: for what takes long and writes nothing.</summary>
    public async Task StayAlive(CancellationToken until)
    {
        using var beat = new PeriodicTimer(Lease / 3, clock);
        try
        {
            while (await beat.WaitForNextTickAsync(until))
            {
                try
                {
                    await using var connection = await database.OpenWriter(until);
                    await KeepAlive(connection, until);
                }
                catch (Exception e) when (e is DbException or ImportTakenOverException)
                {
                    // The next beat comes within the lease. The import's next write finds out whether it still runs.
                }
            }
        }
        catch (OperationCanceledException) when (until.IsCancellationRequested)
        {
            // That is how it ends.
        }
    }

    private async Task KeepAlive(DbConnection connection, CancellationToken cancellation)
    {
        await using var command = connection.Command(
            "UPDATE registry_import SET alive_at = @now WHERE id = @import AND status = 'staging'",
            ("@now", Now),
            ("@import", Id));
        if (await command.ExecuteNonQueryAsync(cancellation) == 0) throw new ImportTakenOverException();
    }

    private async Task Withdraw(
        IReadOnlyCollection<(string Number, long Line)> rows, CancellationToken cancellation)
    {
        await using var connection = await database.OpenWriter(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await KeepAlive(connection, cancellation);

        var numbers = rows.Select(row => row.Number).ToList();
        await using var delete = connection.Command(
            $"DELETE FROM registry_row WHERE import_id = @import AND {database.IsAmong("member_number", "@numbers")}",
            ("@import", Id),
            ("@numbers", database.List(numbers)));
        await delete.ExecuteNonQueryAsync(cancellation);
        await Carry(connection, numbers, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>The first row of each number, nearly in the order of the key, so that fewer pages of its index are written.</summary>
    private ArraySegment<RegistryRecord> InOrder(IReadOnlyList<RegistryRecord> lines)
    {
        counting.Clear();
        var count = 0;
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i].Row is null || !counting.TryAdd(lines[i].MemberNumber!, lines[i].Number)) continue;
            (keys[count], places[count]) = (SortKey(lines[i].MemberNumber!), i);
            count++;
        }

        Array.Sort(keys, places, 0, count);
        for (var i = 0; i < count; i++) sorted[i] = lines[places[i]];
        return new(sorted, 0, count);
    }

    /// <summary>Of the first digits: no digit comes before 0.</summary>
    private static ulong SortKey(string number)
    {
        var key = 0UL;
        for (var i = 0; i < SortedDigits; i++) key = (key * 11) + (i < number.Length ? number[i] - (ulong)'0' + 1 : 0);
        return key;
    }

    /// <returns>For each number that may have been there before, the line that counts.</returns>
    private async Task<IReadOnlyCollection<(string Number, long Line)>> Add(
        IReadOnlyCollection<RegistryRecord> rows, CancellationToken cancellation)
    {
        await using var connection = await database.OpenWriter(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await Hold(connection, cancellation);
        IReadOnlyCollection<(string, long)> counting = [];
        if (connection is not NpgsqlConnection postgres
            || !await new RegistryCopy(postgres, transaction, Id).TryAdd(rows, cancellation))
        {
            await Insert(connection, rows, cancellation);
            counting = await FindCounting(connection, rows, cancellation);
        }

        await transaction.CommitAsync(cancellation);
        return counting;
    }

    /// <summary>Nobody takes the import over before the transaction ends.</summary>
    private async Task Hold(DbConnection connection, CancellationToken cancellation)
    {
        await using var command = connection.Command(
            $"SELECT id FROM registry_import WHERE id = @import AND status = 'staging' {database.Share}", ("@import", Id));
        if (await command.ExecuteScalarAsync(cancellation) is null) throw new ImportTakenOverException();
    }

    /// <param name="condition">Over the numbers (<c>at</c>) that a row's replaced_by leads to, one after the other.</param>
    private async Task<List<(string Number, long Line)>> Chains(string condition, CancellationToken cancellation)
    {
        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command(
            $"""
            SELECT start.member_number, start.line
            FROM registry_row AS start
            WHERE start.replaced_by IS NOT NULL AND start.import_id = @import AND start.line IS NOT NULL AND (
                WITH RECURSIVE chain (at, steps) AS (
                    SELECT start.replaced_by, 1
                    UNION ALL
                    SELECT (
                        SELECT next.replaced_by
                        FROM (
                            SELECT import_id, replaced_by FROM registry_row
                            WHERE member_number = chain.at AND import_id = @import
                            UNION ALL
                            SELECT 0, replaced_by FROM registry
                            WHERE member_number = chain.at AND @delta) AS next
                        ORDER BY next.import_id DESC
                        LIMIT 1), steps + 1
                    FROM chain
                    WHERE at <> start.member_number AND steps < {LongestChain})
                SELECT {condition} FROM chain)
            LIMIT 100000
            """,
            ("@import", Id),
            ("@delta", mode is ImportMode.Delta));
        command.CommandTimeout = Database.PatienceSeconds;
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<(string, long)>();
        while (await row.ReadAsync(cancellation)) rows.Add((row.GetString(0), row.GetInt64(1)));
        return rows;
    }

    /// <summary>A row carried forward gives way to an accepted one; an accepted one does not.</summary>
    private async Task Insert(
        DbConnection connection, IEnumerable<RegistryRecord> lines, CancellationToken cancellation)
    {
        await using var insert = connection.Command(
            $"""
            INSERT INTO registry_row (
                member_number, phones, birth_date_hash, status, businesses, home_store, replaced_by, line, import_id)
            SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6,
                CAST(value ->> 7 AS BIGINT), @import
            FROM {database.Elements("@rows")}
            WHERE true
            ON CONFLICT (member_number, import_id) DO UPDATE SET
                phones = excluded.phones, birth_date_hash = excluded.birth_date_hash, status = excluded.status,
                businesses = excluded.businesses, home_store = excluded.home_store, replaced_by = excluded.replaced_by,
                line = excluded.line
            WHERE registry_row.line IS NULL
            """,
            ("@import", Id),
            ("@rows", JsonSerializer.Serialize(lines.Select(line => (object?[])[.. line.Row!.Texts(), line.Number]))));
        await insert.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>An earlier chunk may have had the same numbers.</summary>
    private async Task<IReadOnlyCollection<(string, long)>> FindCounting(
        DbConnection connection, IEnumerable<RegistryRecord> rows, CancellationToken cancellation)
    {
        await using var command = connection.Command(
            $"""
            SELECT member_number, line FROM registry_row
            WHERE import_id = @import AND {database.IsAmong("member_number", "@numbers")}
            """,
            ("@import", Id),
            ("@numbers", database.List(rows.Select(line => line.MemberNumber!))));
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var counting = new List<(string, long)>();
        while (await row.ReadAsync(cancellation)) counting.Add((row.GetString(0), row.GetInt64(1)));
        return counting;
    }

    /// <summary>
    /// A rejected row says nothing about its member, who stays as known before. Only a full import has to say so: rows
    /// that a delta does not touch stay visible anyway.
    /// </summary>
    private async Task Carry(DbConnection connection, IEnumerable<string?> numbers, CancellationToken cancellation)
    {
        var known = numbers.OfType<string>().ToList();
        if (mode is not ImportMode.Full || known.Count == 0) return;
        await using var carry = connection.Command(
            $"""
            INSERT INTO registry_row (
                member_number, import_id, phones, birth_date_hash, status, businesses, home_store, replaced_by)
            SELECT member_number, @import, phones, birth_date_hash, status, businesses, home_store, replaced_by
            FROM registry
            WHERE {database.IsAmong("member_number", "@numbers")}
            ON CONFLICT (member_number, import_id) DO NOTHING
            """,
            ("@import", Id),
            ("@numbers", database.List(known)));
        await carry.ExecuteNonQueryAsync(cancellation);
    }
}

/// <summary>The import stalled for longer than <see cref="StagedImport.Lease"/>, and another has begun.</summary>
internal sealed class ImportTakenOverException() : Exception("Another import has begun while this one had stalled.");

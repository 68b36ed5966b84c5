using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Orleans.Configuration;

namespace CoopLine.Silo.Storage.GroupCommit;

/// <summary>On PostgreSQL a batch is one statement for the first writes and one for the later ones, in one round trip.</summary>
internal sealed class PostgreSqlStateTable(PostgreSqlDatabase database, IOptions<ClusterOptions> cluster) : IStateTable
{
    /// <summary>How often a batch that lost a deadlock is tried.</summary>
    private const int MaxAttempts = 5;

    private const string Rows =
        "unnest(@KeyHash, @NameHash, @StateName, @Key) WITH ORDINALITY AS row (KeyHash, NameHash, StateName, Key, Number)";

    private const string WrittenRows = """
        unnest(@KeyHash, @NameHash, @StateName, @Key, @Payload, @Version)
            WITH ORDINALITY AS row (KeyHash, NameHash, StateName, Key, Payload, Version, Number)
        """;

    private const string IsStored = """
        stored.GrainIdHash = row.KeyHash AND stored.GrainTypeHash = row.NameHash
            AND stored.GrainIdN0 = 0 AND stored.GrainIdN1 = 0
            AND stored.GrainTypeString = row.StateName AND stored.GrainIdExtensionString = row.Key
            AND stored.ServiceId = @ServiceId
        """;

    // Most payloads have no such word and need not be parsed.
    private const string IsPending = """
        CASE WHEN position('"pending"'::bytea IN row.Payload) > 0
            THEN coalesce((convert_from(row.Payload, 'UTF8')::json ->> 'pending') = 'true', false)::int
            ELSE 0 END
        """;

    private const string Select = $"""
        SELECT row.Number, stored.PayloadBinary, stored.Version
        FROM {Rows}
        JOIN OrleansStorage AS stored ON {IsStored}
        """;

    // A write that is missing in an answer found another version, or another row, in its place.
    private readonly string insert = $"""
        INSERT INTO OrleansStorage AS stored
            (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString, GrainIdExtensionString, ServiceId,
             PayloadBinary, Version, CreatedOn, ModifiedOn, Pending)
        SELECT row.KeyHash, row.NameHash, 0, 0, row.StateName, row.Key, @ServiceId,
               row.Payload, 1 + floor(random() * 1000000000)::int, {database.Now}, {database.Now}, {IsPending}
        FROM {WrittenRows}
        ORDER BY row.Number
        ON CONFLICT DO NOTHING
        RETURNING stored.GrainTypeString, stored.GrainIdExtensionString, stored.Version
        """;

    private readonly string update = $"""
        UPDATE OrleansStorage AS stored
        SET PayloadBinary = row.Payload, Version = stored.Version + 1, ModifiedOn = {database.Now}, Pending = {IsPending}
        FROM {WrittenRows}
        WHERE {IsStored} AND stored.Version = row.Version
        RETURNING row.Number, stored.Version
        """;

    public async Task Read(IReadOnlyList<StateRead> reads)
    {
        var found = new StoredState?[reads.Count];
        await using (var connection = await Open())
        await using (var command = connection.CreateCommand())
        {
            command.CommandText = Select;
            Add(command.Parameters, [.. reads.Select(read => read.Row)]);
            await using var rows = await command.ExecuteReaderAsync();
            while (await rows.ReadAsync())
            {
                found[rows.GetInt64(0) - 1] =
                    new(rows.IsDBNull(1) ? null : rows.GetFieldValue<byte[]>(1), rows.GetInt32(2));
            }
        }

        for (var i = 0; i < found.Length; i++) reads[i].Succeed(found[i]);
    }

    public Task Commit(IReadOnlyList<StateWrite> writes) =>
        // In one order, so that nobody waits in a circle.
        CommitSorted(writes
            .OrderBy(write => write.Row.KeyHash)
            .ThenBy(write => write.Row.NameHash)
            .ThenBy(write => write.Row.Key, StringComparer.Ordinal)
            .ThenBy(write => write.Row.StateName, StringComparer.Ordinal)
            .ToArray());

    private async Task CommitSorted(ReadOnlyMemory<StateWrite> writes)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await CommitTogether(writes);
                return;
            }
            catch (PostgresException lost) when (IsDeadlock(lost) && attempt < MaxAttempts)
            {
                // All of it was undone; the one that won has gone on.
            }
            catch (PostgresException refused) when (IsRefusal(refused))
            {
                // All of it was undone, for one row: find it, and keep the others.
                if (writes.Length == 1)
                {
                    writes.Span[0].Fail(refused);
                    return;
                }

                var half = writes.Length / 2;
                await CommitSorted(writes[..half]);
                await CommitSorted(writes[half..]);
                return;
            }
        }
    }

    private async Task CommitTogether(ReadOnlyMemory<StateWrite> writes)
    {
        var all = writes.ToArray();
        var versions = new Dictionary<StateWrite, int>(all.Length);
        // Two first writes of one state are left to the index; of two in one batch the first is the one that is stored.
        var first = all.Where(write => write.Version is null).DistinctBy(write => write.Row).ToArray();
        var later = all.Where(write => write.Version is not null).ToArray();
        await using (var connection = await Open())
        {
            await using var batch = connection.CreateBatch();
            if (first is not []) batch.BatchCommands.Add(Command(insert, first));
            if (later is not []) batch.BatchCommands.Add(Command(update, later));
            await using var rows = await batch.ExecuteReaderAsync(); // one implicit transaction
            if (first is not [])
            {
                var byRow = first.ToDictionary(write => (write.Row.StateName, write.Row.Key));
                while (await rows.ReadAsync()) versions[byRow[(rows.GetString(0), rows.GetString(1))]] = rows.GetInt32(2);
                await rows.NextResultAsync();
            }

            while (later is not [] && await rows.ReadAsync()) versions[later[rows.GetInt64(0) - 1]] = rows.GetInt32(1);
        }

        foreach (var write in all) write.Succeed(versions.TryGetValue(write, out var version) ? version : null);
    }

    private NpgsqlBatchCommand Command(string sql, StateWrite[] writes)
    {
        var command = new NpgsqlBatchCommand(sql);
        Add(command.Parameters, [.. writes.Select(write => write.Row)]);
        command.Parameters.Add(new NpgsqlParameter<byte[]?[]>("Payload", [.. writes.Select(write => write.Payload)])
        {
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea,
        });
        command.Parameters.Add(new NpgsqlParameter<int?[]>("Version", [.. writes.Select(write => write.Version)]));
        return command;
    }

    private void Add(NpgsqlParameterCollection parameters, StateRow[] rows)
    {
        parameters.Add(new NpgsqlParameter<int[]>("KeyHash", [.. rows.Select(row => row.KeyHash)]));
        parameters.Add(new NpgsqlParameter<int[]>("NameHash", [.. rows.Select(row => row.NameHash)]));
        parameters.Add(new NpgsqlParameter<string[]>("StateName", [.. rows.Select(row => row.StateName)]));
        parameters.Add(new NpgsqlParameter<string[]>("Key", [.. rows.Select(row => row.Key)]));
        parameters.Add(new NpgsqlParameter<string>("ServiceId", cluster.Value.ServiceId));
    }

    private async Task<NpgsqlConnection> Open() => (NpgsqlConnection)await database.OpenWriter(CancellationToken.None);

    private static bool IsDeadlock(PostgresException fault) =>
        fault.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure;

    /// <summary>Whether the server is well and only refused what it was given. Otherwise nobody knows what it did.</summary>
    private static bool IsRefusal(PostgresException fault) =>
        fault.Severity == "ERROR" && fault.SqlState[..2] is "22" or "23" or "54" or "P0";
}

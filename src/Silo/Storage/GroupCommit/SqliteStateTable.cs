using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace CoopLine.Silo.Storage.GroupCommit;

/// <summary>
/// On SQLite a statement costs microseconds and a commit a wait for the disk: one transaction runs the statements of
/// the AdoNet contract, one a write, and commits once.
/// </summary>
internal sealed class SqliteStateTable(SqliteDataSource database, IOptions<ClusterOptions> cluster) : IStateTable
{
    private const string Identity = """
        GrainIdHash = @KeyHash AND GrainTypeHash = @NameHash AND GrainIdN0 = 0 AND GrainIdN1 = 0
        AND GrainTypeString = @StateName AND GrainIdExtensionString = @Key AND ServiceId = @ServiceId
        """;

    // No row in the answer means that another version is there.
    private const string Insert = """
        INSERT INTO OrleansStorage
            (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString, GrainIdExtensionString, ServiceId,
             PayloadBinary, Version, ModifiedOn)
        VALUES (@KeyHash, @NameHash, 0, 0, @StateName, @Key, @ServiceId, @Payload, 1 + abs(random() % 1000000000), @Now)
        ON CONFLICT DO NOTHING
        RETURNING Version
        """;

    private const string Update = $"""
        UPDATE OrleansStorage SET PayloadBinary = @Payload, Version = Version + 1, ModifiedOn = @Now
        WHERE {Identity} AND Version = @Version
        RETURNING Version
        """;

    private const string Select = $"SELECT PayloadBinary, Version FROM OrleansStorage WHERE {Identity}";

    public async Task Commit(IReadOnlyList<StateWrite> writes)
    {
        using var connection = await database.OpenWriter(CancellationToken.None);
        using var transaction = connection.BeginTransaction(deferred: false);
        using var insert = Command(connection, transaction, Insert);
        using var update = Command(connection, transaction, Update);
        var done = new List<(StateWrite Write, int? Version)>(writes.Count);
        foreach (var write in writes)
        {
            try
            {
                done.Add((write, Execute(write.Version is null ? insert : update, write)));
            }
            catch (SqliteException refused) when (IsOpen(connection))
            {
                write.Fail(refused); // Only its own statement was undone.
            }
        }

        transaction.Commit();
        foreach (var (write, version) in done) write.Succeed(version);
    }

    public Task Read(IReadOnlyList<StateRead> reads)
    {
        using var connection = database.OpenReader();
        using var select = Command(connection, null, Select);
        foreach (var read in reads)
        {
            Fill(select, read.Row);
            using var found = select.ExecuteReader();
            read.Succeed(found.Read()
                ? new(found.IsDBNull(0) ? null : found.GetFieldValue<byte[]>(0), found.GetInt32(1))
                : null);
        }

        return Task.CompletedTask;
    }

    /// <summary>A full disk or a broken file ends the whole transaction; a row that is refused does not.</summary>
    private static bool IsOpen(SqliteConnection connection) => SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) == 0;

    private static int? Execute(SqliteCommand command, StateWrite write)
    {
        Fill(command, write.Row);
        command.Parameters["@Payload"].Value = write.Payload ?? (object)DBNull.Value;
        command.Parameters["@Version"].Value = write.Version ?? (object)DBNull.Value;
        using var answer = command.ExecuteReader();
        return answer.Read() ? answer.GetInt32(0) : null;
    }

    private static void Fill(SqliteCommand command, StateRow row)
    {
        command.Parameters["@KeyHash"].Value = row.KeyHash;
        command.Parameters["@NameHash"].Value = row.NameHash;
        command.Parameters["@StateName"].Value = row.StateName;
        command.Parameters["@Key"].Value = row.Key;
    }

    private SqliteCommand Command(SqliteConnection connection, SqliteTransaction? transaction, string sql)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = sql;
        command.Parameters.Add("@KeyHash", SqliteType.Integer);
        command.Parameters.Add("@NameHash", SqliteType.Integer);
        command.Parameters.Add("@StateName", SqliteType.Text);
        command.Parameters.Add("@Key", SqliteType.Text);
        command.Parameters.Add("@Payload", SqliteType.Blob);
        command.Parameters.Add("@Version", SqliteType.Integer);
        command.Parameters.AddWithValue("@ServiceId", cluster.Value.ServiceId);
        return command;
    }
}

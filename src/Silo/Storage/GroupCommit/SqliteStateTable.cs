using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;
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
    private const string OneWrite = "one_write";

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

    // One decision a receipt is a trigger's business.
    private const string File = """
        INSERT INTO ledger
            (id, kind, at, campaign, member, account, store, receipt, line, yen, request_hash, amends, given_back, actor,
             reason, identity_check, answer, trace_id, version, decision, planned)
        VALUES
            (@Id, @Kind, @At, @Campaign, @Member, @Account, @Store, @Receipt, @Line, @Yen, @RequestHash, @Amends, @GivenBack,
             @Actor, @Reason, @IdentityCheck, @Answer, @TraceId, @Version, @Decision, @Planned)
        ON CONFLICT (id) DO NOTHING
        """;

    public async Task Commit(IReadOnlyList<StateWrite> writes)
    {
        using var connection = await database.OpenWriter(CancellationToken.None);
        using var transaction = connection.BeginTransaction(deferred: false);
        using var statements = new Statements(this, connection, transaction);
        // Told after the commit: what a write was refused for may be another write of this transaction.
        var outcomes = new List<(StateWrite Write, int? Version, SqliteException? Refused)>(writes.Count);
        foreach (var write in writes)
        {
            try
            {
                // A state and its ledger rows are several statements: what the last of them refuses is undone as a whole.
                if (write.Ledger is not []) transaction.Save(OneWrite);
                outcomes.Add((write, statements.Execute(write), null));
                if (write.Ledger is not []) transaction.Release(OneWrite);
            }
            catch (SqliteException refused) when (IsOpen(connection))
            {
                if (write.Ledger is not [])
                {
                    transaction.Rollback(OneWrite);
                    transaction.Release(OneWrite);
                }

                outcomes.Add((write, null, refused));
            }
        }

        transaction.Commit();
        foreach (var (write, version, refused) in outcomes)
        {
            if (refused is null) write.Succeed(version);
            else write.Fail(refused);
        }
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

    /// <summary>The statements of one transaction, each prepared once.</summary>
    private sealed class Statements(SqliteStateTable table, SqliteConnection connection, SqliteTransaction transaction) : IDisposable
    {
        private readonly SqliteCommand insert = table.Command(connection, transaction, Insert);
        private readonly SqliteCommand update = table.Command(connection, transaction, Update);
        private SqliteCommand? select;
        private SqliteCommand? newestImport;
        private SqliteCommand? file;

        /// <returns>Null when something else than expected is there.</returns>
        public int? Execute(StateWrite write)
        {
            if (write.Relied is { } relied && !Holds(relied)) return null;

            var command = write.Version is null ? insert : update;
            Fill(command, write.Row);
            command.Parameters["@Payload"].Value = write.Payload ?? (object)DBNull.Value;
            command.Parameters["@Version"].Value = write.Version ?? (object)DBNull.Value;
            int? version;
            using (var found = command.ExecuteReader()) version = found.Read() ? found.GetInt32(0) : null;
            if (version is not null)
                foreach (var row in write.Ledger) Enter(row);
            return version;
        }

        public void Dispose()
        {
            insert.Dispose();
            update.Dispose();
            select?.Dispose();
            newestImport?.Dispose();
            file?.Dispose();
        }

        private bool Holds(Reliance relied)
        {
            newestImport ??= Plain(Database.NewestImport);
            if ((long)newestImport.ExecuteScalar()! != relied.Import) return false;

            select ??= table.Command(connection, transaction, Select);
            foreach (var state in relied.States)
            {
                Fill(select, StateRow.Of(state.StateName, state.Key));
                using var found = select.ExecuteReader();
                if (!found.Read() || found.GetInt32(1) != state.Version) return false;
            }

            return true;
        }

        private void Enter(LedgerRow row)
        {
            file ??= Plain(File);
            Set("@Id", row.Id);
            Set("@Kind", Ledger.Name(row.Kind));
            Set("@At", Ledger.Write(row.At));
            Set("@Campaign", row.Campaign);
            Set("@Member", row.Member);
            Set("@Account", row.Account);
            Set("@Store", row.Store);
            Set("@Receipt", row.Receipt);
            Set("@Line", row.Line);
            Set("@Yen", row.Yen);
            Set("@RequestHash", row.RequestHash);
            Set("@Amends", row.Amends);
            Set("@GivenBack", row.GivenBack);
            Set("@Actor", row.Actor);
            Set("@Reason", row.Reason);
            Set("@IdentityCheck", row.IdentityCheck);
            Set("@Answer", row.Answer);
            Set("@TraceId", row.TraceId);
            Set("@Version", row.Version);
            Set("@Decision", row.Decision);
            Set("@Planned", row.Planned);
            file.ExecuteNonQuery();

            void Set(string name, object? value)
            {
                if (!file.Parameters.Contains(name)) file.Parameters.Add(new SqliteParameter { ParameterName = name });
                file.Parameters[name].Value = value ?? DBNull.Value;
            }
        }

        private SqliteCommand Plain(string sql)
        {
            var command = connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = sql;
            return command;
        }
    }
}

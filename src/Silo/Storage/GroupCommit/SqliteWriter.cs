using CoopLine.Grains;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;
using Microsoft.Data.Sqlite;

namespace CoopLine.Silo.Storage.GroupCommit;

/// <summary>
/// The connection that commits states, with its statements. On SQLite a statement costs microseconds and a commit a wait
/// for the disk: one transaction runs the statements of the AdoNet contract, one a write, and commits once.
/// Not for two threads at once.
/// </summary>
internal sealed class SqliteWriter(SqliteConnection connection, string serviceId, TimeProvider clock) : IDisposable
{
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
        WHERE {SqliteStateTable.Identity} AND Version = @Version
        RETURNING Version
        """;

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

    // No row in the answer means that the limit would be passed.
    private const string Count = """
        INSERT INTO campaign_count AS stored (campaign, scope, uses, yen)
        SELECT @Campaign, @Scope, @Uses, @Yen
        WHERE @Uses <= ifnull(@UsesMax, @Uses) AND @Yen <= ifnull(@YenMax, @Yen)
        ON CONFLICT (campaign, scope) DO UPDATE SET uses = uses + excluded.uses, yen = yen + excluded.yen
        WHERE (@UsesMax IS NULL OR stored.uses + excluded.uses <= @UsesMax)
          AND (@YenMax IS NULL OR stored.yen + excluded.yen <= @YenMax)
        RETURNING uses
        """;

    private readonly SqliteStatement begin = new(connection, "BEGIN IMMEDIATE");
    private readonly SqliteStatement commit = new(connection, "COMMIT");
    private readonly SqliteStatement save = new(connection, "SAVEPOINT one_write");
    private readonly SqliteStatement release = new(connection, "RELEASE one_write");
    private readonly SqliteStatement undo = new(connection, "ROLLBACK TO one_write");
    private readonly SqliteStatement newestImport = new(connection, Database.NewestImport);
    private readonly SqliteStatement version = new(
        connection, $"SELECT Version FROM OrleansStorage WHERE {SqliteStateTable.Identity}", [.. SqliteStateTable.IdentityParameters]);

    private readonly SqliteStatement insert = new(
        connection, Insert, [.. SqliteStateTable.IdentityParameters, "@Payload", "@Now"]);

    private readonly SqliteStatement update = new(
        connection, Update, [.. SqliteStateTable.IdentityParameters, "@Payload", "@Now", "@Version"]);

    private readonly SqliteStatement file = new(
        connection, File,
        "@Id", "@Kind", "@At", "@Campaign", "@Member", "@Account", "@Store", "@Receipt", "@Line", "@Yen", "@RequestHash", "@Amends",
        "@GivenBack", "@Actor", "@Reason", "@IdentityCheck", "@Answer", "@TraceId", "@Version", "@Decision", "@Planned");

    private readonly SqliteStatement count = new(connection, Count, "@Campaign", "@Scope", "@Uses", "@Yen", "@UsesMax", "@YenMax");

    public void Commit(IReadOnlyList<StateWrite> writes)
    {
        // Told after the commit: what a write was refused for may be another write of this transaction.
        var outcomes = new List<(StateWrite Write, int? Version, Exception? Refused)>(writes.Count);
        var now = SqliteDataSource.Timestamp(clock.GetUtcNow());
        begin.Run();
        foreach (var write in writes) outcomes.Add(Execute(write, now));
        commit.Run();
        foreach (var (write, written, refused) in outcomes)
        {
            if (refused is null) write.Succeed(written);
            else write.Fail(refused);
        }
    }

    /// <summary>What was not committed did not happen.</summary>
    public void Dispose()
    {
        foreach (var one in (SqliteStatement[])[begin, commit, save, release, undo, newestImport, version, insert, update, file, count])
            one.Dispose();
        connection.Dispose();
    }

    /// <returns>Without a version when something else than expected is there.</returns>
    private (StateWrite Write, int? Version, Exception? Refused) Execute(StateWrite write, string now)
    {
        if (write.Relied is { } relied && !Holds(relied)) return (write, null, null);
        if (write.Ledger is []) return (write, Put(write, now), null);

        // A state and its ledger rows are several statements: what the last of them refuses is undone as a whole.
        save.Run();
        try
        {
            var written = Put(write, now);
            if (written is not null)
            {
                foreach (var row in write.Ledger) Enter(row);
                foreach (var change in write.Counts) Enter(change);
            }

            release.Run();
            return (write, written, null);
        }
        catch (Exception refused) when (refused is SqliteException or LimitReachedException && IsOpen)
        {
            undo.Run();
            release.Run();
            return (write, null, refused);
        }
    }

    /// <summary>A full disk or a broken file ends the whole transaction; a row that is refused does not.</summary>
    private bool IsOpen => SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) == 0;

    private int? Put(StateWrite write, string now)
    {
        var row = write.Row;
        using var found = write.Version is { } expected
            ? update.Query(row.KeyHash, row.NameHash, row.StateName, row.Key, serviceId, write.Payload, now, expected)
            : insert.Query(row.KeyHash, row.NameHash, row.StateName, row.Key, serviceId, write.Payload, now);
        return found.Read() ? found.GetInt32(0) : null;
    }

    private bool Holds(Reliance relied)
    {
        using (var import = newestImport.Query())
        {
            import.Read();
            if (import.GetInt64(0) != relied.Import) return false;
        }

        foreach (var state in relied.States)
        {
            var row = StateRow.Of(state.StateName, state.Key);
            using var found = version.Query(row.KeyHash, row.NameHash, row.StateName, row.Key, serviceId);
            if (!found.Read() || found.GetInt32(0) != state.Version) return false;
        }

        return true;
    }

    private void Enter(CountChange change)
    {
        using var counted = count.Query(change.Campaign, change.Scope, change.Uses, change.Yen, change.UsesMax, change.YenMax);
        if (!counted.Read()) throw new LimitReachedException();
    }

    private void Enter(LedgerRow row) => file.Run(
        row.Id, EnumNames.Of(row.Kind), Ledger.Write(row.At), row.Campaign, row.Member, row.Account, row.Store, row.Receipt, row.Line,
        row.Yen, row.RequestHash, row.Amends, row.GivenBack, row.Actor, row.Reason, row.IdentityCheck, row.Answer, row.TraceId,
        row.Version, row.Decision, row.Planned);
}

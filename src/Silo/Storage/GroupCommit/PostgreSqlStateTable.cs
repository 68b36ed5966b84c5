using CoopLine.Grains;
using CoopLine.Grains.Ledger;
using Microsoft.Extensions.Options;
using Npgsql;
using NpgsqlTypes;
using Orleans.Configuration;

namespace CoopLine.Silo.Storage.GroupCommit;

/// <summary>On PostgreSQL a batch is one statement, in one round trip.</summary>
internal sealed class PostgreSqlStateTable(PostgreSqlDatabase database, IOptions<ClusterOptions> cluster) : IStateTable
{
    /// <summary>How often a batch is tried that lost against others: a deadlock, or a receipt's first use.</summary>
    private const int MaxAttempts = 5;

    private static readonly string Select = $"""
        SELECT row.Number, stored.PayloadBinary, stored.Version
        FROM unnest(@KeyHash, @NameHash, @StateName, @Key) WITH ORDINALITY AS row (KeyHash, NameHash, StateName, Key, Number)
        JOIN OrleansStorage AS stored ON {IsStored("row")}
        """;

    // Before a batch that counts: its counters exist, so that the statement can lock them.
    private const string MakeCounters = """
        INSERT INTO campaign_count (campaign, scope)
        SELECT DISTINCT change.campaign, change.scope
        FROM unnest(@CountCampaign, @CountScope) AS change (campaign, scope)
        ORDER BY change.campaign, change.scope
        ON CONFLICT DO NOTHING
        """;

    // change: what the writes count. held: the counters, which nobody else changes until this batch ends. beyond: the writes that
    // would pass a limit, if all before them in the batch are done.
    private const string Held = """
        change AS MATERIALIZED (
            SELECT *
            FROM unnest(@CountWrite, @CountCampaign, @CountScope, @CountUses, @CountYen, @CountUsesMax, @CountYenMax)
                AS row (Write, campaign, scope, uses, yen, uses_max, yen_max)
        ), held AS MATERIALIZED (
            SELECT stored.campaign, stored.scope, stored.uses, stored.yen
            FROM campaign_count AS stored
            WHERE (stored.campaign, stored.scope) IN (SELECT change.campaign, change.scope FROM change)
            ORDER BY stored.campaign, stored.scope
            FOR UPDATE
        ), beyond AS MATERIALIZED (
            SELECT DISTINCT reached.Write
            FROM (
                SELECT change.Write, change.uses_max, change.yen_max,
                       held.uses + sum(greatest(change.uses, 0)) OVER before AS uses,
                       held.yen + sum(greatest(change.yen, 0)) OVER before AS yen
                FROM change
                JOIN held ON held.campaign = change.campaign AND held.scope = change.scope
                WINDOW before AS (PARTITION BY change.campaign, change.scope ORDER BY change.Write)) AS reached
            WHERE reached.uses > reached.uses_max OR reached.yen > reached.yen_max
        ),
        """;

    private const string Counted = """
        , counted AS (
            UPDATE campaign_count AS stored
            SET uses = stored.uses + changed.uses, yen = stored.yen + changed.yen
            FROM (
                SELECT change.campaign, change.scope, sum(change.uses) AS uses, sum(change.yen) AS yen
                FROM change
                JOIN done ON done.Number = change.Write
                GROUP BY change.campaign, change.scope) AS changed
            WHERE stored.campaign = changed.campaign AND stored.scope = changed.scope
        )
        """;

    // asked: the writes. carried: their ledger rows, with what the ledger has of the same receipt. A row of a receipt that amends
    // no other one is a decision about it: a use, or a void that came before the sale. sound: the writes whose
    // decision still rests on what is there. done: those that found the version they expected. A row is filed if its write is
    // done; the index over receipt and entry lets one of two first uses of a receipt win, and ends the statement of the other.
    private static string Commit(PostgreSqlDatabase database, bool counts) => $"""
        WITH {(counts ? Held : "")}
        asked AS MATERIALIZED (
            SELECT *
            FROM unnest(@KeyHash, @NameHash, @StateName, @Key, @Payload, @Version, @Pending, @Import)
                WITH ORDINALITY AS row (KeyHash, NameHash, StateName, Key, Payload, Version, Pending, Import, Number)
        ), carried AS MATERIALIZED (
            SELECT row.*, coalesce(known.uses, 0) AS uses, coalesce(known.again, false) AS again,
                   row.amends IS NULL AND coalesce(known.other, false) AS other
            FROM unnest(
                    @Write, @Id, @Kind, @At, @AtUtc, @Campaign, @Member, @Account, @Store, @Receipt, @Line, @Yen,
                    @RequestHash, @Amends, @GivenBack, @Actor, @Reason, @IdentityCheck, @Answer, @TraceId, @CampaignVersion,
                    @Decision, @Planned)
                WITH ORDINALITY AS row (
                    Write, id, kind, at, at_utc, campaign, member, account, store, receipt, line, yen,
                    request_hash, amends, given_back, actor, reason, identity_check, answer, trace_id, version,
                    decision, planned, Number)
            LEFT JOIN LATERAL (
                SELECT count(*) FILTER (WHERE filed.amends IS NULL) AS uses,
                       bool_or(filed.id = row.id) AS again,
                       bool_or(filed.amends IS NULL AND (
                           filed.request_hash IS DISTINCT FROM row.request_hash OR filed.decision <> row.decision)) AS other
                FROM ledger AS filed
                WHERE filed.receipt = row.receipt) AS known ON true
        ), sound AS (
            SELECT row.*
            FROM asked AS row
            WHERE (row.Import IS NULL
                   OR row.Import = ({Database.NewestImport}))
              AND NOT EXISTS (SELECT FROM carried WHERE carried.Write = row.Number AND carried.other)
              {(counts ? "AND NOT EXISTS (SELECT FROM beyond WHERE beyond.Write = row.Number)" : "")}
              AND row.Number <> ALL (ARRAY (
                  SELECT relied.Write
                  FROM unnest(@ReliedWrite, @ReliedKeyHash, @ReliedNameHash, @ReliedStateName, @ReliedKey, @ReliedVersion)
                      AS relied (Write, KeyHash, NameHash, StateName, Key, Version)
                  LEFT JOIN OrleansStorage AS stored
                      ON {IsStored("relied")}
                  WHERE stored.Version IS DISTINCT FROM relied.Version))
        ), updated AS (
            UPDATE OrleansStorage AS stored
            SET PayloadBinary = row.Payload, Version = stored.Version + 1, ModifiedOn = {database.Now}, Pending = row.Pending
            FROM sound AS row
            WHERE {IsStored("row")} AND stored.Version = row.Version
            RETURNING row.Number, stored.Version
        ), inserted AS (
            INSERT INTO OrleansStorage AS stored
                (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString, GrainIdExtensionString, ServiceId,
                 PayloadBinary, Version, CreatedOn, ModifiedOn, Pending)
            SELECT row.KeyHash, row.NameHash, 0, 0, row.StateName, row.Key, @ServiceId,
                   row.Payload, 1 + floor(random() * 1000000000)::int, {database.Now}, {database.Now}, row.Pending
            FROM sound AS row
            WHERE row.Version IS NULL
            ORDER BY row.Number
            ON CONFLICT DO NOTHING
            RETURNING stored.GrainTypeString AS StateName, stored.GrainIdExtensionString AS Key, stored.Version
        ), done AS (
            SELECT Number, Version FROM updated
            UNION ALL
            SELECT row.Number, inserted.Version
            FROM inserted
            JOIN sound AS row ON row.StateName = inserted.StateName AND row.Key = inserted.Key AND row.Version IS NULL
        ), filed AS (
            INSERT INTO ledger
                (id, kind, at, at_utc, campaign, member, account, store, receipt, line, yen, request_hash, amends,
                 given_back, actor, reason, identity_check, answer, trace_id, version, decision, entry, planned)
            SELECT row.id, row.kind, row.at, row.at_utc, row.campaign, row.member, row.account, row.store, row.receipt,
                   row.line, row.yen, row.request_hash, row.amends, row.given_back, row.actor, row.reason,
                   row.identity_check, row.answer, row.trace_id, row.version, row.decision,
                   CASE WHEN row.receipt IS NOT NULL AND row.amends IS NULL THEN
                       row.uses + count(*) FILTER (WHERE row.amends IS NULL)
                           OVER (PARTITION BY row.receipt ORDER BY row.Number) - 1 END,
                   row.planned
            FROM carried AS row
            JOIN done ON done.Number = row.Write
            WHERE NOT row.again
            ORDER BY row.Number
            ON CONFLICT (id) WHERE receipt IS NULL DO NOTHING
        ){(counts ? Counted : "")}
        SELECT Number, Version, {(int)Fate.Written} FROM done
        UNION ALL
        SELECT Write, NULL, {(int)Fate.ReceiptDecided} FROM carried WHERE other
        {(counts ? $"UNION ALL SELECT Write, NULL, {(int)Fate.LimitReached} FROM beyond" : "")}
        """;

    private readonly string commit = Commit(database, counts: false);
    private readonly string commitCounting = $"{MakeCounters}; {Commit(database, counts: true)}";

    public async Task Read(IReadOnlyList<StateRead> reads)
    {
        var found = new StoredState?[reads.Count];
        await using (var connection = await Open())
        await using (var command = connection.CreateCommand())
        {
            command.CommandText = Select;
            AddRows(command.Parameters, "", [.. reads.Select(read => read.Row)]);
            Add(command.Parameters, "ServiceId", cluster.Value.ServiceId);
            await using var rows = await command.ExecuteReaderAsync();
            while (await rows.ReadAsync())
            {
                found[rows.GetInt64(0) - 1] =
                    new(rows.IsDBNull(1) ? null : rows.GetFieldValue<byte[]>(1), rows.GetInt32(2));
            }
        }

        for (var i = 0; i < found.Length; i++) reads[i].Succeed(found[i]);
    }

    public async Task Commit(IReadOnlyList<StateWrite> writes)
    {
        for (var left = writes; left.Count > 0;)
        {
            // Two writes of one state, or two uses for one receipt, cannot be in one statement: the second comes after it.
            var states = new HashSet<StateRow>();
            var receipts = new HashSet<string>(StringComparer.Ordinal);
            var parts = left.ToLookup(
                write => states.Add(write.Row) && (write.UsedFor is not { } receipt || receipts.Add(receipt)));
            await CommitSorted(Sorted(parts[true]));
            left = [.. parts[false]];
        }
    }

    /// <summary>In one order for everybody, so that nobody waits in a circle.</summary>
    private static StateWrite[] Sorted(IEnumerable<StateWrite> writes) =>
    [
        .. writes.OrderBy(write => write.Row.KeyHash)
            .ThenBy(write => write.Row.NameHash)
            .ThenBy(write => write.Row.Key, StringComparer.Ordinal)
            .ThenBy(write => write.Row.StateName, StringComparer.Ordinal),
    ];

    private async Task CommitSorted(ReadOnlyMemory<StateWrite> writes)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await CommitTogether(writes.ToArray());
                return;
            }
            catch (PostgresException lost) when (IsRace(lost) && attempt < MaxAttempts)
            {
                // All of it was undone; the one that won has gone on, and is seen the next time.
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

    private async Task CommitTogether(StateWrite[] writes)
    {
        var versions = new int?[writes.Length];
        var fates = new Fate[writes.Length];
        await using (var connection = await Open())
        await using (var command = connection.CreateCommand())
        {
            var counts = writes.Any(write => write.Counts is not []);
            command.CommandText = counts ? commitCounting : commit;
            Add(command.Parameters, writes);
            if (counts) AddCounts(command.Parameters, writes);
            await using var rows = await command.ExecuteReaderAsync();
            while (await rows.ReadAsync())
            {
                var number = rows.GetInt64(0) - 1;
                var fate = (Fate)rows.GetInt32(2);
                if (fate == Fate.Written) versions[number] = rows.GetInt32(1);
                // Whose receipt is decided gets that decision, whatever else is in its way.
                else if (fates[number] != Fate.ReceiptDecided) fates[number] = fate;
            }
        }

        for (var i = 0; i < writes.Length; i++)
        {
            switch (fates[i])
            {
                case Fate.ReceiptDecided:
                    writes[i].RefuseForReceipt();
                    break;
                case Fate.LimitReached:
                    writes[i].RefuseForLimit();
                    break;
                default:
                    writes[i].Succeed(versions[i]);
                    break;
            }
        }
    }

    /// <summary>SQL: whether <c>stored</c> is the row of the table that another one names.</summary>
    private static string IsStored(string named) => $"""
        stored.GrainIdHash = {named}.KeyHash AND stored.GrainTypeHash = {named}.NameHash
            AND stored.GrainIdN0 = 0 AND stored.GrainIdN1 = 0
            AND stored.GrainTypeString = {named}.StateName AND stored.GrainIdExtensionString = {named}.Key
            AND stored.ServiceId = @ServiceId
        """;

    private void Add(NpgsqlParameterCollection parameters, StateWrite[] writes)
    {
        AddRows(parameters, "", [.. writes.Select(write => write.Row)]);
        Add(parameters, "ServiceId", cluster.Value.ServiceId);
        parameters.Add(new NpgsqlParameter<byte[]?[]>("Payload", [.. writes.Select(write => write.Payload)])
        {
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea,
        });
        Add(parameters, "Version", writes.Select(write => write.Version));
        Add(parameters, "Pending", writes.Select(write => write.Pending ? (short)1 : (short)0));
        Add(parameters, "Import", writes.Select(write => write.Relied?.Import));

        var relied = writes
            .SelectMany((write, i) => (write.Relied?.States ?? []).Select(state => (Write: i + 1L, Row: StateRow.Of(state.StateName, state.Key), state.Version)))
            .ToArray();
        Add(parameters, "ReliedWrite", relied.Select(one => one.Write));
        AddRows(parameters, "Relied", [.. relied.Select(one => one.Row)]);
        Add(parameters, "ReliedVersion", relied.Select(one => one.Version));

        var rows = writes.SelectMany((write, i) => write.Ledger.Select(row => (Write: i + 1L, Row: row))).ToArray();
        Add(parameters, "Write", rows.Select(one => one.Write));
        AddLedger(parameters, [.. rows.Select(one => one.Row)]);
    }

    private static void AddCounts(NpgsqlParameterCollection parameters, StateWrite[] writes)
    {
        var changes = writes.SelectMany((write, i) => write.Counts.Select(change => (Write: i + 1L, Change: change))).ToArray();
        Add(parameters, "CountWrite", changes.Select(one => one.Write));
        Add(parameters, "CountCampaign", changes.Select(one => one.Change.Campaign));
        Add(parameters, "CountScope", changes.Select(one => one.Change.Scope));
        Add(parameters, "CountUses", changes.Select(one => one.Change.Uses));
        Add(parameters, "CountYen", changes.Select(one => one.Change.Yen));
        Add(parameters, "CountUsesMax", changes.Select(one => one.Change.UsesMax));
        Add(parameters, "CountYenMax", changes.Select(one => one.Change.YenMax));
    }

    private static void AddLedger(NpgsqlParameterCollection parameters, LedgerRow[] rows)
    {
        Add(parameters, "Id", rows.Select(row => row.Id));
        Add(parameters, "Kind", rows.Select(row => EnumNames.Of(row.Kind)));
        Add(parameters, "At", rows.Select(row => Ledger.Write(row.At)));
        // Not as DateTime: Npgsql tells its type by the first value, and what was prepared for a list with one is not used for
        // an empty list.
        Add(parameters, "AtUtc", rows.Select(row => row.At.ToUniversalTime()));
        Add(parameters, "Campaign", rows.Select(row => row.Campaign));
        Add(parameters, "Member", rows.Select(row => row.Member));
        Add(parameters, "Account", rows.Select(row => row.Account));
        Add(parameters, "Store", rows.Select(row => row.Store));
        Add(parameters, "Receipt", rows.Select(row => row.Receipt));
        Add(parameters, "Line", rows.Select(row => row.Line));
        Add(parameters, "Yen", rows.Select(row => row.Yen));
        Add(parameters, "RequestHash", rows.Select(row => row.RequestHash));
        Add(parameters, "Amends", rows.Select(row => row.Amends));
        Add(parameters, "GivenBack", rows.Select(row => row.GivenBack));
        Add(parameters, "Actor", rows.Select(row => row.Actor));
        Add(parameters, "Reason", rows.Select(row => row.Reason));
        Add(parameters, "IdentityCheck", rows.Select(row => row.IdentityCheck));
        Add(parameters, "Answer", rows.Select(row => row.Answer));
        Add(parameters, "TraceId", rows.Select(row => row.TraceId));
        Add(parameters, "CampaignVersion", rows.Select(row => row.Version));
        Add(parameters, "Decision", rows.Select(row => row.Decision));
        Add(parameters, "Planned", rows.Select(row => row.Planned));
    }

    private static void AddRows(NpgsqlParameterCollection parameters, string prefix, StateRow[] rows)
    {
        Add(parameters, prefix + "KeyHash", rows.Select(row => row.KeyHash));
        Add(parameters, prefix + "NameHash", rows.Select(row => row.NameHash));
        Add(parameters, prefix + "StateName", rows.Select(row => row.StateName));
        Add(parameters, prefix + "Key", rows.Select(row => row.Key));
    }

    private static void Add<T>(NpgsqlParameterCollection parameters, string name, IEnumerable<T> values) =>
        parameters.Add(new NpgsqlParameter<T[]>(name, [.. values]));

    private static void Add(NpgsqlParameterCollection parameters, string name, string value) =>
        parameters.Add(new NpgsqlParameter<string>(name, value));

    private async Task<NpgsqlConnection> Open() => (NpgsqlConnection)await database.OpenWriter(CancellationToken.None);

    private static bool IsRace(PostgresException fault) => fault.SqlState
        is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.UniqueViolation;

    /// <summary>Whether the server is well and only refused what it was given. Otherwise nobody knows what it did.</summary>
    private static bool IsRefusal(PostgresException fault) =>
        fault.Severity == "ERROR" && fault.SqlState[..2] is "22" or "23" or "54" or "P0";

    /// <summary>What became of a write.</summary>
    private enum Fate
    {
        Written,
        ReceiptDecided,
        LimitReached,
    }
}

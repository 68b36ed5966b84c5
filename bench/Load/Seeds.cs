using System.Globalization;
using System.Text;
using System.Text.Json;
using CoopLine.Grains.Accounts;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Members;
using CoopLine.Grains.Registry;
using CoopLine.Grains.Storage;
using Microsoft.Data.Sqlite;
using Npgsql;
using Orleans.Storage;

namespace CoopLine.Load;

/// <summary>
/// Campaigns, linked members and their codes, written straight into the tables in the form in which the grains would have
/// written them: their own state types, their own JSON, Orleans' own hashes. The first calls of every run prove it.
/// </summary>
internal static class Seeds
{
    private const string ServiceId = "coopline";
    private const string Phones = """["6f1c1a54c1b9cf0f4f2d6d9a4b8a7d0d5ae3a6e7b7a1a0c4f5f7f3a9b6c2d1e0"]""";
    private const string BirthDate = "b7a1a0c4f5f7f3a9b6c2d1e06f1c1a54c1b9cf0f4f2d6d9a4b8a7d0d5ae3a6e7";

    private static readonly string[] Services = ["store"];

    private static readonly OrleansDefaultHasher Hasher = new();

    /// <summary>A day that is the same for everything that is written in one run.</summary>
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    public sealed record State(string Name, string Key, byte[] Payload)
    {
        /// <summary>Orleans hashes a key's bytes backwards, and a name's not.</summary>
        public int KeyHash
        {
            get
            {
                var bytes = Encoding.UTF8.GetBytes(Key);
                Array.Reverse(bytes);
                return Hasher.Hash(bytes);
            }
        }

        public int NameHash => Hasher.Hash(Encoding.UTF8.GetBytes(Name));

        public static State Of<T>(string name, string key, T state) =>
            new(name, key, JsonSerializer.SerializeToUtf8Bytes(state, StateJson.Options));
    }

    public static CampaignDefinition Definition { get; } = new(
        "豆腐 30円引", "もめん・きぬ", new(DiscountType.Yen, Sale.YenOff), new([Sale.Jan], [], [Sale.Category]),
        [.. Enumerable.Range(0, Sale.Stores).Select(store => Sale.Store(store))],
        [Business.Store], Now.AddDays(-10), Now.AddDays(20));

    public static IEnumerable<State> Campaigns() => Enumerable.Range(0, Sale.Campaigns).Select(i => State.Of(
        StateNames.Campaign, "p-" + Sale.Campaign(i),
        new CampaignState { Version = 1, Changes = 2, Status = CampaignStatus.Published, Definition = Definition }));

    /// <summary>A linked member.</summary>
    public static State Member(long i)
    {
        var link = new MemberLink(Sale.LinkId(i), Sale.Account(i), Sale.Member(i), Now.AddDays(-5), 1);
        return State.Of(StateNames.Member, "m-" + Sale.Member(i), new MemberState
        {
            Link = link,
            Ledger = [new() { Id = $"linked|{link.Id}", Kind = LedgerKind.Linked, At = link.At, Member = link.Member, Account = link.Account, Actor = "friend" }],
        });
    }

    /// <summary>Codes live for five minutes; these for a day, so that a whole run can be prepared.</summary>
    public static State Code(long i) => State.Of(StateNames.CouponCode, "q-" + Sale.Code(i), new CouponCodeState
    {
        Grant = new(Sale.Account(i), Sale.Member(i), Sale.LinkId(i), 1, [], [Sale.Campaign(i)], Now.AddDays(1)),
    });

    /// <summary>A coupon that was used long ago; its ledger row is in it.</summary>
    public static State UsedCoupon(long i)
    {
        var receipt = new ReceiptKey(DateOnly.FromDateTime(Now.UtcDateTime).AddDays(-30), Sale.Store(i), "07", Sale.ReceiptNumber(i));
        var (campaign, member, account) = (Sale.UsedCampaign(i), Sale.UsedMember(i), Sale.Account(i));
        var (hash, at, trace) = (Sale.RequestHash(i), Now.AddDays(-30).AddMilliseconds(i % 86_400_000), Sale.Trace(i));
        var answer = new RedemptionAnswer(RedemptionResult.Redeemed, [new(campaign, 2, 1, Sale.YenOff)], [], trace);
        return State.Of(StateNames.Coupon, $"k-{campaign}/{member}", new CouponState
        {
            Use = new(receipt, hash, account, 1, at, 2, Sale.YenOff, 1, Sale.Decision(i)),
            Ledger =
            [
                new()
                {
                    Id = $"{LedgerKind.Used}|{receipt}|{campaign}/{member}",
                    Kind = LedgerKind.Used,
                    At = at,
                    Campaign = campaign,
                    Member = member,
                    Account = account,
                    Store = receipt.Store,
                    Receipt = receipt.ToString(),
                    Line = 2,
                    Yen = Sale.YenOff,
                    RequestHash = hash,
                    Actor = "till",
                    Answer = JsonSerializer.Serialize(answer, StateJson.Options),
                    TraceId = trace,
                    Version = 1,
                    Decision = Sale.Decision(i),
                },
            ],
        });
    }

    /// <summary>A friend who is not linked, as the follow event left the account.</summary>
    public static State Friend(long i) => State.Of(StateNames.LineAccount, "u-" + Sale.Account(i), new LineAccountState
    {
        FollowChangedAt = Now.AddDays(-5),
        Events = [Sale.LinkId(i)],
    });

    /// <summary>
    /// A CoopLine database in which the calls 0 to <paramref name="calls"/> can be made, beside what
    /// <paramref name="used"/> earlier calls have left.
    /// </summary>
    public static async Task CoopLine(string database, long calls, long used = 0)
    {
        await using var connection = await Migrated(database);
        await Copy(connection, Campaigns());
        await Copy(connection, Range(calls).SelectMany(i => new[] { Member(i), Code(i) }));
        if (used > 0)
        {
            // Indexes are built at the end: for millions of rows that takes minutes less.
            var indexes = await DropIndexes(connection, "orleansstorage", "ledger");
            await Copy(connection, Range(used).Select(UsedCoupon));
            await FileLedger(connection);
            await Execute(connection, ["SET maintenance_work_mem = '512MB'", .. indexes]);
        }

        await Register(connection, Range(calls).Select(Sale.Member));
        await Execute(connection, "ALTER TABLE OrleansStorage ENABLE TRIGGER USER", "VACUUM ANALYZE");
    }

    /// <summary>A CoopLine database with so many friends.</summary>
    public static async Task Friends(string database, long friends)
    {
        await using var connection = await Migrated(database);
        await Copy(connection, Range(friends).Select(Friend));
        await Execute(connection, "ALTER TABLE OrleansStorage ENABLE TRIGGER USER", "VACUUM ANALYZE");
    }

    /// <summary>A new database whose triggers sleep.</summary>
    private static async Task<NpgsqlConnection> Migrated(string database)
    {
        await Postgres.Create(database);
        await Processes.Run("dotnet", [Server.CoopLineAssembly, "migrate"], Server.CoopLineSettings(database));
        var connection = await Postgres.Open(database);
        await Execute(connection, "ALTER TABLE OrleansStorage DISABLE TRIGGER USER");
        return connection;
    }

    /// <returns>The statements that make them again.</returns>
    private static async Task<string[]> DropIndexes(NpgsqlConnection connection, params string[] tables)
    {
        await using var definitions = new NpgsqlCommand(
            """
            SELECT coalesce('ALTER TABLE ' || c.conrelid::regclass || ' ADD CONSTRAINT ' || c.conname || ' ' || pg_get_constraintdef(c.oid),
                       pg_get_indexdef(i.indexrelid)),
                   coalesce('ALTER TABLE ' || c.conrelid::regclass || ' DROP CONSTRAINT ' || c.conname,
                       'DROP INDEX ' || i.indexrelid::regclass)
            FROM pg_index AS i
            LEFT JOIN pg_constraint AS c ON c.conindid = i.indexrelid AND c.contype IN ('p', 'u')
            WHERE i.indrelid = ANY ($1::text[]::regclass[])
            """, connection);
        definitions.Parameters.Add(new() { Value = tables });
        var (make, drop) = (new List<string>(), new List<string>());
        await using (var row = await definitions.ExecuteReaderAsync())
        {
            while (await row.ReadAsync())
            {
                make.Add(row.GetString(0));
                drop.Add(row.GetString(1));
            }
        }

        await Execute(connection, [.. drop]);
        return [.. make];
    }

    /// <summary>What the trigger would have filed, from the coupons' payloads and in one statement each.</summary>
    private static Task FileLedger(NpgsqlConnection connection) => Execute(
        connection,
        """
        INSERT INTO ledger
            (id, kind, at, at_utc, campaign, member, account, store, receipt, line, yen, request_hash, given_back, actor,
             answer, trace_id, version, decision)
        SELECT entry.id, entry.kind, entry.at, entry.at::timestamptz, entry.campaign, entry.member, entry.account,
               entry.store, entry.receipt, entry.line, entry.yen, entry."requestHash", entry."givenBack", entry.actor,
               entry.answer, entry."traceId", entry.version, entry.decision
        FROM OrleansStorage AS state,
             json_to_recordset(convert_from(state.PayloadBinary, 'UTF8')::json -> 'ledger') AS entry (
                 id text, kind text, at text, campaign text, member text, account text, store text, receipt text,
                 line integer, yen integer, "requestHash" text, "givenBack" boolean, actor text, answer text,
                 "traceId" text, version integer, decision text)
        WHERE state.GrainTypeString = 'coupon'
        """,
        "INSERT INTO receipt_request (receipt, request_hash, decision) SELECT receipt, request_hash, decision FROM ledger");

    public static async Task Copy(NpgsqlConnection connection, IEnumerable<State> states)
    {
        await using var rows = await connection.BeginBinaryImportAsync(
            """
            COPY OrleansStorage (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString, GrainIdExtensionString,
                ServiceId, PayloadBinary, Version, CreatedOn, ModifiedOn, Pending)
            FROM STDIN (FORMAT binary)
            """);
        foreach (var state in states)
        {
            await rows.StartRowAsync();
            await rows.WriteAsync(state.KeyHash);
            await rows.WriteAsync(state.NameHash);
            await rows.WriteAsync(0L);
            await rows.WriteAsync(0L);
            await rows.WriteAsync(state.Name);
            await rows.WriteAsync(state.Key);
            await rows.WriteAsync(ServiceId);
            await rows.WriteAsync(state.Payload);
            await rows.WriteAsync(1);
            await rows.WriteAsync(Now.UtcDateTime);
            await rows.WriteAsync(Now.UtcDateTime);
            await rows.WriteAsync((short)0);
        }

        await rows.CompleteAsync();
    }

    public static async Task Register(NpgsqlConnection connection, IEnumerable<string> members)
    {
        await Execute(connection,
            """
            INSERT INTO registry_import (id, mode, status, started_at, alive_at, ended_at, swept)
            VALUES (1, 'full', 'applied', now(), now(), now(), 1)
            """);
        await using var rows = await connection.BeginBinaryImportAsync(
            """
            COPY registry_row (member_number, import_id, phones, birth_date_hash, status, businesses, home_store)
            FROM STDIN (FORMAT binary)
            """);
        foreach (var member in members)
        {
            await rows.StartRowAsync();
            await rows.WriteAsync(member);
            await rows.WriteAsync(1L);
            await rows.WriteAsync(Phones);
            await rows.WriteAsync(BirthDate);
            await rows.WriteAsync("active");
            await rows.WriteAsync("""["store"]""");
            await rows.WriteAsync(Sale.Store(0));
        }

        await rows.CompleteAsync();
    }

    /// <summary>The same members and codes for the hand-written peer.</summary>
    public static async Task Peer(string database, long calls)
    {
        await Postgres.Create(database);
        await using var connection = await Postgres.Open(database);
        await Execute(connection, await File.ReadAllTextAsync(Server.PeerSchema));
        await using (var insert = new NpgsqlCommand(
            """
            INSERT INTO campaign SELECT id, $2, $3, $4, $5, $6, $7, $8, false, false FROM unnest($1) AS id
            """, connection))
        {
            insert.Parameters.Add(new() { Value = Enumerable.Range(0, Sale.Campaigns).Select(i => Sale.Campaign(i)).ToArray() });
            insert.Parameters.Add(new() { Value = Sale.YenOff });
            insert.Parameters.Add(new() { Value = new[] { Sale.Jan } });
            insert.Parameters.Add(new() { Value = new[] { Sale.Category } });
            insert.Parameters.Add(new() { Value = Enumerable.Range(0, Sale.Stores).Select(i => Sale.Store(i)).ToArray() });
            insert.Parameters.Add(new() { Value = Services });
            insert.Parameters.Add(new() { Value = Definition.StartsAt.UtcDateTime });
            insert.Parameters.Add(new() { Value = Definition.EndsAt.UtcDateTime });
            await insert.ExecuteNonQueryAsync();
        }

        await using (var rows = await connection.BeginBinaryImportAsync("COPY member FROM STDIN (FORMAT binary)"))
        {
            foreach (var i in Range(calls))
            {
                await rows.StartRowAsync();
                await rows.WriteAsync(Sale.Member(i));
                await rows.WriteAsync(Sale.Account(i));
                await rows.WriteAsync(true);
                await rows.WriteAsync(Services);
            }

            await rows.CompleteAsync();
        }

        await using (var rows = await connection.BeginBinaryImportAsync("COPY coupon_code FROM STDIN (FORMAT binary)"))
        {
            foreach (var i in Range(calls))
            {
                await rows.StartRowAsync();
                await rows.WriteAsync(Sale.Code(i));
                await rows.WriteAsync(Sale.Member(i));
                await rows.WriteAsync(Sale.Account(i));
                await rows.WriteAsync(Sale.Campaign(i));
                await rows.WriteAsync(Now.AddDays(1).UtcDateTime);
            }

            await rows.CompleteAsync();
        }

        await Execute(connection, "VACUUM ANALYZE");
    }

    public static string SqliteConnect(string folder) =>
        new SqliteConnectionStringBuilder { DataSource = Path.Combine(folder, "coopline.db"), Pooling = false }.ToString();

    /// <summary>The folder of a SQLite database in which the calls 0 to <paramref name="calls"/> can be made.</summary>
    public static async Task Sqlite(string folder, long calls)
    {
        // It makes its file and its tables by itself.
        await using (await Server.CoopLine(null, new Dictionary<string, string> { ["CoopLine:DataDirectory"] = folder }))
        {
        }

        await using var connection = new SqliteConnection(SqliteConnect(folder));
        await connection.OpenAsync();
        await using var transaction = connection.BeginTransaction();
        await using var insert = connection.CreateCommand();
        insert.CommandText =
            """
            INSERT INTO OrleansStorage (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString,
                GrainIdExtensionString, ServiceId, PayloadBinary, Version, ModifiedOn)
            VALUES (@keyHash, @nameHash, 0, 0, @name, @key, @service, @payload, 1, @now)
            """;
        foreach (var name in (string[])["@keyHash", "@nameHash", "@name", "@key", "@service", "@payload", "@now"])
            insert.Parameters.Add(new(name, null));
        insert.Parameters["@service"].Value = ServiceId;
        insert.Parameters["@now"].Value = Now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        foreach (var state in Campaigns().Concat(Range(calls).SelectMany(i => new[] { Member(i), Code(i) })))
        {
            insert.Parameters["@keyHash"].Value = state.KeyHash;
            insert.Parameters["@nameHash"].Value = state.NameHash;
            insert.Parameters["@name"].Value = state.Name;
            insert.Parameters["@key"].Value = state.Key;
            insert.Parameters["@payload"].Value = state.Payload;
            await insert.ExecuteNonQueryAsync();
        }

        await using var register = connection.CreateCommand();
        register.CommandText =
            $"""
            INSERT INTO registry_import (id, mode, status, started_at, alive_at, ended_at, swept)
            VALUES (1, 'full', 'applied', @now, @now, @now, 1);
            INSERT INTO registry_row (member_number, import_id, phones, birth_date_hash, status, businesses, home_store)
            SELECT substr(GrainIdExtensionString, 3), 1, '{Phones}', '{BirthDate}', 'active', '["store"]', '0100'
            FROM OrleansStorage
            WHERE GrainTypeString = 'member';
            """;
        register.Parameters.AddWithValue("@now", insert.Parameters["@now"].Value);
        await register.ExecuteNonQueryAsync();
        await transaction.CommitAsync();
    }

    public static IEnumerable<long> Range(long count, long first = 0)
    {
        for (var i = first; i < first + count; i++) yield return i;
    }

    private static async Task Execute(NpgsqlConnection connection, params string[] statements)
    {
        foreach (var sql in statements)
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync();
        }
    }
}

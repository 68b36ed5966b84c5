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
/// written them: their own state types, their own JSON, Orleans' own hashes, and the tables' own triggers. The first calls of
/// every run prove it.
/// </summary>
internal static class Seeds
{
    private const string ServiceId = "coopline";
    private const int ChunkRows = 5_000;
    private const string Phones = """["6f1c1a54c1b9cf0f4f2d6d9a4b8a7d0d5ae3a6e7b7a1a0c4f5f7f3a9b6c2d1e0"]""";
    private const string BirthDate = "b7a1a0c4f5f7f3a9b6c2d1e06f1c1a54c1b9cf0f4f2d6d9a4b8a7d0d5ae3a6e7";

    private static readonly string[] Services = ["store"];

    private static readonly OrleansDefaultHasher Hasher = new();

    /// <summary>A day that is the same for everything that is written in one run.</summary>
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private sealed record State(string Name, string Key, byte[] Payload)
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

    private static CampaignDefinition Definition { get; } = new(
        "豆腐 30円引", "もめん・きぬ", new(DiscountType.Yen, Sale.YenOff), new([Sale.Jan], [], [Sale.Category]),
        [.. Enumerable.Range(0, Sale.Stores).Select(store => Sale.Store(store))],
        [Business.Store], Now.AddDays(-10), Now.AddDays(20));

    /// <summary>Of each kind one, which nobody reaches.</summary>
    private static CampaignLimits Limits { get; } = new(
        new(int.MaxValue, long.MaxValue), new(int.MaxValue, long.MaxValue), null, new(int.MaxValue, long.MaxValue));

    private static State Campaign(long i, bool limits) => State.Of(
        StateNames.Campaign, "p-" + Sale.Campaign(i),
        new CampaignState
        {
            Version = 1,
            Changes = 2,
            Status = CampaignStatus.Published,
            Definition = limits ? Definition with { Limits = Limits } : Definition,
        });

    private static MemberLink Link(long i) => new(Sale.LinkId(i), Sale.Account(i), Sale.Member(i), Now.AddDays(-5), 1);

    /// <summary>A linked member.</summary>
    private static State Member(long i)
    {
        var link = Link(i);
        return State.Of(StateNames.Member, "m-" + Sale.Member(i), new MemberState
        {
            Link = link,
            Ledger = [new() { Id = $"linked|{link.Id}", Kind = LedgerKind.Linked, At = link.At, Member = link.Member, Account = link.Account, Actor = "friend" }],
        });
    }

    /// <summary>Codes live for five minutes; these for a day, so that a whole run can be prepared.</summary>
    private static State Code(long i) => State.Of(StateNames.CouponCode, "q-" + Sale.Code(i), new CouponCodeState
    {
        Grant = new(Sale.Account(i), Sale.Member(i), Sale.LinkId(i), 1, [], [Sale.Campaign(i)], Now.AddDays(1)),
    });

    /// <summary>A coupon that was used long ago; its ledger row is in it.</summary>
    private static State UsedCoupon(long i) =>
        Used(i, Sale.UsedCampaign(i), Sale.UsedMember(i), Sale.UsedAccount(i), Now.AddDays(-30).AddMilliseconds(i % 86_400_000));

    private static State Used(long i, string campaign, string member, string account, DateTimeOffset at)
    {
        var receipt = new ReceiptKey(DateOnly.FromDateTime(at.UtcDateTime), Sale.Store(i), "07", Sale.ReceiptNumber(i));
        var (hash, trace) = (Sale.RequestHash(i), Sale.Trace(i));
        var answer = new RedemptionAnswer(RedemptionResult.Redeemed, [new(campaign, 2, 1, Sale.YenOff)], [], trace);
        return State.Of(StateNames.Coupon, $"k-{campaign}/{member}", new CouponState
        {
            Use = new(receipt, hash, account, 1, at, 2, Sale.YenOff, 1, new Decision(Sale.Decision(i))),
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

    /// <summary>The member's LINE account, who was told so.</summary>
    private static State Account(long i) => State.Of(StateNames.LineAccount, "u-" + Sale.Account(i), new LineAccountState
    {
        FollowChangedAt = Now.AddDays(-5),
        Link = Link(i),
        LinkSequence = 1,
        Events = [Sale.LinkId(i)],
        Menu = ShownMenu.Linked,
    });

    /// <summary>A friend who is not linked, as the follow event left the account.</summary>
    private static State Friend(long i) => State.Of(StateNames.LineAccount, "u-" + Sale.Account(i), new LineAccountState
    {
        FollowChangedAt = Now.AddDays(-5),
        Events = [Sale.LinkId(i)],
    });

    /// <summary>
    /// A CoopLine database for the calls 0 to <paramref name="calls"/>: the first <paramref name="phones"/> friends can ask for a
    /// code, the others have one. Beside what <paramref name="used"/> earlier calls have left.
    /// </summary>
    public static async Task CoopLine(string database, long calls, long phones = 0, long used = 0, bool limits = false)
    {
        await using var connection = await Migrated(database);
        // Indexes that nobody needs meanwhile are built at the end: for millions of rows that takes minutes less.
        var indexes = await DropIndexes(connection, "orleansstorage", "ledger");
        await Copy(database, Range(Sale.Campaigns), i => [Campaign(i, limits)]);
        await Copy(database, Range(calls), i => [Member(i), i < phones ? Account(i) : Code(i)]);
        await Copy(database, Range(used), i => [UsedCoupon(i)]);
        await Register(connection, Range(calls).Select(Sale.Member));
        await Execute(connection, ["SET maintenance_work_mem = '512MB'", .. indexes, "VACUUM ANALYZE"]);
    }

    /// <summary>A CoopLine database with so many friends.</summary>
    public static async Task Friends(string database, long friends)
    {
        await using var connection = await Migrated(database);
        await Copy(database, Range(friends), i => [Friend(i)]);
        await Execute(connection, "VACUUM ANALYZE");
    }

    /// <summary>
    /// Of ten friends six are linked members; of a hundred one has blocked the account and one has turned the topic <c>store</c> off. A
    /// tenth of the members will have used their coupon of the first campaign when a message about it is an hour old.
    /// </summary>
    private static IEnumerable<State> Somebody(long i)
    {
        if (!Sale.IsLinked(i))
        {
            yield return State.Of(StateNames.LineAccount, "u-" + Sale.Account(i), new LineAccountState
            {
                Blocked = Sale.HasBlocked(i),
                FollowChangedAt = Now.AddDays(-5),
                Events = [Sale.LinkId(i)],
                TopicsOff = Sale.HasTurnedOff(i) ? [Topic.Store] : [],
            });
            yield break;
        }

        yield return Account(i);
        yield return Member(i);
        if (i % 100 < 6) yield return Used(i, Sale.Campaign(0), Sale.Member(i), Sale.Account(i), Now.AddHours(1));
    }

    /// <summary>A CoopLine database with so many who could get a message.</summary>
    public static async Task Audience(string database, long friends)
    {
        await using var connection = await Migrated(database);
        var indexes = await DropIndexes(connection, "orleansstorage", "ledger");
        await Copy(database, Range(1), i => [Campaign(i, limits: false)]);
        await Copy(database, Range(friends), i => [.. Somebody(i)]);
        await Register(connection, Range(friends).Where(Sale.IsLinked).Select(Sale.Member));
        await Execute(connection, ["SET maintenance_work_mem = '512MB'", .. indexes, "VACUUM ANALYZE"]);
    }

    /// <summary>The same friends for the hand-written peer.</summary>
    public static async Task PeerAudience(string database, long friends)
    {
        await Postgres.Create(database);
        await using var connection = await Postgres.Open(database);
        await Execute(connection, await File.ReadAllTextAsync(Server.PeerSchema));
        await using (var rows = await connection.BeginBinaryImportAsync("COPY friend FROM STDIN (FORMAT binary)"))
        {
            foreach (var i in Range(friends))
            {
                await rows.StartRowAsync();
                await rows.WriteAsync(Sale.Account(i));
                await rows.WriteAsync(Sale.HasBlocked(i) || Sale.HasTurnedOff(i));
            }

            await rows.CompleteAsync();
        }

        await Execute(connection, "VACUUM ANALYZE");
    }

    /// <summary>A new database.</summary>
    private static async Task<NpgsqlConnection> Migrated(string database)
    {
        await Postgres.Create(database);
        await Processes.Run("dotnet", [Server.CoopLineAssembly, "migrate"], Server.CoopLineSettings(database));
        return await Postgres.Open(database);
    }

    /// <summary>All but those that keep something unique.</summary>
    /// <returns>The statements that make them again.</returns>
    private static async Task<string[]> DropIndexes(NpgsqlConnection connection, params string[] tables)
    {
        var (make, drop) = (new List<string>(), new List<string>());
        await using (var definitions = new NpgsqlCommand(
            """
            SELECT pg_get_indexdef(indexrelid), 'DROP INDEX ' || indexrelid::regclass
            FROM pg_index
            WHERE indrelid = ANY ($1::text[]::regclass[]) AND NOT indisunique
            """, connection))
        {
            definitions.Parameters.Add(new() { Value = tables });
            await using var row = await definitions.ExecuteReaderAsync();
            while (await row.ReadAsync())
            {
                make.Add(row.GetString(0));
                drop.Add(row.GetString(1));
            }
        }

        await Execute(connection, [.. drop]);
        return [.. make];
    }

    /// <summary>Many rows at a time, on all processors. The tables' own triggers file the ledger rows that the states carry.</summary>
    private static Task Copy(string database, IEnumerable<long> numbers, Func<long, State[]> make) => Parallel.ForEachAsync(
        numbers.Chunk(ChunkRows), async (chunk, _) =>
        {
            await using var connection = await Postgres.Open(database);
            await Copy(connection, chunk.SelectMany(make));
        });

    private static async Task Copy(NpgsqlConnection connection, IEnumerable<State> states)
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

    private static async Task Register(NpgsqlConnection connection, IEnumerable<string> members)
    {
        await Execute(connection,
            """
            INSERT INTO registry_import (mode, status, started_at, alive_at, ended_at, swept)
            VALUES ('full', 'applied', now(), now(), now(), 1)
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

    public static string SqliteFile(string folder) => Path.Combine(folder, "coopline.db");

    public static async Task<SqliteConnection> OpenSqlite(string folder)
    {
        var connection = new SqliteConnection(
            new SqliteConnectionStringBuilder { DataSource = SqliteFile(folder), Pooling = false }.ToString());
        await connection.OpenAsync();
        return connection;
    }

    /// <summary>The folder of a SQLite database of CoopLine; calls and phones as in <see cref="CoopLine"/>.</summary>
    public static Task Sqlite(string folder, long calls, long phones) => Sqlite(
        folder,
        Range(Sale.Campaigns).Select(i => Campaign(i, limits: false))
            .Concat(Range(calls).SelectMany(i => new[] { Member(i), i < phones ? Account(i) : Code(i) })),
        Range(calls).Select(Sale.Member));

    /// <summary>The same as <see cref="Audience"/>, and beside them so many members who have a code and no phone, for a till.</summary>
    public static Task SqliteAudience(string folder, long friends, long calls) => Sqlite(
        folder,
        Range(Sale.Campaigns).Select(i => Campaign(i, limits: false))
            .Concat(Range(friends).SelectMany(Somebody))
            .Concat(Range(calls).SelectMany(i => new[] { Member(friends + i), Code(friends + i) })),
        Range(friends).Where(Sale.IsLinked).Concat(Range(calls).Select(i => friends + i)).Select(Sale.Member));

    private static async Task Sqlite(string folder, IEnumerable<State> states, IEnumerable<string> members)
    {
        // It makes its file and its tables by itself.
        await using (await Server.CoopLine(null, new Dictionary<string, string> { ["CoopLine:DataDirectory"] = folder }))
        {
        }

        await using var connection = await OpenSqlite(folder);
        var now = Now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        await Insert(
            connection,
            """
            INSERT INTO OrleansStorage (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString,
                GrainIdExtensionString, ServiceId, PayloadBinary, Version, ModifiedOn)
            VALUES (@0, @1, 0, 0, @2, @3, @4, @5, 1, @6)
            """,
            states.Select(state => new object[] { state.KeyHash, state.NameHash, state.Name, state.Key, ServiceId, state.Payload, now }));
        await Insert(
            connection,
            """
            INSERT INTO registry_import (id, mode, status, started_at, alive_at, ended_at, swept)
            VALUES (1, 'full', 'applied', @0, @0, @0, 1)
            """,
            [[now]]);
        await Insert(
            connection,
            """
            INSERT INTO registry_row (member_number, import_id, phones, birth_date_hash, status, businesses, home_store)
            VALUES (@0, 1, @1, @2, 'active', '["store"]', '0100')
            """,
            members.Select(member => new object[] { member, Phones, BirthDate }));
    }

    /// <summary>The same members and codes for the hand-written peer on SQLite.</summary>
    public static async Task SqlitePeer(string folder, long calls)
    {
        Directory.CreateDirectory(folder);
        await using var connection = await OpenSqlite(folder);
        await using (var schema = connection.CreateCommand())
        {
            schema.CommandText = await File.ReadAllTextAsync(Server.PeerSqliteSchema);
            await schema.ExecuteNonQueryAsync();
        }

        await Insert(
            connection, "INSERT INTO campaign VALUES (@0, @1, @2, @3, @4, 'store', @5, @6, 0, 0)",
            Enumerable.Range(0, Sale.Campaigns).Select(i => new object[]
            {
                Sale.Campaign(i), Sale.YenOff, Sale.Jan, Sale.Category, string.Join(';', Definition.Stores!.Value),
                Definition.StartsAt.ToUnixTimeSeconds(), Definition.EndsAt.ToUnixTimeSeconds(),
            }));
        await Insert(
            connection, "INSERT INTO member VALUES (@0, @1, 1, 'store')",
            Range(calls).Select(i => new object[] { Sale.Member(i), Sale.Account(i) }));
        await Insert(
            connection, "INSERT INTO coupon_code VALUES (@0, @1, @2, @3, @4)",
            Range(calls).Select(i => new object[]
            {
                Sale.Code(i), Sale.Member(i), Sale.Account(i), Sale.Campaign(i), Now.AddDays(1).ToUnixTimeSeconds(),
            }));
    }

    private static IEnumerable<long> Range(long count)
    {
        for (var i = 0L; i < count; i++) yield return i;
    }

    private static async Task Execute(NpgsqlConnection connection, params string[] statements)
    {
        foreach (var sql in statements)
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <param name="sql">Its parameters are @0, @1 and so on.</param>
    private static async Task Insert(SqliteConnection connection, string sql, IEnumerable<object[]> rows)
    {
        await using var transaction = connection.BeginTransaction();
        await using var insert = connection.CreateCommand();
        insert.CommandText = sql;
        foreach (var row in rows)
        {
            for (var i = 0; i < row.Length; i++)
            {
                if (insert.Parameters.Count == i) insert.Parameters.Add(new($"@{i}", null));
                insert.Parameters[i].Value = row[i];
            }

            await insert.ExecuteNonQueryAsync();
        }

        await transaction.CommitAsync();
    }
}

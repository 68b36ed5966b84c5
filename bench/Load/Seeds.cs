using System.Text;
using System.Text.Json;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Members;
using CoopLine.Grains.Registry;
using CoopLine.Grains.Storage;
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

    /// <summary>A CoopLine database in which the calls 0 to <paramref name="calls"/> can be made.</summary>
    public static async Task CoopLine(string database, long calls)
    {
        await Postgres.Create(database);
        await Processes.Run("dotnet", [Server.CoopLineAssembly, "migrate"], Server.CoopLineSettings(database));
        await using var connection = await Postgres.Open(database);
        await Execute(connection, "ALTER TABLE OrleansStorage DISABLE TRIGGER USER");
        await Copy(connection, Campaigns());
        await Copy(connection, Range(calls).SelectMany(i => new[] { Member(i), Code(i) }));
        await Execute(connection, "ALTER TABLE OrleansStorage ENABLE TRIGGER USER");
        await Register(connection, Range(calls).Select(Sale.Member));
        await Execute(connection, "VACUUM ANALYZE");
    }

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

    public static IEnumerable<long> Range(long count, long first = 0)
    {
        for (var i = first; i < first + count; i++) yield return i;
    }

    private static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync();
    }
}

using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Data.Common;
using System.Runtime.CompilerServices;
using System.Text.Json;
using CoopLine.Grains.Registry;
using CoopLine.Silo.Storage;
using CoopLine.Silo.Storage.Batching;

namespace CoopLine.Silo.Registry;

internal sealed class MemberRegistry : IRegistry, IAsyncDisposable
{
    private const int MostPredecessors = 10;
    private const int MembersPage = 5_000;

    private readonly Database database;
    private readonly Lookups<string, RegistryStanding?> entries;
    private readonly SharedValues shared;

    public MemberRegistry(Database database)
    {
        this.database = database;
        entries = new("registry", Find, none: null);
        shared = new(database);
    }

    public async Task<RegistryEntry?> Find(string memberNumber, CancellationToken cancellation) =>
        (await entries.Find(memberNumber, cancellation))?.Entry;

    public async Task<RegistryStanding> Standing(string memberNumber, CancellationToken cancellation)
    {
        if (await entries.Find(memberNumber, cancellation) is { } standing) return standing;

        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command(
            $"""
            SELECT (SELECT replaced_by FROM registry_replacement WHERE member_number = @number), {PredecessorsOf("@number")},
                ({Database.NewestImport})
            """,
            ("@number", memberNumber), ("@predecessors", MostPredecessors));
        await using var row = await command.ExecuteReaderAsync(cancellation);
        await row.ReadAsync(cancellation);
        return new(null, row.IsDBNull(0) ? null : row.GetString(0), Strings(row.GetString(1)), row.GetInt64(2));
    }

    public async Task<long> Version(CancellationToken cancellation)
    {
        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command(Database.NewestImport);
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    public async IAsyncEnumerable<string> Members(
        IReadOnlyCollection<Business>? businesses, IReadOnlyCollection<string>? homeStores, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var conditions = "";
        if (businesses is not null)
            conditions += $" AND EXISTS (SELECT 1 FROM {database.Texts("businesses")} WHERE {database.IsAmong("value", "@businesses")})";
        if (homeStores is not null) conditions += $" AND {database.IsAmong("home_store", "@stores")}";
        for (var last = ""; await Page(last) is { Count: > 0 } page; last = page[^1])
            foreach (var number in page) yield return number;

        async Task<List<string>> Page(string after)
        {
            await using var connection = await database.OpenReader(cancellation);
            await using var command = connection.Command(
                $"""
                SELECT member_number
                FROM registry
                WHERE member_number > @after AND status = 'active' AND replaced_by IS NULL{conditions}
                ORDER BY member_number
                LIMIT @page
                """,
                ("@after", after), ("@page", MembersPage), ("@businesses", database.List((businesses ?? []).Select(BusinessNames.Write))),
                ("@stores", database.List(homeStores ?? [])));
            command.CommandTimeout = Database.PatienceSeconds;
            await using var row = await command.ExecuteReaderAsync(cancellation);
            var numbers = new List<string>();
            while (await row.ReadAsync(cancellation)) numbers.Add(row.GetString(0));
            return numbers;
        }
    }

    public async Task<ImmutableArray<string>> LinkedButLeft(int limit, CancellationToken cancellation)
    {
        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command(
            """
            SELECT linked.member_number
            FROM linked_members AS linked
            WHERE EXISTS (
                SELECT 1 FROM registry
                WHERE registry.member_number = linked.member_number
                    AND (registry.status = 'withdrawn' OR registry.replaced_by IS NOT NULL))
                OR EXISTS (
                    SELECT 1 FROM registry_replacement AS replaced
                    WHERE replaced.member_number = linked.member_number)
            ORDER BY linked.member_number
            LIMIT @limit
            """,
            ("@limit", limit));
        command.CommandTimeout = Database.PatienceSeconds;
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var numbers = ImmutableArray.CreateBuilder<string>();
        while (await row.ReadAsync(cancellation)) numbers.Add(row.GetString(0));
        return numbers.ToImmutable();
    }

    public ValueTask DisposeAsync() => entries.DisposeAsync();

    private async Task<IReadOnlyDictionary<string, RegistryStanding?>> Find(IReadOnlyCollection<string> numbers)
    {
        await using var connection = await database.OpenReader(CancellationToken.None);
        await using var command = connection.Command(
            $"""
            SELECT member_number, phones, birth_date_hash, status, businesses, home_store, replaced_by,
                {PredecessorsOf("registry.member_number")}, ({Database.NewestImport})
            FROM registry
            WHERE {database.IsAmong("member_number", "@numbers")}
            """,
            ("@numbers", database.List(numbers)),
            ("@predecessors", MostPredecessors));
        await using var row = await command.ExecuteReaderAsync();
        var found = new Dictionary<string, RegistryStanding?>(numbers.Count);
        while (await row.ReadAsync())
        {
            var import = row.GetInt64(8);
            var entry = WithoutShared(Entry(row), await shared.AsOf(import, CancellationToken.None));
            found.Add(entry.MemberNumber, new(entry, entry.ReplacedBy, entry.Predecessors, import));
        }

        return found;
    }

    /// <summary>What too many members have counts as not registered.</summary>
    private static RegistryEntry WithoutShared(RegistryEntry entry, FrozenSet<string> shared) => entry with
    {
        PhoneHashes = entry.PhoneHashes.RemoveAll(shared.Contains),
        BirthDateHash = entry.BirthDateHash is { } birthDate && shared.Contains(birthDate) ? null : entry.BirthDateHash,
    };

    /// <summary>SQL: a JSON array.</summary>
    private string PredecessorsOf(string number) =>
        $"""
        (
            {Database.Predecessors(number)}
            SELECT {database.JsonArray("number")}
            FROM (SELECT number FROM predecessor WHERE number <> {number} LIMIT @predecessors) AS nearest)
        """;

    private static RegistryEntry Entry(DbDataReader row) => new(
        row.GetString(0),
        Strings(row.GetString(1)),
        row.IsDBNull(2) ? null : row.GetString(2),
        RegistryWords.Status(row.GetString(3)) ?? throw new InvalidDataException("A member with an unknown status."),
        [.. Strings(row.GetString(4)).Select(word => BusinessNames.Read(word)
            ?? throw new InvalidDataException("A member of an unknown business."))],
        row.IsDBNull(5) ? null : row.GetString(5),
        row.IsDBNull(6) ? null : row.GetString(6),
        Strings(row.GetString(7)));

    private static ImmutableArray<string> Strings(string json) =>
        JsonSerializer.Deserialize<ImmutableArray<string>>(json);
}

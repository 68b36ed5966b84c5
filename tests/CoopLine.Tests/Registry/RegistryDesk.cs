using System.Globalization;
using System.Text;
using CoopLine.Grains;
using CoopLine.Grains.Registry;
using CoopLine.Silo.Registry;
using CoopLine.Silo.Storage;
using CoopLine.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CoopLine.Tests.Registry;

/// <summary>A registry of its own on a database of its own, and files to put into it.</summary>
public sealed class RegistryDesk : IDisposable
{
    public const string Header = "member_number,phones,birth_date,status,businesses,home_store,replaced_by";

    private const string HashKey = "a key that only the tests know";

    private readonly TestDatabase database = new();

    public RegistryDesk()
    {
        Database = database.Open(Clock);
        Registry = new MemberRegistry(Database);
        Import = ImportIn(new CoopTime());
    }

    public FakeTimeProvider Clock { get; } = new(new(2026, 11, 22, 10, 15, 0, TimeSpan.FromHours(9)));

    public RegistryHash Hash { get; } = new(Encoding.UTF8.GetBytes(HashKey));

    public IRegistryImport Import { get; }

    public IRegistry Registry { get; }

    /// <summary>For another process that works on the same registry.</summary>
    public IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>(database.Settings)
    {
        ["CoopLine:Registry:HashKey"] = HashKey,
    };

    internal Database Database { get; }

    /// <summary>How many may share a value; the usual defaults.</summary>
    internal RegistryOptions Shared { get; } = new();

    /// <summary>The same import for a co-op in another time zone.</summary>
    public IRegistryImport ImportIn(CoopTime time) =>
        new RegistryImport(Database, new(Hash, []), time, Clock, Options.Create(Shared), NullLogger<RegistryImport>.Instance);

    public static string Csv(params IEnumerable<string> rows) => string.Join('\n', rows.Prepend(Header)) + "\n";

    /// <summary>Rows of so many different members, in the order of their numbers.</summary>
    public static IEnumerable<string> Members(int count, int first = 1) =>
        Enumerable.Range(first, count).Select(i => string.Create(
            CultureInfo.InvariantCulture,
            $"{i:00000000},090{i:00000000};03{i:00000000},{1930 + i % 70}{1 + i % 12:00}{1 + i % 28:00},active,store;home,{i % 50:0000},"));

    public string NewFile(IEnumerable<string> rows)
    {
        var path = Path.Combine(database.DataDirectory, Path.GetRandomFileName());
        File.WriteAllLines(path, rows.Prepend(Header));
        return path;
    }

    public Task<ImportReport> Full(params IEnumerable<string> rows) => Take(Csv(rows), ImportMode.Full, force: false);

    public Task<ImportReport> Forced(params IEnumerable<string> rows) => Take(Csv(rows), ImportMode.Full, force: true);

    public Task<ImportReport> Delta(params IEnumerable<string> rows) => Take(Csv(rows), ImportMode.Delta, force: false);

    public Task<ImportReport> Take(string csv, ImportMode mode, bool force = false) =>
        Take(Encoding.UTF8.GetBytes(csv), mode, force);

    public Task<ImportReport> Take(byte[] csv, ImportMode mode, bool force = false) => Take(csv, new ImportOrder(mode, force));

    public async Task<ImportReport> Take(byte[] csv, ImportOrder order)
    {
        using var stream = new MemoryStream(csv);
        return await Import.Run(stream, order, progress: null, TestContext.Current.CancellationToken);
    }

    public Task<RegistryEntry?> Find(string number) => Registry.Find(number, TestContext.Current.CancellationToken);

    public long Scalar(string sql)
    {
        using var connection = Database.Source.OpenConnection();
        using var command = connection.Command(sql);
        return Assert.IsType<long>(command.ExecuteScalar());
    }

    public void Execute(string sql) => database.Execute(sql);

    public void Dispose()
    {
        database.Dispose();
    }
}

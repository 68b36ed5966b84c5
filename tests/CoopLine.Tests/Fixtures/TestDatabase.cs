using System.Data.Common;
using CoopLine.Silo.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CoopLine.Tests.Fixtures;

/// <summary>
/// A database of its own, gone with it: a SQLite file, or with <c>COOPLINE_TEST_DATABASE=postgresql</c> a database of the
/// server of this run (<see cref="Postgres"/>).
/// </summary>
public sealed class TestDatabase : IDisposable
{
    private readonly List<IDisposable> opened = [];
    private readonly string? owner;

    public TestDatabase()
        : this(empty: false)
    {
    }

    /// <param name="empty">Without tables, until somebody migrates it.</param>
    internal TestDatabase(bool empty)
    {
        NoDatabaseAttribute.Check();
        // Where tests are skipped for want of a server, what they share starts before that and cannot be skipped.
        owner = IsPostgreSql && !Postgres.IsMissing ? Postgres.Running.Create(empty) : null;
    }

    public static bool IsPostgreSql { get; } = Environment.GetEnvironmentVariable("COOPLINE_TEST_DATABASE") switch
    {
        null or "" or "sqlite" => false,
        "postgresql" => true,
        var other => throw new InvalidOperationException($"COOPLINE_TEST_DATABASE is {other}: it can be sqlite or postgresql."),
    };

    /// <summary>SQL: a state's payload as JSON.</summary>
    public static string Payload { get; } =
        IsPostgreSql ? "convert_from(PayloadBinary, 'UTF8')::json" : "CAST(PayloadBinary AS TEXT)";

    /// <summary>What the driver throws.</summary>
    public static string ExceptionName { get; } = IsPostgreSql ? "PostgresException" : "SqliteException";

    public string DataDirectory { get; } = Directory.CreateTempSubdirectory("coopline-").FullName;

    public IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>
    {
        ["CoopLine:DataDirectory"] = DataDirectory,
        ["CoopLine:Storage:Provider"] = owner is null ? "Sqlite" : "PostgreSql",
        ["ConnectionStrings:CoopLine"] = ServiceConnection,
    };

    private string SqliteFile => Path.Combine(DataDirectory, "coopline.db");

    private string? ServiceConnection =>
        owner is null ? null : new NpgsqlConnectionStringBuilder(owner) { Username = Postgres.RuntimeRole }.ToString();

    public static void SkipOnPostgreSql(string reason) => Assert.SkipWhen(IsPostgreSql, reason);

    public static void SkipOnSqlite(string reason) => Assert.SkipUnless(IsPostgreSql, reason);

    /// <summary>A host's database follows the test's clock.</summary>
    internal static void Follow(IServiceCollection services, TimeProvider clock)
    {
        if (!IsPostgreSql || Postgres.IsMissing) return;
        services.AddSingleton<Database>(provider =>
            Clocked(
                provider.GetRequiredService<NpgsqlDataSource>(),
                provider.GetRequiredKeyedService<NpgsqlDataSource>(PostgreSqlDatabase.Unprepared),
                clock));
    }

    private static PostgreSqlDatabase Clocked(NpgsqlDataSource server, NpgsqlDataSource unprepared, TimeProvider clock) =>
        new(new ClockedDataSource(server, clock), new ClockedDataSource(unprepared, clock), now: Postgres.TestTime);

    /// <summary>The database, opened beside whatever else uses it.</summary>
    internal Database Open(TimeProvider clock)
    {
        if (ServiceConnection is { } connection)
        {
            var server = PostgreSqlDatabase.Connect(connection, NullLoggerFactory.Instance);
            opened.Add(server);
            return Clocked(server, server, clock);
        }

        var file = new SqliteDataSource(SqliteFile, clock);
        opened.Add(file);
        SqliteMigrations.Apply(file, NullLoggerFactory.Instance);
        return new SqliteDatabase(file);
    }

    /// <summary>As somebody who may do more than the service: the database's owner.</summary>
    internal void Execute(string sql)
    {
        if (owner is not null)
        {
            PostgresServer.Execute(owner, sql);
            return;
        }

        using var database = OpenAsOwner(TimeProvider.System);
        using var connection = database.OpenConnection();
        using var command = connection.Command(sql);
        command.ExecuteNonQuery();
    }

    /// <inheritdoc cref="Execute"/>
    internal DbDataSource OpenAsOwner(TimeProvider clock) => owner is null
        ? new SqliteDataSource(SqliteFile, clock)
        : PostgreSqlDatabase.Connect(owner, NullLoggerFactory.Instance);

    /// <summary>As an operator does before this version starts.</summary>
    internal void Migrate()
    {
        if (owner is null) Open(TimeProvider.System);
        else Postgres.Migrate(owner);
    }

    public void Dispose()
    {
        foreach (var one in opened) one.Dispose();
        Directory.Delete(DataDirectory, recursive: true);
        if (owner is not null) Postgres.Running.Drop(owner);
    }
}

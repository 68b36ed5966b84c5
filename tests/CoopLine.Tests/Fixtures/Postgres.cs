using System.Reflection;
using CoopLine.Silo.Storage;
using CoopLine.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Xunit.v3;

[assembly: AssemblyFixture(typeof(Postgres))]
[assembly: SkipWithoutPostgres]

namespace CoopLine.Tests.Fixtures;

/// <summary>
/// The PostgreSQL server of this test run, in memory and in no hurry to reach the disk. Only started when the tests are to run
/// on PostgreSQL.
/// </summary>
public sealed class Postgres : IAsyncLifetime
{
    public const string RuntimeRole = "coopline";

    /// <summary>SQL: the time that <see cref="ClockedDataSource"/> tells.</summary>
    public const string TestTime = "current_setting('coopline.now')::timestamptz";

    private const string Template = "coopline_template";

    private static Postgres? running;

    private static int databases;

    private PostgresServer? server;

    public static Postgres Running => running ?? throw new InvalidOperationException("The tests do not run on PostgreSQL.");

    /// <summary>Whether the tests are to run on PostgreSQL and there is none.</summary>
    public static bool IsMissing => TestDatabase.IsPostgreSql && PostgresBinaries.Newest is null;

    public async ValueTask InitializeAsync()
    {
        if (!TestDatabase.IsPostgreSql) return;
        if (PostgresBinaries.Newest is null)
        {
            Ci.CannotLack("PostgreSQL");
            return;
        }

        server = await PostgresServer.Start(
            "-c max_connections=500 -c autovacuum=off -c fsync=off -c synchronous_commit=off -c full_page_writes=off");
        CreateTemplate();
        running = this;
    }

    public async ValueTask DisposeAsync()
    {
        running = null;
        NpgsqlConnection.ClearAllPools();
        if (server is not null) await server.DisposeAsync();
    }

    /// <summary>A new database with every table, or an empty one.</summary>
    /// <returns>The connection string of its owner.</returns>
    public string Create(bool empty = false)
    {
        var name = $"coopline_{Interlocked.Increment(ref databases)}";
        PostgresServer.Execute(Connect("postgres"), $"CREATE DATABASE {name} TEMPLATE {(empty ? "template0" : Template)}");
        return Connect(name);
    }

    public void Drop(string connectionString) => PostgresServer.Execute(
        Connect("postgres"), $"DROP DATABASE {new NpgsqlConnectionStringBuilder(connectionString).Database} WITH (FORCE)");

    /// <summary>All tables; and the stored queries take the time that <see cref="ClockedDataSource"/> tells.</summary>
    /// <param name="owner">The database's connection string.</param>
    public static void Migrate(string owner)
    {
        using (var source = PostgreSqlDatabase.Connect(owner, NullLoggerFactory.Instance))
        {
            PostgreSqlMigrations.Apply(source, NullLoggerFactory.Instance);
        }

        PostgresServer.Execute(
            owner,
            $"""
            UPDATE OrleansQuery
            SET QueryText = replace(QueryText, 'now()', '{TestTime.Replace("'", "''", StringComparison.Ordinal)}')
            WHERE QueryKey IN ('WriteToStorageKey', 'ClearStorageKey')
            """);
        PostgresServer.Execute(owner, File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "postgresql-runtime-role.sql")));
    }

    private string Connect(string database)
    {
        var connection = server!.Connect(database);
        connection.Pooling = database is not ("postgres" or Template);
        connection.MaxPoolSize = 50;
        return connection.ToString();
    }

    private void CreateTemplate()
    {
        PostgresServer.Execute(Connect("postgres"), $"CREATE ROLE {RuntimeRole} LOGIN");
        PostgresServer.Execute(Connect("postgres"), $"CREATE DATABASE {Template} TEMPLATE template0");
        Migrate(Connect(Template));
    }
}

/// <summary>
/// Skips tests for want of PostgreSQL, each by itself: what tests share cannot skip them, it can only fail them.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class SkipWithoutPostgresAttribute : BeforeAfterTestAttribute
{
    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (Postgres.IsMissing && !NoDatabaseAttribute.IsOn(test.TestCase.TestClass))
            Assert.Skip("There is no PostgreSQL on this machine.");
    }
}

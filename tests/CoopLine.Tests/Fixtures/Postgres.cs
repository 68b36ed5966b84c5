using CoopLine.Silo.Storage;
using CoopLine.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

[assembly: AssemblyFixture(typeof(Postgres))]

namespace CoopLine.Tests.Fixtures;

/// <summary>
/// The <see cref="PostgresServer"/> of this test run. Only started when the tests are to run on PostgreSQL.
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

    /// <summary>Skips the test where there is no PostgreSQL, except in CI.</summary>
    public static Postgres Running
    {
        get
        {
            if (running is null) Assert.Skip("There is no PostgreSQL on this machine.");
            return running;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (!TestDatabase.IsPostgreSql) return;
        if (PostgresServer.Binaries is null)
        {
            if (Environment.GetEnvironmentVariable("CI") == "true") throw new InvalidOperationException("CI needs PostgreSQL.");
            return;
        }

        server = await PostgresServer.Start(
            Host.FreePort(),
            "-c max_connections=500 -c autovacuum=off -c fsync=off -c synchronous_commit=off -c full_page_writes=off");
        CreateTemplate();
        running = this;
    }

    public async ValueTask DisposeAsync()
    {
        if (server is null) return;
        running = null;
        NpgsqlConnection.ClearAllPools();
        await server.DisposeAsync();
    }

    /// <summary>A new database with every table, or an empty one.</summary>
    /// <returns>The connection string of its owner.</returns>
    public string Create(bool empty = false)
    {
        var name = $"coopline_{Interlocked.Increment(ref databases)}";
        Execute(Connect("postgres"), $"CREATE DATABASE {name} TEMPLATE {(empty ? "template0" : Template)}");
        return Connect(name);
    }

    public void Drop(string connectionString) => Execute(
        Connect("postgres"), $"DROP DATABASE {new NpgsqlConnectionStringBuilder(connectionString).Database} WITH (FORCE)");

    internal static void Execute(string connectionString, string sql) => PostgresServer.Execute(connectionString, sql);

    private string Connect(string database)
    {
        var connection = server!.Connect(database);
        connection.Pooling = database is not ("postgres" or Template);
        connection.MaxPoolSize = 50;
        return connection.ToString();
    }

    /// <summary>All tables; and the stored queries take the time that <see cref="ClockedDataSource"/> tells.</summary>
    private void CreateTemplate()
    {
        Execute(Connect("postgres"), $"CREATE ROLE {RuntimeRole} LOGIN");
        Execute(Connect("postgres"), $"CREATE DATABASE {Template} TEMPLATE template0");
        using (var source = PostgreSqlDatabase.Connect(Connect(Template), NullLoggerFactory.Instance))
        {
            PostgreSqlMigrations.Apply(source, NullLoggerFactory.Instance);
        }

        Execute(
            Connect(Template),
            $"""
            UPDATE OrleansQuery
            SET QueryText = replace(QueryText, 'now()', '{TestTime.Replace("'", "''", StringComparison.Ordinal)}')
            WHERE QueryKey IN ('WriteToStorageKey', 'ClearStorageKey')
            """);
        Execute(Connect(Template), File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "postgresql-runtime-role.sql")));
    }
}

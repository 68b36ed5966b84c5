using System.Diagnostics;
using System.Globalization;
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
/// A PostgreSQL server of this test run, with the newest binaries of this machine: in a folder of its own, reached through
/// a socket in that folder, gone with the run. Only started when the tests are to run on PostgreSQL.
/// </summary>
public sealed class Postgres : IAsyncLifetime
{
    public const string RuntimeRole = "coopline";

    /// <summary>SQL: the time that <see cref="ClockedDataSource"/> tells.</summary>
    public const string TestTime = "current_setting('coopline.now')::timestamptz";

    private const string Template = "coopline_template";

    /// <summary>
    /// Starts the server, says where it is, and waits for the end of its input: that comes however the tests end, killed
    /// ones too. Signals for the whole group of processes, such as Ctrl+C, are for the tests alone.
    /// </summary>
    private const string Keeper =
        """
        trap '' HUP INT TERM
        folder=$(mktemp -d -t coopline-postgres-XXXXXX 2>&1) || { echo "$folder"; exit; }
        if {
            "$1/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --no-locale --no-sync &&
            "$1/pg_ctl" -D "$folder/data" -l "$folder/log" -w -o "-k $folder $2" start
        } >"$folder/said" 2>&1; then echo "$folder"; else cat "$folder/said" "$folder/log"; fi
        read -r _
        "$1/pg_ctl" -D "$folder/data" -m immediate -w stop >"$folder/said" 2>&1
        rm -rf "$folder"
        """;

    private static Postgres? running;

    private static int databases;

    private readonly string port = Ports.Free().ToString(CultureInfo.InvariantCulture); // names the socket
    private Process? keeper;
    private string folder = "";

    public static Postgres Running => running ?? throw new InvalidOperationException("The tests do not run on PostgreSQL.");

    /// <summary>Whether the tests are to run on PostgreSQL and there is none.</summary>
    public static bool IsMissing => TestDatabase.IsPostgreSql && PostgresBinaries.Newest is null;

    public async ValueTask InitializeAsync()
    {
        if (!TestDatabase.IsPostgreSql) return;
        if (PostgresBinaries.Newest is not { } binaries)
        {
            if (Environment.GetEnvironmentVariable("CI") == "true") throw new InvalidOperationException("CI needs PostgreSQL.");
            return;
        }

        keeper = Keep(binaries);
        folder = await keeper.StandardOutput.ReadLineAsync() ?? "";
        if (!Directory.Exists(folder)) throw new InvalidOperationException($"PostgreSQL did not start: {folder} {await Stop()}");
        CreateTemplate();
        running = this;
    }

    public async ValueTask DisposeAsync()
    {
        running = null;
        NpgsqlConnection.ClearAllPools();
        await Stop();
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

    internal static void Execute(string connectionString, string sql)
    {
        using var connection = new NpgsqlConnection(connectionString);
        connection.Open();
        using var command = connection.Command(sql);
        command.ExecuteNonQuery();
    }

    private string Connect(string database) => new NpgsqlConnectionStringBuilder
    {
        Host = folder,
        Port = int.Parse(port, CultureInfo.InvariantCulture),
        Username = "postgres",
        Database = database,
        Pooling = database is not ("postgres" or Template),
        MaxPoolSize = 50,
    }.ToString();

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

    /// <summary>As the user postgres when we are root, whom the server refuses.</summary>
    private Process Keep(string binaries)
    {
        string[] user = Environment.IsPrivilegedProcess ? ["runuser", "-u", "postgres", "--"] : [];
        string[] command =
        [
            .. user, "sh", "-c", Keeper, "sh", binaries,
            $"-c listen_addresses= -p {port} -c max_connections=500 -c autovacuum=off "
            + "-c fsync=off -c synchronous_commit=off -c full_page_writes=off",
        ];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        };
        return Process.Start(start) ?? throw new InvalidOperationException($"{command[0]} did not start.");
    }

    /// <returns>What else the keeper said.</returns>
    private async Task<string> Stop()
    {
        if (keeper is null) return "";
        keeper.StandardInput.Close();
        var said = await keeper.StandardOutput.ReadToEndAsync();
        await keeper.WaitForExitAsync();
        keeper.Dispose();
        keeper = null;
        return said;
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

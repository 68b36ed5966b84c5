using System.Diagnostics;
using System.Globalization;
using CoopLine.Silo.Storage;
using CoopLine.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

[assembly: AssemblyFixture(typeof(Postgres))]

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

    private static Postgres? running;

    private static int databases;

    private readonly string port = Host.FreePort().ToString(CultureInfo.InvariantCulture); // names the socket
    private string folder = "";

    /// <summary>Skips the test where there is no PostgreSQL, except in CI.</summary>
    public static Postgres Running
    {
        get
        {
            if (running is null) Assert.Skip("There is no PostgreSQL on this machine.");
            return running;
        }
    }

    private static string? Binaries { get; } = Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql")
            .OrderByDescending(version => int.TryParse(Path.GetFileName(version), out var number) ? number : 0)
            .Select(version => Path.Combine(version, "bin"))
            .FirstOrDefault(bin => File.Exists(Path.Combine(bin, "initdb")))
        : null;

    public async ValueTask InitializeAsync()
    {
        if (!TestDatabase.IsPostgreSql) return;
        if (Binaries is null)
        {
            if (Environment.GetEnvironmentVariable("CI") == "true") throw new InvalidOperationException("CI needs PostgreSQL.");
            return;
        }

        folder = (await Run("mktemp", "-d", "-t", "coopline-postgres-XXXXXX")).Trim();
        await Run(
            Path.Combine(Binaries, "initdb"), "-D", Data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync");
        await Run(
            Path.Combine(Binaries, "pg_ctl"), "-D", Data, "-l", Path.Combine(folder, "log"), "-w", "-o",
            $"-c listen_addresses= -k {folder} -p {port} -c max_connections=500 -c autovacuum=off "
            + "-c fsync=off -c synchronous_commit=off -c full_page_writes=off",
            "start");
        CreateTemplate();
        running = this;
    }

    public async ValueTask DisposeAsync()
    {
        if (folder.Length == 0) return;
        running = null;
        NpgsqlConnection.ClearAllPools();
        await Run(Path.Combine(Binaries!, "pg_ctl"), "-D", Data, "-w", "-m", "immediate", "stop");
        await Run("rm", "-rf", folder);
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

    private string Data => Path.Combine(folder, "data");

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
    private static async Task<string> Run(string program, params string[] args)
    {
        string[] command = Environment.IsPrivilegedProcess ? ["runuser", "-u", "postgres", "--", program, .. args] : [program, .. args];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, WorkingDirectory = "/" };
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? said : throw new InvalidOperationException($"{program} failed: {said}");
    }
}

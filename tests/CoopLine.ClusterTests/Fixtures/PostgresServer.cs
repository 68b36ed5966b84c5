using System.Diagnostics;
using System.Globalization;
using CoopLine.Silo.Storage;
using CoopLine.Tests.Fixtures;
using Npgsql;

namespace CoopLine.ClusterTests.Fixtures;

/// <summary>
/// A PostgreSQL server with the newest binaries of this machine: in a folder of its own, reached through a socket in that
/// folder and by nothing else, gone when disposed.
/// </summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    public const string Superuser = "postgres";

    /// <summary>
    /// Waits for the end of its input, which comes also when the tests are killed, and leaves nothing behind. Signals for the whole
    /// group of processes are for the tests alone.
    /// </summary>
    private const string Keeper =
        """
        trap '' HUP INT TERM
        read -r _
        "$1" -D "$2/data" -w -m immediate stop
        rm -rf "$2"
        """;

    private readonly string folder;
    private readonly int port;
    private readonly string settings;
    private readonly Process keeper;

    private PostgresServer(string folder, int port, string settings)
    {
        (this.folder, this.port, this.settings) = (folder, port, settings);
        keeper = Begin("sh", "-c", Keeper, "sh", Program("pg_ctl"), folder);
    }

    /// <summary>The socket itself.</summary>
    public string Socket => Path.Combine(folder, $".s.PGSQL.{port.ToString(CultureInfo.InvariantCulture)}");

    private string Data => Path.Combine(folder, "data");

    /// <param name="port">Names the socket.</param>
    /// <param name="settings">Options of the server: <c>-c name=value …</c></param>
    public static async Task<PostgresServer> Start(int port, string settings)
    {
        var folder = (await Run("mktemp", "-d", "-t", "coopline-postgres-XXXXXX")).Trim();
        var server = new PostgresServer(folder, port, settings);
        await Run(
            Program("initdb"), "-D", server.Data, "-U", Superuser, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync");
        await server.Up();
        return server;
    }

    public NpgsqlConnectionStringBuilder Connect(string database) =>
        new() { Host = folder, Port = port, Username = Superuser, Database = database };

    /// <summary>Starts what was killed; returns when the server takes connections.</summary>
    public Task Up() => Run(
        Program("pg_ctl"), "-D", Data, "-l", Path.Combine(folder, "log"), "-w", "-o",
        $"-c listen_addresses= -k {folder} -p {port} {settings}", "start");

    /// <summary>As an operator does it: whoever is connected is cut off, transactions under way are rolled back.</summary>
    public async Task Restart()
    {
        await Run(Program("pg_ctl"), "-D", Data, "-w", "-m", "fast", "stop");
        await Up();
    }

    /// <summary>SIGKILL to the server and all of its processes at one moment.</summary>
    public async Task Kill()
    {
        var main = int.Parse(File.ReadLines(Path.Combine(Data, "postmaster.pid")).First(), CultureInfo.InvariantCulture);
        var all = new List<Process> { Process.GetProcessById(main) };
        var children = await File.ReadAllTextAsync($"/proc/{main}/task/{main}/children");
        foreach (var child in children.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                all.Add(Process.GetProcessById(int.Parse(child, CultureInfo.InvariantCulture)));
            }
            catch (ArgumentException)
            {
                // It has ended by itself.
            }
        }

        foreach (var process in all)
        {
            using (process)
            {
                process.Kill();
                await process.WaitForExitAsync();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        keeper.StandardInput.Close();
        await keeper.StandardOutput.ReadToEndAsync();
        await keeper.WaitForExitAsync();
        keeper.Dispose();
    }

    public static void Execute(string connectionString, string sql)
    {
        using var connection = new NpgsqlConnection(connectionString);
        connection.Open();
        using var command = connection.Command(sql);
        command.ExecuteNonQuery();
    }

    private static string Program(string name) =>
        Path.Combine(PostgresBinaries.Newest ?? throw new InvalidOperationException("There is no PostgreSQL on this machine."), name);

    /// <summary>As the user postgres when we are root, whom the server refuses.</summary>
    private static Process Begin(string program, params string[] args)
    {
        string[] command = Environment.IsPrivilegedProcess ? ["runuser", "-u", "postgres", "--", program, .. args] : [program, .. args];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            WorkingDirectory = "/",
        };
        return Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start.");
    }

    private static async Task<string> Run(string program, params string[] args)
    {
        using var process = Begin(program, args);
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? said : throw new InvalidOperationException($"{program} failed: {said}");
    }
}

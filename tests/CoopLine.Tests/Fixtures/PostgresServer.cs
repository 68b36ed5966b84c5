using System.Diagnostics;
using System.Globalization;
using CoopLine.Silo.Storage;
using Npgsql;

namespace CoopLine.Tests.Fixtures;

/// <summary>
/// A PostgreSQL server with the newest binaries of this machine: in a folder of its own, reached through a socket in that
/// folder and by nothing else, gone when disposed.
/// </summary>
internal sealed class PostgresServer : IAsyncDisposable
{
    public const string Superuser = "postgres";

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

    private readonly int port = Ports.Free(); // names the socket
    private readonly string options;
    private readonly Process keeper;
    private string folder = "";

    private PostgresServer(string settings)
    {
        options = $"-c listen_addresses= -p {port} {settings}";
        keeper = Begin("sh", "-c", Keeper, "sh", Binaries, options);
    }

    /// <summary>The socket itself.</summary>
    public string Socket => Path.Combine(folder, $".s.PGSQL.{port.ToString(CultureInfo.InvariantCulture)}");

    private static string Binaries =>
        PostgresBinaries.Newest ?? throw new InvalidOperationException("There is no PostgreSQL on this machine.");

    private string Data => Path.Combine(folder, "data");

    /// <param name="settings">Options of the server: <c>-c name=value …</c></param>
    public static async Task<PostgresServer> Start(string settings)
    {
        var server = new PostgresServer(settings);
        server.folder = await server.keeper.StandardOutput.ReadLineAsync() ?? "";
        return Directory.Exists(server.folder)
            ? server
            : throw new InvalidOperationException($"PostgreSQL did not start: {server.folder} {await server.Stop()}");
    }

    public NpgsqlConnectionStringBuilder Connect(string database) =>
        new() { Host = folder, Port = port, Username = Superuser, Database = database };

    /// <summary>Starts what was killed; returns when the server takes connections.</summary>
    public Task Up() => Control("-l", Path.Combine(folder, "log"), "-o", $"-k {folder} {options}", "start");

    /// <summary>As an operator does it: whoever is connected is cut off, transactions under way are rolled back.</summary>
    public async Task Restart()
    {
        await Control("-m", "fast", "stop");
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

    public async ValueTask DisposeAsync() => await Stop();

    public static void Execute(string connectionString, string sql)
    {
        using var connection = new NpgsqlConnection(connectionString);
        connection.Open();
        using var command = connection.Command(sql);
        command.ExecuteNonQuery();
    }

    /// <returns>What else the keeper said.</returns>
    private async Task<string> Stop()
    {
        keeper.StandardInput.Close();
        var said = await keeper.StandardOutput.ReadToEndAsync();
        await keeper.WaitForExitAsync();
        keeper.Dispose();
        return said;
    }

    private async Task Control(params string[] args)
    {
        using var process = Begin(Path.Combine(Binaries, "pg_ctl"), ["-D", Data, "-w", .. args]);
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new InvalidOperationException($"pg_ctl failed: {said}");
    }

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
}

using System.Diagnostics;
using CoopLine.Tests.Fixtures;
using Npgsql;

namespace CoopLine.ClusterTests.Fixtures;

/// <summary>A PgBouncer of this machine in front of a database: each transaction gets any of a few server connections.</summary>
internal sealed class PgBouncer : IAsyncDisposable
{
    private const string Program = "/usr/sbin/pgbouncer";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("coopline-pgbouncer-");
    private readonly Process process;

    private PgBouncer(string socket, int port)
    {
        Port = Ports.Free();
        if (!OperatingSystem.IsWindows()) folder.UnixFileMode |= UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;
        var (settings, users) = (Path.Combine(folder.FullName, "pgbouncer.ini"), Path.Combine(folder.FullName, "users"));
        File.WriteAllText(users, "\"coopline\" \"\"\n");
        File.WriteAllText(settings, $"""
            [databases]
            * = host={socket} port={port}
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = {Port}
            unix_socket_dir =
            auth_type = trust
            auth_file = {users}
            pool_mode = transaction
            default_pool_size = 5
            max_client_conn = 200
            """);
        // It does not run as root.
        process = ChildProcess.Start(Environment.IsPrivilegedProcess
            ? ChildProcess.Of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig", "KILL", "--", Program, "-q", settings)
            : ChildProcess.Of(Program, "-q", settings));
    }

    public static bool IsInstalled => File.Exists(Program);

    public int Port { get; }

    /// <param name="database">Is asked through it until it answers.</param>
    public static async Task<PgBouncer> Start(string socket, int port, string database)
    {
        var started = new PgBouncer(socket, port);
        await Eventually.Holds(
            async () =>
            {
                try
                {
                    await using var connection = new NpgsqlConnection(
                        $"Host=127.0.0.1;Port={started.Port};Database={database};Username=coopline;Pooling=false");
                    await connection.OpenAsync();
                    return true;
                }
                catch (NpgsqlException)
                {
                    return started.process.HasExited ? throw new InvalidOperationException("PgBouncer has ended.") : false;
                }
            },
            "PgBouncer answers");
        return started;
    }

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        folder.Delete(recursive: true);
    }
}

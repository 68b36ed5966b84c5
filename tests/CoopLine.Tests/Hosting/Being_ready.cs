using System.Diagnostics;
using System.Net;
using CoopLine.Tests.Fixtures;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace CoopLine.Tests.Hosting;

/// <summary>A process that cannot save says so while that lasts, and nobody has to start it again.</summary>
public sealed class Being_ready : IAsyncLifetime
{
    private readonly TestDatabase database = new();
    private readonly RunningSystem coop;

    public Being_ready() => coop = new(database);

    public ValueTask InitializeAsync() => coop.InitializeAsync();

    public ValueTask DisposeAsync() => coop.DisposeAsync();

    [Fact]
    public async Task A_database_that_somebody_has_locked_for_writing_is_not_ready_until_he_lets_go()
    {
        await IsReady();

        await using (var other = TestDatabase.IsPostgreSql ? database.OpenAsOwner(TimeProvider.System).OpenConnection() : Sqlite())
        {
            await using var lockIt = other.CreateCommand();
            lockIt.CommandText = TestDatabase.IsPostgreSql ? "BEGIN; LOCK TABLE OrleansStorage IN SHARE MODE" : "BEGIN IMMEDIATE";
            await lockIt.ExecuteNonQueryAsync();
            await IsNotReady();
            lockIt.CommandText = "ROLLBACK";
            await lockIt.ExecuteNonQueryAsync();
        }

        await IsReady();
    }

    [Fact]
    public async Task A_database_that_is_read_only_is_not_ready_until_it_is_not()
    {
        TestDatabase.SkipOnSqlite("a file that is open stays open as it is");
        await IsReady();

        SetReadOnly(true);
        await IsNotReady();
        SetReadOnly(false);

        await IsReady();
    }

    [Fact]
    public async Task A_full_disk_is_not_ready_until_there_is_room()
    {
        TestDatabase.SkipOnPostgreSql("its disk is another machine's matter");
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root makes a small disk.");
        using var disk = new SmallDisk();
        Assert.SkipUnless(disk.IsMounted, "This machine mounts nothing.");
        var small = new Dictionary<string, string?>(coop.Settings("small")) { ["CoopLine:DataDirectory"] = disk.Folder };
        await using var host = await Fixtures.Host.Start(small, coop.Clock);
        await Answers(HttpStatusCode.OK, "storage: Healthy", host);

        disk.Fill();
        await Answers(HttpStatusCode.ServiceUnavailable, "storage: Unhealthy", host);
        disk.Clear();

        await Answers(HttpStatusCode.OK, "storage: Healthy", host);
    }

    private Task IsReady() => Answers(HttpStatusCode.OK, "storage: Healthy", coop.Host);

    private Task IsNotReady() => Answers(HttpStatusCode.ServiceUnavailable, "storage: Unhealthy", coop.Host);

    private async Task Answers(HttpStatusCode status, string storage, Fixtures.Host host)
    {
        var told = "";
        await Eventually.Holds(
            async () =>
            {
                using var answer = await coop.Http.GetAsync(new Uri(host.Address, "/health/ready"));
                told = $"{answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
                return answer.StatusCode == status && told.Contains(storage, StringComparison.Ordinal);
            },
            () => told);
    }

    /// <summary>As another program opens it.</summary>
    private SqliteConnection Sqlite()
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(database.DataDirectory, "coopline.db")};Pooling=False");
        connection.Open();
        return connection;
    }

    private void SetReadOnly(bool on)
    {
        var name = new NpgsqlConnectionStringBuilder(database.Settings["ConnectionStrings:CoopLine"]).Database;
        database.Execute($"ALTER ROLE {Postgres.RuntimeRole} IN DATABASE {name} SET default_transaction_read_only = {(on ? "on" : "off")}");
        database.Execute(
            $"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}' AND usename = '{Postgres.RuntimeRole}'");
    }

    /// <summary>A few megabytes of memory, mounted as a disk.</summary>
    private sealed class SmallDisk : IDisposable
    {
        public SmallDisk() => IsMounted = Run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", Folder);

        public string Folder { get; } = Directory.CreateTempSubdirectory("coopline-disk-").FullName;

        public bool IsMounted { get; }

        private string Filling => Path.Combine(Folder, "filling");

        public void Fill()
        {
            using var file = File.Create(Filling);
            try
            {
                while (true) file.Write(new byte[4096]);
            }
            catch (IOException)
            {
                // Full.
            }
        }

        public void Clear() => File.Delete(Filling);

        public void Dispose()
        {
            if (IsMounted) Run("umount", "-l", Folder);
            Directory.Delete(Folder, recursive: true);
        }

        private static bool Run(string program, params string[] args)
        {
            using var process = Process.Start(program, args);
            process.WaitForExit();
            return process.ExitCode == 0;
        }
    }
}

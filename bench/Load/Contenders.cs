using System.Globalization;

namespace CoopLine.Load;

/// <summary>One measurement.</summary>
/// <param name="ServerCpu">Seconds of the server's process.</param>
/// <param name="WalBytes">Of the whole PostgreSQL.</param>
internal sealed record Measured(
    LoadResult Load, double ServerCpu, double PostgresCpu, double LoadCpu, double WalBytes, double DatabaseBytes);

/// <summary>Something that takes till calls.</summary>
internal abstract class TillContender(string name, int connectionsMost = int.MaxValue)
{
    public string Name => name;

    public int ConnectionsMost => connectionsMost;

    /// <summary>Starts on the same data as every time, and gets warm.</summary>
    public abstract Task Start(TimeSpan warmUp);

    public abstract Task<Measured> Measure(int connections, TimeSpan duration);

    public abstract Task Stop();

    /// <summary>What was answered and what is written must be the same.</summary>
    protected static void Same(string what, long recorded, long answered)
    {
        if (recorded != answered)
            throw new InvalidDataException($"{what}: {answered} calls were answered, and {recorded} are in the ledger.");
    }
}

/// <summary>A contender with a server: CoopLine, or the peer.</summary>
internal sealed class HttpTill(
    string name, string template, long seeds, Func<string, Task<Server>> start, Func<string, Task<long>> recorded) : TillContender(name)
{
    private const string Database = "till";

    private Server? server;
    private long used;
    private long before;

    public override async Task Start(TimeSpan warmUp)
    {
        await Postgres.Create(Database, template);
        before = await recorded(Database);
        used = 0;
        server = await start(Database);
        if (warmUp > TimeSpan.Zero) await Run(16, warmUp);
    }

    public override async Task<Measured> Measure(int connections, TimeSpan duration)
    {
        await Run(connections, TimeSpan.FromSeconds(1));
        return await Costs.Of(server!.ProcessId, Database, () => Run(connections, duration));
    }

    /// <summary>At a fixed rate; the latency counts from when a call was due.</summary>
    public async Task<LoadResult> AtRate(int connections, TimeSpan duration, double perSecond)
    {
        using var load = new HttpLoad(server!.Port, connections);
        var requests = new TillRequests(used, (long)(duration.TotalSeconds * perSecond) + 1);
        return await Checked(load.Run(requests, duration, perSecond), requests);
    }

    public override async Task Stop()
    {
        if (server is not null) await server.DisposeAsync();
        await Postgres.Drop(Database);
    }

    private async Task<LoadResult> Run(int connections, TimeSpan duration)
    {
        using var load = new HttpLoad(server!.Port, connections);
        var requests = new TillRequests(used, Math.Min(seeds - used, (long)(duration.TotalSeconds * 40_000)));
        return await Checked(load.Run(requests, duration), requests);
    }

    private async Task<LoadResult> Checked(LoadResult result, TillRequests requests)
    {
        used = requests.Unused;
        if (used >= seeds) throw new InvalidOperationException("Too few calls were prepared: give more --seeds.");
        Same(Name, await recorded(Database) - before, used);
        return result;
    }
}

/// <summary>The peer's transaction without HTTP, by PostgreSQL's own load generator.</summary>
internal sealed class PgBench(string template, string script) : TillContender("pgbench")
{
    private const string Database = "till";

    private long used;
    private long recorded;

    public override Task Start(TimeSpan warmUp)
    {
        used = recorded = 0;
        return Postgres.Create(Database, template);
    }

    public override async Task<Measured> Measure(int connections, TimeSpan duration)
    {
        await Run(connections, TimeSpan.FromSeconds(3)); // it needs a while to connect
        return await Costs.Of(null, Database, () => Run(connections, duration));
    }

    public override Task Stop() => Postgres.Drop(Database);

    private async Task<LoadResult> Run(int connections, TimeSpan duration)
    {
        var log = Path.Combine(Place.Work, "pgbench");
        Directory.CreateDirectory(log);
        var file = Path.Combine(log, "script.sql");
        await File.WriteAllTextAsync(file, script);
        var said = await Processes.Run(Postgres.Program("pgbench"),
        [
            "-h", "127.0.0.1", "-p", Postgres.Port.ToString(CultureInfo.InvariantCulture), "-U", "postgres", "-n",
            "-M", "prepared", "-c", connections.ToString(CultureInfo.InvariantCulture), "-j", Math.Min(2, connections).ToString(CultureInfo.InvariantCulture),
            "-T", ((int)duration.TotalSeconds).ToString(CultureInfo.InvariantCulture),
            "-D", $"first={used}", "-D", $"clients={connections}", "-D", "n=0",
            "-f", file, "-l", "--log-prefix", Path.Combine(log, "log"), Database,
        ]);
        var latencies = new List<int>();
        foreach (var part in Directory.EnumerateFiles(log, "log.*"))
        {
            foreach (var line in File.ReadLines(part)) latencies.Add(int.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture));
            File.Delete(part);
        }

        latencies.Sort();
        var perSecond = double.Parse(
            said.Split('\n').First(line => line.StartsWith("tps = ", StringComparison.Ordinal)).Split(' ')[2], CultureInfo.InvariantCulture);
        var before = recorded;
        recorded = await Postgres.Ask<long>(Database, "SELECT count(*) FROM ledger");
        Same(Name, recorded - before, latencies.Count);
        // Clients run ahead of each other: the next run begins behind the fastest.
        used = await Postgres.Ask<long>(Database, "SELECT max(right(receipt, 9))::bigint FROM redemption") + 1;
        return new(latencies.Count, latencies.Count / perSecond, [.. latencies]);
    }
}

internal static class Costs
{
    /// <param name="server">The server's process, if there is one.</param>
    /// <param name="database">On PostgreSQL; null for none.</param>
    public static async Task<Measured> Of(int? server, string? database, Func<Task<LoadResult>> run)
    {
        var own = Environment.ProcessId;
        async Task<(double Server, double Postgres, double Load, double Wal, double Bytes)> Now() => (
            server is { } id ? Processes.CpuSeconds(id) : 0,
            Processes.CpuSeconds(Postgres.ProcessId),
            Processes.CpuSeconds(own) - (server is { } child ? Processes.CpuSeconds(child) : 0),
            database is null ? 0 : (double)await Postgres.WalBytes(),
            database is null ? 0 : await Postgres.Bytes(database));

        var before = await Now();
        var load = await run();
        var after = await Now();
        return new(
            load, after.Server - before.Server, after.Postgres - before.Postgres, after.Load - before.Load,
            after.Wal - before.Wal, after.Bytes - before.Bytes);
    }
}

using System.Diagnostics;
using System.Globalization;

namespace CoopLine.Load;

/// <summary>One measurement.</summary>
/// <param name="ServerCpu">Seconds of the server's process.</param>
/// <param name="WalBytes">Of the whole PostgreSQL.</param>
internal sealed record Measured(
    LoadResult Load, double ServerCpu, double PostgresCpu, double LoadCpu, double WalBytes, double DatabaseBytes);

/// <summary>Something that does the job.</summary>
internal abstract class Contender(string name)
{
    public string Name => name;

    /// <summary>Starts on the same data as every time, and gets warm.</summary>
    /// <param name="warmUpCalls">At least so many, or a minute long.</param>
    public abstract Task Start(long warmUpCalls);

    public abstract Task<Measured> Measure(int connections, TimeSpan duration);

    public abstract Task Stop();

    /// <summary>What was answered and what is written must be the same.</summary>
    protected void Same(long recorded, long answered)
    {
        if (recorded != answered)
            throw new InvalidDataException($"{Name}: {answered} calls were answered, and {recorded} are recorded.");
    }
}

/// <summary>What a server writes to.</summary>
internal abstract class Store
{
    /// <summary>PostgreSQL's database, if it is one.</summary>
    public abstract string? Database { get; }

    /// <summary>Whether it is the same at every start; else the calls of earlier rounds are in it.</summary>
    public virtual bool IsFresh => true;

    public abstract Task Open();

    public abstract Task Close();

    /// <summary>How many calls have been recorded for ever.</summary>
    public abstract Task<long> Recorded();
}

/// <param name="template">What the database starts from.</param>
/// <param name="question">SQL for <see cref="Recorded"/>.</param>
/// <param name="copied">Else the template itself is used, and goes on being used in the next round.</param>
internal sealed class PostgresStore(string template, string question = PostgresStore.LedgerRows, bool copied = true) : Store
{
    public const string LedgerRows = "SELECT count(*) FROM ledger";

    public override string Database => copied ? "contender" : template;

    public override bool IsFresh => copied;

    public override async Task Open()
    {
        if (copied) await Postgres.Create(Database, template);
        await Postgres.Settle();
    }

    public override Task Close() => copied ? Postgres.Drop(Database) : Task.CompletedTask;

    public override Task<long> Recorded() => Postgres.Ask<long>(Database, question);
}

/// <summary>A contender with a server of its own: CoopLine, or a peer.</summary>
/// <param name="requests">So many, from that number on.</param>
/// <param name="seeds">How many calls were prepared.</param>
internal sealed class HttpContender(
    string name, Store store, long seeds, Func<long, long, Requests> requests, Func<Task<Server>> start) : Contender(name)
{
    private static readonly TimeSpan WarmUpMost = TimeSpan.FromMinutes(1);

    private Server? server;
    private long first;
    private long used;
    private long before;

    /// <summary>What is sent from now on.</summary>
    public Func<long, long, Requests> Requests { get; set; } = requests;

    public override async Task Start(long warmUpCalls)
    {
        await store.Open();
        before = await store.Recorded();
        if (store.IsFresh) used = 0;
        first = used;
        server = await start();
        // Slowly: nobody opens a till with a crowd before a cold process.
        await Run(1, TimeSpan.FromSeconds(3), warmUpCalls / 4);
        await Run(8, TimeSpan.FromSeconds(5), warmUpCalls / 4);
        await Run(64, WarmUpMost, Math.Min(warmUpCalls, seeds / 4));
    }

    public override async Task<Measured> Measure(int connections, TimeSpan duration)
    {
        await Run(connections, TimeSpan.FromSeconds(1));
        return await Costs.Of(server!.ProcessId, store.Database, () => Run(connections, duration));
    }

    /// <summary>At a fixed rate; the latency counts from when a call was due.</summary>
    public async Task<LoadResult> AtRate(int connections, TimeSpan duration, double perSecond)
    {
        using var load = new HttpLoad(server!.Port, connections);
        var calls = Prepare((long)(duration.TotalSeconds * perSecond) + 1);
        return await Checked(load.Run(calls, duration, perSecond), calls);
    }

    public override async Task Stop()
    {
        if (server is not null) await server.DisposeAsync();
        server = null;
        await store.Close();
    }

    private async Task<LoadResult> Run(int connections, TimeSpan duration, long most = long.MaxValue)
    {
        using var load = new HttpLoad(server!.Port, connections);
        var calls = Prepare(Math.Min(most, (long)(duration.TotalSeconds * 40_000)));
        return await Checked(load.Run(calls, duration), calls);
    }

    private Requests Prepare(long count)
    {
        if (used >= seeds) throw new InvalidOperationException($"All {seeds} calls that were prepared are used up: give more --seeds.");
        return Requests(used, Math.Min(seeds - used, count));
    }

    private async Task<LoadResult> Checked(LoadResult result, Requests calls)
    {
        used = calls.Unused;
        Same(await store.Recorded() - before, used - first);
        return result;
    }
}

/// <summary>The peer's transaction without HTTP, by PostgreSQL's own load generator.</summary>
internal sealed class PgBench(string template, string script) : Contender("pgbench")
{
    private const string Database = "contender";

    private long used;
    private long recorded;

    public override async Task Start(long warmUpCalls)
    {
        used = recorded = 0;
        await Postgres.Create(Database, template);
        await Postgres.Settle();
    }

    public override async Task<Measured> Measure(int connections, TimeSpan duration)
    {
        // Each run has new connections, whose first transactions are dear. How long until all are past theirs?
        var began = Stopwatch.GetTimestamp();
        await Run(connections, "-t", "5");
        var warmUp = Stopwatch.GetElapsedTime(began) * 1.5;

        var run = Run(connections, "-T", Number((long)Math.Ceiling((warmUp + duration).TotalSeconds) + 1));
        await Task.Delay(warmUp);
        DateTimeOffset from = default, to = default;
        var costs = await Costs.Of(null, Database, async () =>
        {
            from = TimeProvider.System.GetUtcNow();
            await Task.Delay(duration);
            to = TimeProvider.System.GetUtcNow();
            return new(0, 0, []);
        });
        int[] latencies = [.. (await run).Where(one => from <= one.At && one.At < to).Select(one => one.Microseconds).Order()];
        return costs with { Load = new(latencies.Length, (to - from).TotalSeconds, latencies) };
    }

    public override Task Stop() => Postgres.Drop(Database);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    /// <returns>When each transaction was done, and how long it took.</returns>
    private async Task<List<(DateTimeOffset At, int Microseconds)>> Run(int connections, params string[] until)
    {
        var log = Path.Combine(Place.Work, "pgbench");
        Directory.CreateDirectory(log);
        var file = Path.Combine(log, "script.sql");
        await File.WriteAllTextAsync(file, script);
        await Processes.Run(Postgres.Program("pgbench"),
        [
            "-h", "127.0.0.1", "-p", Number(Postgres.Port), "-U", "postgres", "-n", "-M", "prepared",
            "-c", Number(connections), "-j", Number(Math.Min(2, connections)), .. until,
            "-D", $"first={used}", "-D", $"clients={connections}", "-D", "n=0",
            "-f", file, "-l", "--log-prefix", Path.Combine(log, "log"), Database,
        ]);
        var transactions = new List<(DateTimeOffset, int)>();
        foreach (var part in Directory.EnumerateFiles(log, "log.*"))
        {
            foreach (var line in File.ReadLines(part))
            {
                // client, number, microseconds, script, and the second and microsecond of its end
                var fields = line.Split(' ').Select(field => long.Parse(field, CultureInfo.InvariantCulture)).ToArray();
                transactions.Add((DateTimeOffset.FromUnixTimeSeconds(fields[4]).AddMicroseconds(fields[5]), (int)fields[2]));
            }

            File.Delete(part);
        }

        var before = recorded;
        recorded = await Postgres.Ask<long>(Database, PostgresStore.LedgerRows);
        Same(recorded - before, transactions.Count);
        // Clients run ahead of each other: the next run begins behind the fastest.
        used = await Postgres.Ask<long>(Database, "SELECT max(right(receipt, 9))::bigint FROM redemption") + 1;
        return transactions;
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

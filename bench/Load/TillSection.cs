using System.Globalization;

namespace CoopLine.Load;

/// <summary>The till call through everything, against the same job written by hand and against its bare transaction.</summary>
internal static class TillSection
{
    private const string CoopLineTemplate = "seed_coopline";
    private const string PeerTemplate = "seed_peer";
    private const int PeerPool = 32;
    private const string PeerVariant = "function";

    private static readonly int[] Usual = [1, 16, 64, 256];

    public static async Task Run(Options options, Results results)
    {
        var all = All(options).Where(one => options.Wants(one.Name)).ToArray();
        Console.WriteLine($"Preparing {options.Seeds} calls …");
        if (all.Any(one => one.Name is "coopline" or "plain")) await Seeds.CoopLine(CoopLineTemplate, options.Seeds);
        if (all.Any(one => one.Name is not ("coopline" or "plain"))) await Seeds.Peer(PeerTemplate, options.Seeds);

        var levels = options.Connections ?? Usual;
        for (var round = 1; round <= options.Rounds; round++)
            foreach (var contender in all)
                await Measure(contender, levels, round, options, results);
        Report(all, levels, results);
    }

    public static TillContender[] All(Options options) =>
    [
        CoopLine("coopline", CoopLineTemplate, options, groupCommit: true),
        CoopLine("plain", CoopLineTemplate, options, groupCommit: false),
        new HttpTill(
            "peer", PeerTemplate, options.Seeds,
            database => Server.Peer(
                database,
                int.Parse(options.Settings.GetValueOrDefault("Peer:Pool") ?? $"{PeerPool}", CultureInfo.InvariantCulture),
                options.Settings.GetValueOrDefault("Peer:Variant") ?? PeerVariant),
            database => Postgres.Ask<long>(database, "SELECT count(*) FROM ledger")),
        new PgBench(PeerTemplate, PgBenchScript.Of(options.Settings.GetValueOrDefault("Peer:Variant") ?? PeerVariant)),
    ];

    public static HttpTill CoopLine(string name, string template, Options options, bool groupCommit) => new(
        name, template, options.Seeds,
        database => Server.CoopLine(database, new Dictionary<string, string>(options.Settings)
        {
            ["CoopLine:Storage:GroupCommit"] = groupCommit ? "true" : "false",
        }),
        database => Postgres.Ask<long>(database, "SELECT count(*) FROM ledger"));

    private static async Task Measure(TillContender contender, int[] levels, int round, Options options, Results results)
    {
        try
        {
            await contender.Start(options.Quick ? TimeSpan.FromSeconds(2) : TimeSpan.FromSeconds(10));
            foreach (var connections in levels)
            {
                var measured = await contender.Measure(connections, options.Duration);
                Add(results, contender.Name, $"{connections}", measured);
                Print(round, contender.Name, connections, measured);
            }
        }
        finally
        {
            await contender.Stop();
        }
    }

    public static void Add(Results results, string contender, string setting, Measured measured)
    {
        var calls = (double)measured.Load.Answered;
        results.Add(contender, setting, "calls/s", measured.Load.PerSecond);
        results.Add(contender, setting, "p50 ms", measured.Load.Milliseconds(0.50));
        results.Add(contender, setting, "p99 ms", measured.Load.Milliseconds(0.99));
        results.Add(contender, setting, "server µs/call", measured.ServerCpu / calls * 1e6);
        results.Add(contender, setting, "database µs/call", measured.PostgresCpu / calls * 1e6);
        results.Add(contender, setting, "load µs/call", measured.LoadCpu / calls * 1e6);
        results.Add(contender, setting, "WAL bytes/call", measured.WalBytes / calls);
        results.Add(contender, setting, "table bytes/call", measured.DatabaseBytes / calls);
    }

    public static void Print(int round, string contender, int connections, Measured measured)
    {
        var calls = (double)measured.Load.Answered;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"round {round}  {contender,-9} {connections,4} connections  {measured.Load.PerSecond,8:F0}/s  "
            + $"p50 {measured.Load.Milliseconds(0.5),7:F2} ms  p99 {measured.Load.Milliseconds(0.99),7:F2} ms  "
            + $"CPU µs/call: server {measured.ServerCpu / calls * 1e6,5:F0}, PostgreSQL {measured.PostgresCpu / calls * 1e6,5:F0}, "
            + $"load {measured.LoadCpu / calls * 1e6,4:F0}  bytes/call: WAL {measured.WalBytes / calls,6:F0}, tables {measured.DatabaseBytes / calls,6:F0}"));
    }

    private static void Report(TillContender[] all, int[] levels, Results results)
    {
        results.Table(
            ["contender", "connections", "calls/s", "spread", "p50 ms", "p99 ms", "server µs/call", "PostgreSQL µs/call", "load µs/call", "WAL bytes/call", "table bytes/call"],
            from connections in levels
            from contender in all
            let at = $"{connections}"
            select new object?[]
            {
                contender.Name, connections, results.Median(contender.Name, at, "calls/s"),
                results.Spread(contender.Name, at, "calls/s"),
                results.Median(contender.Name, at, "p50 ms"), results.Median(contender.Name, at, "p99 ms"),
                results.Median(contender.Name, at, "server µs/call"), results.Median(contender.Name, at, "database µs/call"),
                results.Median(contender.Name, at, "load µs/call"), results.Median(contender.Name, at, "WAL bytes/call"),
                results.Median(contender.Name, at, "table bytes/call"),
            });
        results.AtLeast("till call at 256 connections, against the hand-written service", Ratio(results, "peer", "256"), 2.0);
        results.AtLeast("till call at 256 connections, against pgbench", Ratio(results, "pgbench", "256"), 1.2);
        results.AtLeast("till call at 16 connections, against the hand-written service", Ratio(results, "peer", "16"), 1.0);
    }

    private static double? Ratio(Results results, string other, string connections) =>
        results.Median("coopline", connections, "calls/s") / results.Median(other, connections, "calls/s");
}

using System.Globalization;

namespace CoopLine.Load;

/// <summary>The till call through everything, against the same job written by hand and against its bare transaction.</summary>
internal static class TillSection
{
    public const string Title = "Till call";

    private const string CoopLineTemplate = "seed_coopline";
    private const string PeerTemplate = "seed_peer";

    /// <summary>Orleans' own storage provider.</summary>
    public static readonly (string, string) Plain = ("CoopLine:Storage:GroupCommit", "false");

    private static readonly int[] Usual = [1, 16, 64, 256];

    public static async Task Run(Options options, Results results)
    {
        var pool = int.Parse(options.Settings.GetValueOrDefault("Peer:Pool") ?? "32", CultureInfo.InvariantCulture);
        var variant = options.Settings.GetValueOrDefault("Peer:Variant") ?? "one";
        var seeds = options.Seeds ?? (options.Quick ? 100_000 : 400_000);
        var store = new PostgresStore(PeerTemplate);
        Contender[] all =
        [
            CoopLine("coopline", new PostgresStore(CoopLineTemplate), seeds, options),
            CoopLine("plain", new PostgresStore(CoopLineTemplate), seeds, options, Plain),
            new HttpContender("peer", store, seeds, Requests, () => Server.Peer(store.Database, pool, variant)),
            new PgBench(PeerTemplate, PgBenchScript.Of(variant)),
        ];
        Contender[] wanted = [.. all.Where(one => options.Wants(one.Name))];

        Console.WriteLine($"Preparing {seeds} calls …");
        if (wanted.Any(one => one.Name is "coopline" or "plain")) await Seeds.CoopLine(CoopLineTemplate, seeds);
        if (wanted.Any(one => one.Name is "peer" or "pgbench")) await Seeds.Peer(PeerTemplate, seeds);

        await Rounds.Run(wanted, options.Connections ?? Usual, options, results);
        results.AtLeast("Till call, 256 connections: times the hand-written service", Rounds.Ratio(results, "coopline", "peer", 256), 2.0);
        results.AtLeast("Till call, 256 connections: times pgbench", Rounds.Ratio(results, "coopline", "pgbench", 256), 1.2);
        results.AtLeast("Till call, 16 connections: times the hand-written service", Rounds.Ratio(results, "coopline", "peer", 16), 1.0);

        if (Rounds.Median(results, "coopline", 256) is { } peak)
            await AtHalfOfPeak((HttpContender)all[0], peak / 2, options, results);
        await Postgres.Drop(CoopLineTemplate);
        await Postgres.Drop(PeerTemplate);
    }

    /// <summary>No trace is recorded, as the peers record none.</summary>
    /// <param name="settings">Of the server; those of the command line win.</param>
    public static HttpContender CoopLine(
        string name, Store store, long seeds, Options options, params (string Name, string Value)[] settings) =>
        new(name, store, seeds, Requests, () =>
        {
            var all = new Dictionary<string, string> { ["CoopLine:Telemetry:TraceRatio"] = "0" };
            foreach (var (setting, value) in settings) all[setting] = value;
            foreach (var (setting, value) in options.Settings) all[setting] = value;
            return Server.CoopLine(store.Database, all);
        });

    private static TillRequests Requests(long first, long count) => new(first, count);

    private static async Task AtHalfOfPeak(HttpContender coopLine, double perSecond, Options options, Results results)
    {
        const string setting = "half";
        for (var round = 1; round <= options.Rounds; round++)
        {
            try
            {
                await coopLine.Start(options.WarmUpCalls);
                var (fsync50, fsync99) = Machine.FsyncMilliseconds();
                results.Add("disk", setting, "p50 ms", fsync50);
                results.Add("disk", setting, "p99 ms", fsync99);
                var load = await coopLine.AtRate(256, options.Duration, perSecond);
                results.Add(coopLine.Name, setting, "p50 ms", load.Milliseconds(0.50));
                results.Add(coopLine.Name, setting, "p99 ms", load.Milliseconds(0.99));
            }
            finally
            {
                await coopLine.Stop();
            }
        }

        double Median(string contender, string metric) => results.Median(contender, setting, metric)!.Value;
        var (p50, p99) = (Median(coopLine.Name, "p50 ms"), Median(coopLine.Name, "p99 ms"));
        var fsync = Median("disk", "p50 ms");
        results.Write(
            $"""
            At half of the peak, {Results.Format(perSecond)} calls/s at a fixed rate, latency from when a call was due: p50
            {Results.Format(p50)} ms, p99 {Results.Format(p99)} ms. Just before, a page and its fdatasync took the disk
            {Results.Format(fsync)} ms (p99: {Results.Format(Median("disk", "p99 ms"))} ms).

            """);
        results.AtMost("Till call, p99 at half of the peak: times the disk's fsync", p99 / fsync, 10);
    }
}

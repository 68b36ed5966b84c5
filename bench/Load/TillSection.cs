namespace CoopLine.Load;

/// <summary>The till call through everything, against the same job written by hand.</summary>
internal static class TillSection
{
    public const string Title = "Till call";

    private const string CoopLineTemplate = "seed_coopline";
    private const string PeerTemplate = "seed_peer";

    /// <summary>Orleans' own storage provider.</summary>
    public static readonly (string, string) Plain = ("CoopLine:Storage:GroupCommit", "false");

    private static readonly Level Crowd = new(256);
    private static readonly Level Few = new(16);

    public static async Task Run(Options options, Results results)
    {
        if (options.Limits)
        {
            await RunLimits(options, results);
            return;
        }

        var seeds = options.Seeds ?? (options.Quick ? 80_000 : 600_000);
        Console.WriteLine($"Preparing 2 × {seeds} calls …");
        await Seeds.CoopLine(CoopLineTemplate, 2 * seeds, phones: seeds);
        await Seeds.Peer(PeerTemplate, seeds);

        var coopLine = CoopLine("coopline", new PostgresStore("coopline", CoopLineTemplate), options);
        Side[] sides =
        [
            new("peer", Peer(new PostgresStore("peer", PeerTemplate), options), new SeededCalls(0, seeds, Seeded)),
            new("coopline", coopLine, new IssuedCalls(0, seeds)),
            new("cold", coopLine, new SeededCalls(seeds, 2 * seeds, Seeded)),
        ];
        await new Turns(sides, options, results).Run(options.Levels(Crowd, Few, Level.AtRate(500), Level.AtRate(1500)), ("coopline", "peer"), ("cold", "peer"));
        results.AtLeast("Till call, 256 connections: times the hand-written service", Times(Crowd), 2.0);
        results.AtLeast("Till call, 16 connections: times the hand-written service", Times(Few), 1.0);
        await Postgres.Drop(CoopLineTemplate);
        await Postgres.Drop(PeerTemplate);

        double? Times(Level level) => results.Median(Turns.Pair("coopline", "peer"), $"{level}", Turns.Speed);
    }

    /// <summary>One campaign that all calls are on: limited in all, in each store and on each day, and not limited.</summary>
    private static async Task RunLimits(Options options, Results results)
    {
        const string Limited = "seed_limited";
        Sale.Campaigns = 1;
        var seeds = options.Seeds ?? (options.Quick ? 80_000 : 600_000);
        Console.WriteLine($"Preparing 2 × {seeds} calls …");
        await Seeds.CoopLine(CoopLineTemplate, seeds, phones: seeds);
        await Seeds.CoopLine(Limited, seeds, phones: seeds, limits: true);
        Side[] sides =
        [
            new("free", CoopLine("free", new PostgresStore("free", CoopLineTemplate), options), new IssuedCalls(0, seeds)),
            new("limited", CoopLine("limited", new PostgresStore("limited", Limited), options), new IssuedCalls(0, seeds)),
        ];
        await new Turns(sides, options, results).Run(options.Levels(Crowd, Few), ("limited", "free"));
        results.AtLeast(
            "Till call on one campaign with all limits, 256 connections: times the same without",
            results.Median(Turns.Pair("limited", "free"), $"{Crowd}", Turns.Speed), 0.8);
        await Postgres.Drop(CoopLineTemplate);
        await Postgres.Drop(Limited);
    }

    /// <summary>No trace is recorded, as the peers record none.</summary>
    /// <param name="settings">Of the server; those of the command line win.</param>
    public static Contender CoopLine(string name, Store store, Options options, params (string Name, string Value)[] settings) =>
        CoopLine(name, store, options, processes: 1, settings);

    /// <param name="processes">Of one cluster.</param>
    public static Contender CoopLine(
        string name, Store store, Options options, int processes, params (string Name, string Value)[] settings) =>
        new(
            name, store, () => Server.CoopLine(store.Database, options.Over([("CoopLine:Telemetry:TraceRatio", "0"), .. settings])),
            processes);

    public static Requests Seeded(long first, long count) => TillRequests.Seeded(first, count);

    private static Contender Peer(PostgresStore store, Options options) => new(
        "peer", store,
        () => Server.Peer(store.Database, options.Setting("Peer:Pool", "32"), options.Setting("Peer:Variant", "one")));
}

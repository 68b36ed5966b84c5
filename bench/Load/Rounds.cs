namespace CoopLine.Load;

/// <summary>Every round takes every contender, so that a slow minute of the machine hits them all.</summary>
internal static class Rounds
{
    /// <summary>Calls a second, times those of the first kind in the same turn.</summary>
    public const string TimesFirst = "times first";

    private const string Speed = "calls/s";
    private const string ServerTimesFirst = "server times first";

    private static readonly string[] Metrics =
        [Speed, "p50 ms", "p99 ms", "server µs/call", "PostgreSQL µs/call", "load µs/call", "WAL bytes/call", "table bytes/call"];

    public static async Task Run(IReadOnlyCollection<Contender> contenders, int[] levels, Options options, Results results)
    {
        for (var round = 1; round <= options.Rounds; round++)
        {
            foreach (var contender in contenders)
            {
                try
                {
                    await contender.Start(options.WarmUpCalls);
                    foreach (var connections in levels)
                        Add(results, round, contender.Name, connections, await contender.Measure(connections, options.Duration));
                }
                finally
                {
                    await contender.Stop();
                }
            }
        }

        Table([.. contenders.Select(one => one.Name)], levels, results);
    }

    /// <summary>
    /// For differences smaller than the machine's from one minute to the next: one process, which is sent one kind of calls and then
    /// another in many short turns; each kind is compared with the first in the same turn.
    /// </summary>
    public static async Task InTurns(
        HttpContender contender, (string Name, Func<long, long, Requests> Calls)[] kinds, int connections, int turns, TimeSpan turn,
        Options options, Results results)
    {
        var at = $"{connections}";
        for (var round = 1; round <= options.Rounds; round++)
        {
            try
            {
                await contender.Start(options.WarmUpCalls);
                for (var i = 0; i < turns; i++)
                {
                    var measured = new Measured[kinds.Length];
                    // What one leaves undone falls on the next: everybody comes first as often.
                    for (var k = i; k < i + kinds.Length; k++)
                    {
                        var (name, calls) = kinds[k % kinds.Length];
                        contender.Requests = calls;
                        measured[k % kinds.Length] = await contender.Measure(connections, turn);
                        Add(results, round, name, connections, measured[k % kinds.Length]);
                    }

                    foreach (var ((name, _), one) in kinds.Zip(measured))
                    {
                        results.Add(name, at, TimesFirst, one.Load.PerSecond / measured[0].Load.PerSecond);
                        results.Add(name, at, ServerTimesFirst, ServerCpu(one) / ServerCpu(measured[0]));
                    }
                }
            }
            finally
            {
                await contender.Stop();
            }
        }

        Table([.. kinds.Select(kind => kind.Name)], [connections], results);
        var first = kinds[0].Name;
        results.Table(
            ["contender", "turns", $"calls/s, times {first}", "95 % sure", $"server µs/call, times {first}", "95 % sure"],
            from name in kinds.Skip(1).Select(kind => kind.Name)
            select (object?[])
            [
                name, turns * options.Rounds, results.Median(name, at, TimesFirst), results.Sure(name, at, TimesFirst),
                results.Median(name, at, ServerTimesFirst), results.Sure(name, at, ServerTimesFirst),
            ]);

        static double ServerCpu(Measured measured) => measured.ServerCpu / measured.Load.Answered;
    }

    public static double? Ratio(Results results, string one, string other, int connections) =>
        Median(results, one, connections) / Median(results, other, connections);

    public static double? Median(Results results, string contender, int connections) =>
        results.Median(contender, $"{connections}", Speed);

    private static void Add(Results results, int round, string contender, int connections, Measured measured)
    {
        var calls = (double)measured.Load.Answered;
        double[] values =
        [
            measured.Load.PerSecond, measured.Load.Milliseconds(0.50), measured.Load.Milliseconds(0.99),
            measured.ServerCpu / calls * 1e6, measured.PostgresCpu / calls * 1e6, measured.LoadCpu / calls * 1e6,
            measured.WalBytes / calls, measured.DatabaseBytes / calls,
        ];
        foreach (var (metric, value) in Metrics.Zip(values)) results.Add(contender, $"{connections}", metric, value);
        var said = Metrics.Zip(values, (metric, value) => $"{Results.Format(value)} {metric}");
        Console.WriteLine($"round {round}  {contender,-10} {connections,4} connections: {string.Join(", ", said)}");
    }

    private static void Table(string[] contenders, int[] levels, Results results) => results.Table(
        ["contender", "connections", Speed, "lowest–highest", .. Metrics[1..]],
        from connections in levels
        from contender in contenders
        let at = $"{connections}"
        select (object?[])
        [
            contender, connections, results.Median(contender, at, Speed), results.Spread(contender, at, Speed),
            .. Metrics[1..].Select(metric => (object?)results.Median(contender, at, metric)),
        ]);
}

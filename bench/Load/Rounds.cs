namespace CoopLine.Load;

/// <summary>Every round takes every contender, so that a slow minute of the machine hits them all.</summary>
internal static class Rounds
{
    private const string Speed = "calls/s";

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

        Table(contenders, levels, results);
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

    private static void Table(IReadOnlyCollection<Contender> contenders, int[] levels, Results results) => results.Table(
        ["contender", "connections", Speed, "lowest–highest", .. Metrics[1..]],
        from connections in levels
        from contender in contenders
        let at = $"{connections}"
        select (object?[])
        [
            contender.Name, connections, results.Median(contender.Name, at, Speed), results.Spread(contender.Name, at, Speed),
            .. Metrics[1..].Select(metric => (object?)results.Median(contender.Name, at, metric)),
        ]);
}

namespace CoopLine.Load;

/// <summary>Every round takes every contender, each started anew, so that a slow minute of the machine hits them all.</summary>
internal static class Rounds
{
    /// <summary>Calls a second, times those of the first contender in the same turn.</summary>
    public const string TimesFirst = "times first";

    private const string Speed = "calls/s";
    private const string TimesFirstCpu = "CPU times first";

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

    /// <summary>
    /// For differences smaller than the machine's from one minute to the next: in a round all contenders are up at once and take
    /// many short turns; each is compared with the first in the same turn.
    /// </summary>
    public static async Task SideBySide(
        IReadOnlyList<Contender> contenders, int connections, int turns, Options options, Results results)
    {
        for (var round = 1; round <= options.Rounds; round++)
        {
            try
            {
                foreach (var contender in contenders) await contender.Start(options.WarmUpCalls);
                for (var turn = 0; turn < turns; turn++)
                {
                    var measured = new Dictionary<Contender, Measured>();
                    // Who begins has whatever the one before him in the last turn left to do; so everybody begins as often.
                    foreach (var contender in contenders.Skip(turn % contenders.Count).Concat(contenders.Take(turn % contenders.Count)))
                    {
                        measured[contender] = await contender.Measure(connections, options.Duration);
                        Add(results, round, contender.Name, connections, measured[contender]);
                    }

                    foreach (var contender in contenders)
                    {
                        results.Add(contender.Name, $"{connections}", TimesFirst, measured[contender].Load.PerSecond / measured[contenders[0]].Load.PerSecond);
                        results.Add(contender.Name, $"{connections}", TimesFirstCpu, Cpu(measured[contender]) / Cpu(measured[contenders[0]]));
                    }
                }
            }
            finally
            {
                foreach (var contender in contenders) await contender.Stop();
            }
        }

        Table(contenders, [connections], results);
        results.Table(
            ["contender", "turns", "calls/s, times " + contenders[0].Name, "95 % sure", "CPU/call, times " + contenders[0].Name, "95 % sure"],
            from contender in contenders.Skip(1)
            let at = $"{connections}"
            select (object?[])
            [
                contender.Name, turns * options.Rounds,
                results.Median(contender.Name, at, TimesFirst), results.Sure(contender.Name, at, TimesFirst),
                results.Median(contender.Name, at, TimesFirstCpu), results.Sure(contender.Name, at, TimesFirstCpu),
            ]);

        // Of server, database and load together: with busy processors, this is what limits the calls.
        static double Cpu(Measured measured) =>
            (measured.ServerCpu + measured.PostgresCpu + measured.LoadCpu) / measured.Load.Answered;
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

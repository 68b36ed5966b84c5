using System.Diagnostics;
using System.Globalization;

namespace CoopLine.Load;

/// <summary>One of those that are compared: whom the calls are sent to, and which. Two sides may share a contender.</summary>
/// <param name="Beside">What else the contender is given to do; the turn lasts until that is done.</param>
internal sealed record Side(string Name, Contender Contender, Calls Calls, Func<int, Task>? Beside = null);

/// <summary>How hard the calls come.</summary>
/// <param name="PerSecond">
/// Null: each connection sends when it has its answer. Else so many a second, whatever the answers do; latency counts from when a
/// call was due.
/// </param>
internal sealed record Level(int Connections, int? PerSecond = null)
{
    public override string ToString() => PerSecond is { } rate
        ? string.Create(CultureInfo.InvariantCulture, $"{rate:N0}/s")
        : $"{Connections}";

    /// <param name="text">Connections, or calls a second: <c>500/s</c>.</param>
    public static Level Parse(string text) => text.EndsWith("/s", StringComparison.Ordinal)
        ? AtRate(int.Parse(text[..^2], CultureInfo.InvariantCulture))
        : new(int.Parse(text, CultureInfo.InvariantCulture));

    /// <summary>With as many connections as are needed.</summary>
    public static Level AtRate(int perSecond) => new(256, perSecond);
}

/// <summary>
/// All sides run at the same time and get load in short turns: A B B A. What the machine does from one minute to the next hits all
/// of them, and each turn is compared with the one beside it.
/// </summary>
internal sealed class Turns(IEnumerable<Side> all, Options options, Results results)
{
    public const string Speed = "calls/s";
    public const string P99 = "p99 ms";
    public const string PostgresCpu = "PostgreSQL µs/call";

    private const string ServerCpu = "server µs/call";
    private const string Wal = "WAL bytes/call";

    private static readonly string[] Metrics =
        [Speed, "p50 ms", P99, ServerCpu, PostgresCpu, "load µs/call", Wal, "table bytes/call", "idle %", "foreign %"];

    private static readonly string[] Compared = [Speed, ServerCpu, PostgresCpu, Wal, P99];

    /// <summary>What one leaves undone must not fall on the next: so long the calls are sent and not measured.</summary>
    private static readonly TimeSpan RunIn = TimeSpan.FromSeconds(0.5);

    /// <summary>As many are looked at while a contender does something else beside.</summary>
    private const int BesideTurns = 10;

    private static readonly TimeSpan WarmUpMost = TimeSpan.FromMinutes(1);

    private readonly Side[] sides = [.. all.Where(side => options.Wants(side.Name))];
    private readonly Contender[] contenders =
        [.. all.Where(side => options.Wants(side.Name)).Select(side => side.Contender).Distinct()];

    /// <summary>Calls a second, so that enough are prepared.</summary>
    private readonly Dictionary<(Side, Level), double> fastest = [];

    private int dropped;

    /// <param name="levels">One after the other, in each round.</param>
    /// <param name="compared">Names of sides: what is the first's, divided by the second's?</param>
    public async Task Run(IReadOnlyList<Level> levels, params (string One, string Other)[] compared)
    {
        for (var round = 1; round <= options.Rounds; round++)
        {
            try
            {
                foreach (var contender in contenders) await contender.Start();
                foreach (var side in sides) await WarmUp(side);
                foreach (var level in levels) await Take(round, level, compared);
            }
            finally
            {
                foreach (var contender in contenders) await contender.Stop();
            }
        }

        Tell(levels, compared);
    }

    public static string Pair(string one, string other) => $"{one} / {other}";

    /// <summary>Slowly: nobody opens a till with a crowd before a cold process.</summary>
    private async Task WarmUp(Side side)
    {
        side.Calls.Restart(side.Contender.IsFresh);
        await Send(1, TimeSpan.FromSeconds(3), options.WarmUpCalls / 4);
        await Send(8, TimeSpan.FromSeconds(5), options.WarmUpCalls / 4);
        await Send(64, WarmUpMost, options.WarmUpCalls);

        async Task Send(int connections, TimeSpan most, long count)
        {
            var calls = side.Calls.Prepare(side.Contender, count);
            using var load = new HttpLoad(side.Contender.Ports, connections);
            var sent = load.Run(calls, most);
            await side.Contender.Check(sent.Answered);
            fastest[(side, new(connections))] = sent.PerSecond;
        }
    }

    private async Task Take(int round, Level level, (string One, string Other)[] compared)
    {
        var good = 0;
        for (var i = 0; good < options.Turns && i < 2 * options.Turns; i++)
        {
            var calls = sides.ToDictionary(side => side, side => Prepare(side, level)); // before all, since it may take a while
            var turns = new Dictionary<string, Turn>();
            foreach (var side in i % 2 == 0 ? sides : sides.AsEnumerable().Reverse())
            {
                turns[side.Name] = await Measure(side, level, calls[side]);
                var said = Metrics.Zip(Values(turns[side.Name]), (metric, value) => $"{Results.Format(value)} {metric}");
                Console.WriteLine($"round {round}  {side.Name,-14} {level,7}: {string.Join(", ", said)}");
            }

            if (turns.Values.Any(turn => turn.RanOut))
            {
                Console.WriteLine("  These do not count: faster than expected, too few calls were prepared.");
                continue;
            }

            if (turns.Values.Any(turn => Math.Max(turn.IdlePercent, turn.ForeignPercent) > options.ForeignMost))
            {
                dropped++;
                Console.WriteLine("  These do not count: something else was running.");
                continue;
            }

            good++;
            foreach (var (name, turn) in turns) Add(name, level, Values(turn));
            foreach (var (one, other) in compared)
            {
                if (turns.TryGetValue(one, out var a) && turns.TryGetValue(other, out var b))
                    Add(Pair(one, other), level, Values(a).Zip(Values(b), (x, y) => x / y));
            }
        }
    }

    private Requests Prepare(Side side, Level level)
    {
        var speed = level.PerSecond ?? 2 * fastest.GetValueOrDefault((side, level), fastest[(side, new(64))]);
        var time = RunIn + (options.Turn * (side.Beside is null ? 1 : BesideTurns));
        return side.Calls.Prepare(side.Contender, (long)(time.TotalSeconds * speed) + 2);
    }

    private async Task<Turn> Measure(Side side, Level level, Requests calls)
    {
        var contender = side.Contender;
        using var load = new HttpLoad(contender.Ports, level.Connections);

        var ahead = Send(RunIn);
        var (wal, bytes) = await Written(contender.Database);
        var (before, start) = (Cpu.Now(contender, contenders), Stopwatch.GetTimestamp());
        var beside = side.Beside?.Invoke(contender.Ports[0]);
        var sent = Send(options.Turn);
        for (var i = 1; i < BesideTurns && beside is { IsCompleted: false }; i++) sent = sent.And(Send(options.Turn));
        if (beside is not null) await beside;
        var (cpu, took) = (Cpu.Now(contender, contenders) - before, Stopwatch.GetElapsedTime(start));
        var (walAfter, bytesAfter) = await Written(contender.Database);
        await contender.Check(ahead.Answered + sent.Answered);
        fastest[(side, level)] = Math.Max(sent.PerSecond, fastest.GetValueOrDefault((side, level)));
        return new(sent, took, cpu, walAfter - wal, bytesAfter - bytes, RanOut: level.PerSecond is null && calls.IsEmpty);

        LoadResult Send(TimeSpan duration) =>
            level.PerSecond is { } rate ? load.Run(calls, duration, rate) : load.Run(calls, duration);
    }

    private static async Task<(double Wal, double Bytes)> Written(string? database) => database is null
        ? default
        : ((double)await Postgres.WalBytes(), await Postgres.Bytes(database));

    private static double[] Values(Turn turn)
    {
        var calls = (double)turn.Load.Answered;
        return
        [
            turn.Load.PerSecond, turn.Load.Milliseconds(0.50), turn.Load.Milliseconds(0.99),
            turn.Cpu.Server / calls * 1e6, turn.Cpu.Postgres / calls * 1e6, turn.Cpu.Load / calls * 1e6,
            turn.Wal / calls, turn.Bytes / calls, turn.IdlePercent, turn.ForeignPercent,
        ];
    }

    private void Add(string name, Level level, IEnumerable<double> values)
    {
        foreach (var (metric, value) in Metrics.Zip(values))
            if (double.IsFinite(value)) results.Add(name, $"{level}", metric, value); // on SQLite there is no WAL to compare
    }

    private void Tell(IReadOnlyList<Level> levels, (string One, string Other)[] compared)
    {
        results.Table(
            ["contender", "connections or rate", Speed, "lowest–highest", .. Metrics[1..]],
            from level in levels
            from side in sides
            let at = $"{level}"
            select (object?[])
            [
                side.Name, at, results.Median(side.Name, at, Speed), results.Spread(side.Name, at, Speed),
                .. Metrics[1..].Select(metric => (object?)results.Median(side.Name, at, metric)),
            ]);
        results.Table(
            ["compared", "connections or rate", "pairs of turns", .. Compared.SelectMany(metric => (string[])[metric, "95 % sure"])],
            from level in levels
            from pair in compared
            let name = Pair(pair.One, pair.Other)
            let at = $"{level}"
            where results.Count(name, at, Speed) > 0
            select (object?[])
            [
                name, at, results.Count(name, at, Speed),
                .. Compared.SelectMany(metric => (object?[])[results.Median(name, at, metric), results.Sure(name, at, metric)]),
            ]);
        if (dropped == 0) return;
        results.Write(
            $"""
            {dropped} times one turn of each was left out, since something else took more than {options.ForeignMost} % of a core in one of them.

            """);
    }
}

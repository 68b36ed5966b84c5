using System.Globalization;

namespace CoopLine.Load;

/// <summary>What <c>bench/run</c> was asked for; its head explains each.</summary>
internal sealed record Options
{
    public required string[] Sections { get; init; }

    public required bool Quick { get; init; }

    public required bool Whole { get; init; }

    public required string[]? Only { get; init; }

    public required int[]? Connections { get; init; }

    public required TimeSpan Duration { get; init; }

    public required int Rounds { get; init; }

    public required int? Seeds { get; init; }

    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>Before each measurement of a contender that was started anew.</summary>
    public long WarmUpCalls => Quick ? 3_000 : 40_000;

    public bool Wants(string contender) => Only?.Contains(contender) ?? true;

    /// <exception cref="ArgumentException">Something in it is unknown.</exception>
    public static Options Parse(string[] args, string[] allSections)
    {
        var named = new Dictionary<string, string>();
        var settings = new Dictionary<string, string>();
        var sections = new List<string>();
        var quick = false;
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--quick") quick = true;
            else if (args[i] == "--set" && i + 1 < args.Length && args[++i].Split('=', 2) is [var name, var value])
                settings[name] = value;
            else if (args[i] is "--only" or "--connections" or "--seconds" or "--rounds" or "--seeds" && i + 1 < args.Length)
                named[args[i]] = args[++i];
            else if (allSections.Contains(args[i])) sections.Add(args[i]);
            else throw new ArgumentException($"Unknown: {args[i]}. bench/run --help tells what there is.");
        }

        int Number(string name, int usual, int quickly) => named.TryGetValue(name, out var text)
            ? int.Parse(text, CultureInfo.InvariantCulture)
            : quick ? quickly : usual;

        return new()
        {
            Sections = sections is [] ? allSections : [.. sections],
            Quick = quick,
            Whole = args is [],
            Only = named.GetValueOrDefault("--only")?.Split(','),
            Connections = named.GetValueOrDefault("--connections")?.Split(',')
                .Select(text => int.Parse(text, CultureInfo.InvariantCulture)).ToArray(),
            Duration = TimeSpan.FromSeconds(Number("--seconds", 5, 2)),
            Rounds = Number("--rounds", 3, 1),
            Seeds = named.ContainsKey("--seeds") ? Number("--seeds", 0, 0) : null,
            Settings = settings,
        };
    }
}

using System.Globalization;

namespace CoopLine.Load;

/// <summary>What <c>bench/run</c> was asked for; its head explains each.</summary>
internal sealed record Options
{
    public required string[] Sections { get; init; }

    public required bool Quick { get; init; }

    public required bool Whole { get; init; }

    public required string[]? Only { get; init; }

    private IReadOnlyList<Level>? AskedLevels { get; init; }

    /// <summary>How long one side gets the load.</summary>
    public required TimeSpan Turn { get; init; }

    /// <summary>Of each side and level, in each round.</summary>
    public required int Turns { get; init; }

    /// <summary>What strangers, or a contender that should be idle, may take of one core, in percent.</summary>
    public required int ForeignMost { get; init; }

    public required int Rounds { get; init; }

    public required int? Seeds { get; init; }

    /// <summary>Till calls on one campaign, with limits and without.</summary>
    public required bool Limits { get; init; }

    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>Of each side, after the processes were started anew.</summary>
    public long WarmUpCalls => Quick ? 3_000 : 20_000;

    public bool Wants(string side) => Only?.Contains(side) ?? true;

    /// <summary>These, unless others were asked for.</summary>
    public IReadOnlyList<Level> Levels(params Level[] usual) => AskedLevels ?? usual;

    /// <summary>A peer's setting.</summary>
    public string Setting(string name, string usual) => Settings.GetValueOrDefault(name) ?? usual;

    /// <summary>CoopLine's settings: these, and over them those of the command line.</summary>
    public Dictionary<string, string> Over(params IEnumerable<(string Name, string Value)> settings)
    {
        var all = new Dictionary<string, string>();
        foreach (var (name, value) in settings) all[name] = value;
        foreach (var (name, value) in Settings) all[name] = value;
        return all;
    }

    /// <exception cref="ArgumentException">Something in it is unknown.</exception>
    public static Options Parse(string[] args, string[] allSections)
    {
        var named = new Dictionary<string, string>();
        var settings = new Dictionary<string, string>();
        var sections = new List<string>();
        var quick = false;
        var limits = false;
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--quick") quick = true;
            else if (args[i] == "--limits") limits = true;
            else if (args[i] == "--set" && i + 1 < args.Length && args[++i].Split('=', 2) is [var name, var value])
                settings[name] = value;
            else if (args[i] is "--only" or "--levels" or "--foreign" or "--seconds" or "--turns" or "--rounds" or "--seeds" && i + 1 < args.Length)
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
            AskedLevels = named.GetValueOrDefault("--levels")?.Split(',').Select(Level.Parse).ToArray(),
            Turn = TimeSpan.FromSeconds(Number("--seconds", 2, 1)),
            Turns = Number("--turns", 10, 3),
            ForeignMost = Number("--foreign", 10, 10),
            Rounds = Number("--rounds", 3, 1),
            Seeds = named.ContainsKey("--seeds") ? Number("--seeds", 0, 0) : null,
            Limits = limits,
            Settings = settings,
        };
    }
}

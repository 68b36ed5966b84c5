using System.Globalization;
using System.Text;

namespace CoopLine.Load;

/// <summary>Everything that was measured; a number is the median of its rounds.</summary>
internal sealed class Results
{
    private readonly Dictionary<(string Contender, string Setting, string Metric), List<double>> measured = [];
    private readonly List<(string What, double Value, string Wanted, bool Met)> targets = [];
    private readonly StringBuilder text = new();

    public string Text => text.ToString();

    public IReadOnlyList<(string What, double Value, string Wanted, bool Met)> Targets => targets;

    public void Add(string contender, string setting, string metric, double value)
    {
        if (!measured.TryGetValue((contender, setting, metric), out var values))
            measured[(contender, setting, metric)] = values = [];
        values.Add(value);
    }

    /// <returns>Null when it was not measured.</returns>
    public double? Median(string contender, string setting, string metric)
    {
        if (!measured.TryGetValue((contender, setting, metric), out var values)) return null;
        var sorted = values.Order().ToArray();
        return sorted.Length % 2 == 1
            ? sorted[sorted.Length / 2]
            : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    public int Count(string contender, string setting, string metric) =>
        measured.TryGetValue((contender, setting, metric), out var values) ? values.Count : 0;

    public string Spread(string contender, string setting, string metric) =>
        measured.TryGetValue((contender, setting, metric), out var values) && values.Count > 1
            ? $"{Format(values.Min())}–{Format(values.Max())}"
            : "";

    /// <summary>Between which two of the values the median of all possible ones lies, with 95 % certainty (binomial, as for a sign test).</summary>
    public string Sure(string contender, string setting, string metric)
    {
        var sorted = measured.GetValueOrDefault((contender, setting, metric), []).Order().ToArray();
        var outside = (int)Math.Floor((sorted.Length - (1.96 * Math.Sqrt(sorted.Length))) / 2);
        return outside < 1 ? "" : $"{Format(sorted[outside - 1])}–{Format(sorted[^outside])}";
    }

    /// <summary>A ratio that the product promises.</summary>
    public void AtLeast(string what, double? value, double target) => Target(what, value, "≥", target, value >= target);

    public void AtMost(string what, double? value, double target) => Target(what, value, "≤", target, value <= target);

    public void Write(string markdown)
    {
        text.AppendLine(markdown);
        Console.WriteLine(markdown);
    }

    /// <summary>A markdown table; a missing value is a dash.</summary>
    public void Table(string[] head, IEnumerable<object?[]> rows)
    {
        var table = new StringBuilder();
        table.AppendLine(CultureInfo.InvariantCulture, $"| {string.Join(" | ", head)} |");
        table.AppendLine("|" + string.Concat(head.Select((_, i) => i == 0 ? "---|" : "---:|")));
        foreach (var row in rows) table.AppendLine(CultureInfo.InvariantCulture, $"| {string.Join(" | ", row.Select(Cell))} |");
        Write(table.ToString());
    }

    public static string Format(double value) => value.ToString(
        Math.Abs(value) switch { >= 1000 => "N0", >= 100 => "F0", >= 10 => "F1", >= 0.1 => "F2", _ => "F3" },
        CultureInfo.InvariantCulture);

    private static string Cell(object? value) => value switch
    {
        null => "–",
        double number => Format(number),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };

    private void Target(string what, double? value, string relation, double target, bool met)
    {
        if (value is { } number) targets.Add((what, number, $"{relation} {Format(target)}", met));
    }
}

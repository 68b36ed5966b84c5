using System.Text;

namespace CoopLine.Load;

/// <summary>The sections' results, and from a whole run <c>docs/benchmarks.md</c>.</summary>
internal sealed class Report
{
    private readonly List<(string Title, Results Results)> sections = [];

    public Results Machine { get; } = new();

    public Results Section(string title)
    {
        Console.WriteLine($"== {title}");
        var results = new Results();
        sections.Add((title, results));
        return results;
    }

    public void End(Options options)
    {
        var targets = new Results();
        Console.WriteLine("== Targets");
        targets.Table(
            ["target", "wanted", "measured", "met"],
            sections.SelectMany(section => section.Results.Targets)
                .Select(one => new object?[] { one.What, one.Wanted, one.Value, one.Met ? "yes" : "**no**" }));
        if (!options.Whole) return;

        var page = new StringBuilder(File.ReadAllText(Path.Combine(Place.Repository, "bench", "benchmarks.md")))
            .Replace("{{machine}}", Machine.Text.Trim())
            .Replace("{{targets}}", targets.Text.Trim());
        foreach (var (title, results) in sections) page.Replace($"{{{{{title}}}}}", results.Text.Trim());
        File.WriteAllText(Path.Combine(Place.Repository, "docs", "benchmarks.md"), page.ToString());
    }
}

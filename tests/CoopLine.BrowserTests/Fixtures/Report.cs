using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace CoopLine.BrowserTests.Fixtures;

/// <summary>
/// What a run saw and measured. With <c>COOPLINE_SCREENS</c>, the path of the folder docs, the screenshots and
/// <c>pages.md</c> are written there.
/// </summary>
internal static class Report
{
    public const string States = "states", Scans = "scans", Transfers = "transfers", Loads = "loads", Updates = "updates";

    private static readonly ConcurrentDictionary<(string Table, string Row), bool> Rows = new();

    /// <summary>The folder docs; null when nothing is to be written.</summary>
    public static string? Docs { get; } = Environment.GetEnvironmentVariable("COOPLINE_SCREENS") is { Length: > 0 } docs ? docs : null;

    /// <summary>A row of a table.</summary>
    public static void Add(string table, params object[] cells) => Rows[(table,
        $"| {string.Join(" | ", cells.Select(cell => Convert.ToString(cell, CultureInfo.InvariantCulture)))} |")] = true;

    public static async Task Write()
    {
        if (Docs is null || Rows.IsEmpty) return;
        var text = new StringBuilder(await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "pages.md")));
        foreach (var table in Rows.Keys.Select(row => row.Table).Distinct())
        {
            var rows = Rows.Keys.Where(row => row.Table == table).Select(row => row.Row).Order(StringComparer.Ordinal);
            text.Replace($"{{{{{table}}}}}", string.Join('\n', rows));
        }

        text.Replace("{{states.count}}", $"{Rows.Keys.Count(row => row.Table == States)}");
        await File.WriteAllTextAsync(Path.Combine(Docs, "pages.md"), text.ToString());
    }
}

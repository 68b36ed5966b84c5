using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace CoopLine.Tests.Structure;

/// <summary>A type of src/, by the folder that it is in: <c>Grains/Coupons</c>.</summary>
internal sealed partial record Place(string Folder, string Type)
{
    /// <summary>Types within a type are the type itself.</summary>
    public static Place? Of(string fullName) =>
        Name().Match(fullName) is { Success: true } found
            ? new($"{found.Groups[1].Value}/{found.Groups[2].Value}", found.Groups[3].Value)
            : null;

    [GeneratedRegex(@"^CoopLine\.(Silo|Webhook|Grains)\.(\w+)\.(?:\w+\.)*(\w+)(?:[`+/<].*)?$")]
    private static partial Regex Name();
}

internal sealed record Naming(Place From, Place To);

/// <summary>The picture under "Who names whom" in docs/architecture.md.</summary>
/// <param name="Lines">The folders, from the top.</param>
/// <param name="Messages">What goes up: a grain calls another one by its interface.</param>
internal sealed partial record Picture(ImmutableArray<string[]> Lines, ImmutableArray<Naming> Messages)
{
    public IEnumerable<string> Folders => Lines.SelectMany(folders => folders);

    public static Picture Read()
    {
        var page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "architecture.md"));
        var lines = Block().Match(page).Groups[1].Value.Split('\n');
        var project = "";
        var folders = new List<string[]>();
        foreach (var line in lines)
        {
            var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (line[0] != ' ') (project, words) = (words[0], words[1..]);
            folders.Add([.. words.Select(folder => $"{project}/{folder}")]);
        }

        return new([.. folders], [.. Message().Matches(page).Select(found => new Naming(Of(found, 1), Of(found, 3)))]);

        static Place Of(Match found, int group) => new(found.Groups[group].Value, found.Groups[group + 1].Value);
    }

    /// <returns>Counted from the top; -1 for a folder that is not in the picture.</returns>
    public int Line(string folder) => Lines.ToList().FindIndex(folders => folders.Contains(folder));

    [GeneratedRegex(@"## Who names whom\n.*?```text\n(.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex(@"`(\w+/\w+)/(\w+)` ⇢ `(\w+/\w+)/(\w+)`")]
    private static partial Regex Message();
}

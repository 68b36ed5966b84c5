using CoopLine.Grains.Registry;

namespace CoopLine.Silo.Commands;

/// <summary>What follows the word <c>import</c>.</summary>
/// <param name="Rejects">Where the rejected lines are written; null: nowhere.</param>
internal sealed record ImportArguments(string Path, ImportOrder Order, string? Rejects)
{
    private const string Charset = "--charset=";
    private const string RejectsFile = "--rejects=";

    /// <returns>Null when they cannot be understood.</returns>
    public static ImportArguments? Read(IEnumerable<string> args)
    {
        string? path = null;
        string? rejects = null;
        var order = new ImportOrder(ImportMode.Full);
        foreach (var arg in args)
        {
            if (arg == "--delta") order = order with { Mode = ImportMode.Delta };
            else if (arg == "--force") order = order with { Force = true };
            else if (arg == "--dry-run") order = order with { DryRun = true };
            else if (After(Charset, arg) is { } name && FileEncodings.Read(name) is { } encoding) order = order with { Encoding = encoding };
            else if (After(RejectsFile, arg) is { Length: > 0 } file) rejects = file;
            else if (arg.StartsWith("--", StringComparison.Ordinal) || path is not null) return null;
            else path = arg;
        }

        return path is null ? null : new(path, order, rejects);
    }

    private static string? After(string option, string arg) =>
        arg.StartsWith(option, StringComparison.Ordinal) ? arg[option.Length..] : null;
}

using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;

namespace CoopLine.Grains.Registry;

/// <param name="Line">Line number in the file, the header being 1.</param>
/// <param name="Reason">What is wrong, without the personal data of the row.</param>
/// <param name="Original">The line as it is in the file, for whoever sent it; null when too many long ones are rejected.</param>
public sealed record RejectedRow(long Line, string Reason, [property: JsonIgnore] string? Original = null)
{
    /// <summary>Tells Excel that the file is UTF-8.</summary>
    private const char ByteOrderMark = '\uFEFF';

    /// <returns>A CSV of line, reason and original line.</returns>
    public static string Csv(ImmutableArray<RejectedRow> rows)
    {
        var csv = new StringBuilder().Append(ByteOrderMark).Append("line,reason,original\r\n");
        foreach (var row in rows)
            csv.Append(CultureInfo.InvariantCulture, $"{row.Line},{Quoted(row.Reason)},{Quoted(row.Original ?? "")}\r\n");
        return csv.ToString();
    }

    private static string Quoted(string text) => $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}

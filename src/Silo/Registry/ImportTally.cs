using System.Collections.Immutable;
using CoopLine.Grains.Registry;

namespace CoopLine.Silo.Registry;

/// <summary>What an import has counted so far.</summary>
internal sealed class ImportTally
{
    public const int MostMissingNumbers = 1_000;
    private const int MostRejectedRows = 10_000;
    private const int MostOriginalCharacters = 8 * 1024 * 1024;

    private readonly List<RejectedRow> rejectedRows = [];
    private long impossiblePhones;
    private long impossibleBirthDates;

    public long Rows => Accepted + Rejected;

    public long Accepted { get; private set; }

    public long Rejected { get; private set; }

    public long Repaired { get; private set; }

    /// <summary>Members with a phone that too many have.</summary>
    public long SharedPhones { get; set; }

    public long SharedBirthDates { get; set; }

    public ImportChanges? Changes { get; set; }

    public long Known { get; set; }

    public long Missing { get; set; }

    public ImmutableArray<string> MissingNumbers { get; set; } = [];

    public void Accept(RowNotes notes)
    {
        Accepted++;
        if (notes is RowNotes.None) return;
        if (notes.HasFlag(RowNotes.Repaired)) Repaired++;
        if (notes.HasFlag(RowNotes.ImpossiblePhone)) impossiblePhones++;
        if (notes.HasFlag(RowNotes.ImpossibleBirthDate)) impossibleBirthDates++;
    }

    public void Reject(long line, string reason)
    {
        Rejected++;
        if (rejectedRows.Count < MostRejectedRows) rejectedRows.Add(new(line, reason));
    }

    /// <summary>A row that looked well alone, but not together with others.</summary>
    public void RejectAfterAll(long line, string reason)
    {
        Accepted--;
        Reject(line, reason);
    }

    /// <summary>Puts the lines of the file beside the reasons, as far as there is room.</summary>
    public async Task FetchOriginals(ImportedFile file, CancellationToken cancellation)
    {
        if (rejectedRows is []) return;
        rejectedRows.Sort((one, other) => one.Line.CompareTo(other.Line));
        var (next, room) = (0, MostOriginalCharacters);
        await foreach (var (number, line) in file.Lines(cancellation))
        {
            for (; next < rejectedRows.Count && rejectedRows[next].Line == number && line.Length <= room; next++)
            {
                rejectedRows[next] = rejectedRows[next] with { Original = line };
                room -= line.Length;
            }

            if (next == rejectedRows.Count || rejectedRows[next].Line <= number) return;
        }
    }

    public ImportReport Report(ImportOutcome outcome, string? problem = null) => new(
        outcome,
        Rows,
        Accepted,
        Rejected,
        Repaired,
        new(impossiblePhones, impossibleBirthDates, SharedPhones, SharedBirthDates),
        Missing,
        MissingNumbers,
        [.. rejectedRows.OrderBy(row => row.Line)],
        Changes,
        problem);
}

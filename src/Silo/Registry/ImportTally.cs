using System.Collections.Immutable;
using CoopLine.Grains.Registry;

namespace CoopLine.Silo.Registry;

/// <summary>What an import has counted so far.</summary>
internal sealed class ImportTally
{
    public const int MostMissingNumbers = 1_000;
    private const int MostRejectedRows = 10_000;

    private readonly List<RejectedRow> rejectedRows = [];

    public long Rows => Accepted + Rejected;

    public long Accepted { get; private set; }

    public long Rejected { get; private set; }

    public long Known { get; set; }

    public long Missing { get; set; }

    public ImmutableArray<string> MissingNumbers { get; set; } = [];

    public void Accept() => Accepted++;

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

    public ImportReport Report(ImportOutcome outcome, string? problem = null) => new(
        outcome,
        Rows,
        Accepted,
        Rejected,
        Missing,
        MissingNumbers,
        [.. rejectedRows.OrderBy(row => row.Line)],
        problem);
}

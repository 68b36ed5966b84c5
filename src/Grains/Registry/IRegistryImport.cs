using System.Collections.Immutable;

namespace CoopLine.Grains.Registry;

/// <summary>Takes the co-op's CSV into the registry: all of it or nothing.</summary>
public interface IRegistryImport
{
    /// <param name="csv">UTF-8 (with or without BOM) or Shift_JIS (CP932). One that cannot be read twice is kept on disk meanwhile.</param>
    /// <returns>What was done, with every rejected row. A file that cannot be applied changes nothing.</returns>
    Task<ImportReport> Run(
        Stream csv,
        ImportOrder order,
        IProgress<ImportProgress>? progress = null,
        CancellationToken cancellation = default);
}

/// <param name="Force">Apply the file even if too many members are missing from it.</param>
/// <param name="Encoding">What the sender says; null: the whole file decides.</param>
public sealed record ImportOrder(ImportMode Mode, bool Force = false, FileEncoding? Encoding = null);

public enum ImportMode
{
    /// <summary>The file is the whole registry.</summary>
    Full,

    /// <summary>The file holds new and changed members only.</summary>
    Delta,
}

/// <param name="Rows">Rows read so far.</param>
/// <param name="Bytes">Bytes read so far.</param>
public readonly record struct ImportProgress(long Rows, long Bytes);

public enum ImportOutcome
{
    Applied,

    /// <summary>The header is not the expected one, or no row of a full file is usable.</summary>
    NotARegistry,

    /// <summary>A full import lacks more than 1 % of the known members and was not forced.</summary>
    TooManyMissing,

    /// <summary>Another import is running, in this process or another; or this one stalled and another took its place.</summary>
    AlreadyRunning,
}

/// <param name="Missing">Members known before and absent from a full import: reported, never withdrawn by their absence.</param>
/// <param name="MissingNumbers">The first 1,000 of them.</param>
/// <param name="RejectedRows">The first 10,000 rejected rows.</param>
/// <param name="Problem">Why nothing was applied, in a sentence; null when applied.</param>
public sealed record ImportReport(
    ImportOutcome Outcome,
    long Rows,
    long Accepted,
    long Rejected,
    long Missing,
    ImmutableArray<string> MissingNumbers,
    ImmutableArray<RejectedRow> RejectedRows,
    string? Problem);

/// <param name="Line">Line number in the file, the header being 1.</param>
/// <param name="Reason">What is wrong, without the personal data of the row.</param>
public sealed record RejectedRow(long Line, string Reason);

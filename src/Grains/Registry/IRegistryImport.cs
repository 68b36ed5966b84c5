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

/// <param name="Force">Apply the file even if too many members are missing from it or too many rows are rejected.</param>
/// <param name="DryRun">Only say what would be done.</param>
/// <param name="Encoding">What the sender says; null: the whole file decides.</param>
public sealed record ImportOrder(ImportMode Mode, bool Force = false, bool DryRun = false, FileEncoding? Encoding = null);

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

    /// <summary>A dry run: the file would be applied.</summary>
    WouldApply,

    /// <summary>The header is not the expected one, or no row of a full file is usable.</summary>
    NotARegistry,

    /// <summary>A full import lacks more than 1 % of the known members and was not forced.</summary>
    TooManyMissing,

    /// <summary>
    /// More rows than accepted ones are rejected, or so many that with those who are missing it is more than 1 % of the
    /// members, and the import was not forced.
    /// </summary>
    TooManyRejected,

    /// <summary>Another import is running, in this process or another; or this one stalled and another took its place.</summary>
    AlreadyRunning,
}

/// <param name="Repaired">Accepted rows in which a date or a phone was read that is not written as asked for.</param>
/// <param name="NotRegistered">What was not taken for anybody's phone or birth date.</param>
/// <param name="Missing">Members known before and absent from a full import: reported, never withdrawn by their absence.</param>
/// <param name="MissingNumbers">The first 1,000 of them.</param>
/// <param name="RejectedRows">The first 10,000 rejected rows.</param>
/// <param name="Changes">What it does to the registry; of a dry run only.</param>
/// <param name="Problem">Why nothing was applied, in a sentence; null when applied.</param>
public sealed record ImportReport(
    ImportOutcome Outcome,
    long Rows,
    long Accepted,
    long Rejected,
    long Repaired,
    NotRegistered NotRegistered,
    long Missing,
    ImmutableArray<string> MissingNumbers,
    ImmutableArray<RejectedRow> RejectedRows,
    ImportChanges? Changes,
    string? Problem);

/// <summary>Members whose phone or birth date proves nothing, since nobody or everybody has it.</summary>
/// <param name="ImpossiblePhones">Rows with a phone that cannot exist.</param>
/// <param name="ImpossibleBirthDates">Rows with a birth date that stands for none, or makes somebody over 120.</param>
/// <param name="SharedPhones">Active members with a phone that too many share, also those who are not in the file.</param>
/// <param name="SharedBirthDates">The same for birth dates.</param>
public sealed record NotRegistered(long ImpossiblePhones, long ImpossibleBirthDates, long SharedPhones, long SharedBirthDates);

/// <param name="New">Members who are not known yet.</param>
/// <param name="Changed">Known members of whom the file says something else.</param>
/// <param name="Leaving">Those of them who withdraw.</param>
/// <param name="Renumbered">Those of them whose number is replaced by another.</param>
/// <param name="LinksEnding">Links that end, because their member withdraws.</param>
/// <param name="LinksMoving">Links that move to another number.</param>
public sealed record ImportChanges(
    long New, long Changed, long Leaving, long Renumbered, long LinksEnding, long LinksMoving);

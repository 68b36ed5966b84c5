using System.Data.Common;
using CoopLine.Grains;
using CoopLine.Grains.Registry;
using CoopLine.Silo.Storage;
using Microsoft.Extensions.Options;

namespace CoopLine.Silo.Registry;

internal sealed partial class RegistryImport(
    Database database,
    RegistryHashes keys,
    CoopTime time,
    TimeProvider clock,
    IOptions<RegistryOptions> options,
    ILogger<RegistryImport> log) : IRegistryImport
{
    /// <summary>An import stops when more than one in this many of the members is missing or rejected.</summary>
    private const int OneIn = 100;

    private readonly RegistrySweep sweep = new(database, clock);

    public async Task<ImportReport> Run(
        Stream csv,
        ImportOrder order,
        IProgress<ImportProgress>? progress,
        CancellationToken cancellation)
    {
        var tally = new ImportTally();
        await using var taken = await ImportedFile.Take(csv, order.Encoding, cancellation);
        await using var file = new RegistryFile(taken.Read(), taken.Encoding, keys.Current, today: time.DayOf(clock.GetUtcNow()));
        try
        {
            await file.Open(cancellation);
        }
        catch (RegistryFileException e)
        {
            return tally.Report(ImportOutcome.NotARegistry, e.Message);
        }

        await sweep.Run(cancellation);
        if (await StagedImport.Begin(database, clock, order.Mode, cancellation) is not { } staged)
            return tally.Report(ImportOutcome.AlreadyRunning, "Another import is running.");

        var (outcome, problem) = await Run(staged, file, order, tally, progress, cancellation);
        await tally.FetchOriginals(taken, cancellation);
        var report = tally.Report(outcome, problem);
        LogEnded(staged.Id, order.Mode, report.Outcome, report.Rows, report.Rejected, report.Missing);
        await SweepAfterwards();
        return report;
    }

    private async Task<(ImportOutcome Outcome, string? Problem)> Run(
        StagedImport staged,
        RegistryFile file,
        ImportOrder order,
        ImportTally tally,
        IProgress<ImportProgress>? progress,
        CancellationToken cancellation)
    {
        var stop = true; // unless it was applied; also on a fault and when cancelled
        try
        {
            // After it has begun: nobody is taken out while an import runs.
            var erased = await ErasedNumbers.Load(database, keys, cancellation);
            await Stage(staged, file, erased, tally, progress, cancellation);
            await Check(staged, order, tally, cancellation);
            if (Refusal(order, tally) is { } refusal) return refusal;
            if (order.DryRun) return (ImportOutcome.WouldApply, null);

            if (!await staged.Apply(tally, cancellation)) throw new ImportTakenOverException();
            stop = false;
            return (ImportOutcome.Applied, null);
        }
        catch (RegistryFileException e)
        {
            return (ImportOutcome.NotARegistry, e.Message);
        }
        catch (ImportTakenOverException e)
        {
            return (ImportOutcome.AlreadyRunning, e.Message);
        }
        finally
        {
            if (stop) await staged.Stop(tally, CancellationToken.None);
        }
    }

    private async Task Check(StagedImport staged, ImportOrder order, ImportTally tally, CancellationToken cancellation)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var alive = staged.StayAlive(done.Token);
        try
        {
            await staged.RejectCircles(tally, cancellation);
            if (order.Mode is ImportMode.Full || IsMore(tally.Rejected, tally.Rows)) await staged.FindMissing(tally, cancellation);
            await staged.FindShared(options.Value, tally, cancellation);
            if (order.DryRun) await staged.FindChanges(tally, cancellation);
        }
        finally
        {
            await done.CancelAsync();
            await alive;
        }
    }

    /// <summary>While one chunk is written, the next is read and hashed.</summary>
    private async Task Stage(
        StagedImport staged,
        RegistryFile file,
        ErasedNumbers erased,
        ImportTally tally,
        IProgress<ImportProgress>? progress,
        CancellationToken cancellation)
    {
        var writing = Task.CompletedTask;
        try
        {
            await foreach (var chunk in Chunks(file.Lines(cancellation)))
            {
                await writing;
                writing = Write(chunk);
            }
        }
        finally
        {
            await writing;
        }

        async Task Write(List<RegistryRecord> chunk)
        {
            var counting = await erased.LeaveOut(chunk, cancellation);
            await staged.Write(counting, tally, cancellation);
            for (var known = chunk.Count - counting.Count; known > 0; known--) tally.Accept(RowNotes.None);
            progress?.Report(new(tally.Rows, chunk[^1].Bytes));
        }
    }

    private async IAsyncEnumerable<List<RegistryRecord>> Chunks(IAsyncEnumerable<RegistryRecord> lines)
    {
        var (chunk, other) = (new List<RegistryRecord>(database.ChunkRows), new List<RegistryRecord>(database.ChunkRows));
        await foreach (var line in lines)
        {
            chunk.Add(line);
            if (chunk.Count < database.ChunkRows) continue;
            yield return chunk;
            (chunk, other) = (other, chunk); // what was in the other one has been written
            chunk.Clear();
        }

        if (chunk.Count > 0) yield return chunk;
    }

    private static (ImportOutcome Outcome, string Problem)? Refusal(ImportOrder order, ImportTally tally)
    {
        if (order.Mode is ImportMode.Full && tally.Accepted == 0)
            return (ImportOutcome.NotARegistry, "No row of the file could be accepted.");
        if (order.Force) return null;
        if (IsMore(tally.Missing, tally.Known))
        {
            return (
                ImportOutcome.TooManyMissing,
                $"{tally.Missing} of {tally.Known} known members are missing from the file, which is more than 1 %.");
        }

        if (tally.Rejected > tally.Accepted)
            return (ImportOutcome.TooManyRejected, $"{tally.Rejected} of {tally.Rows} rows are rejected, which is more than half.");
        var members = Math.Max(tally.Known, tally.Rows);
        return tally.Rejected > 0 && IsMore(tally.Missing + tally.Rejected, members)
            ? (
                ImportOutcome.TooManyRejected,
                $"{tally.Rejected} rows are rejected and {tally.Missing} members missing, which is more than 1 % of {members} members.")
            : null;
    }

    private static bool IsMore(long some, long all) => some * OneIn > all;

    private async Task SweepAfterwards()
    {
        try
        {
            await sweep.Run(CancellationToken.None);
        }
        catch (DbException e)
        {
            // The import has ended as reported; what is left over is invisible, and the next import sweeps first.
            LogNotSwept(e);
        }
    }

    [LoggerMessage(
        LogLevel.Information,
        "Registry import {Import} ({Mode}): {Outcome}; {Rows} rows, {Rejected} rejected, {Missing} missing")]
    private partial void LogEnded(
        long import, ImportMode mode, ImportOutcome outcome, long rows, long rejected, long missing);

    [LoggerMessage(LogLevel.Warning, "Obsolete registry rows could not be deleted; the next import tries again")]
    private partial void LogNotSwept(Exception e);
}

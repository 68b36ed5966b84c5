using System.Data.Common;
using CoopLine.Grains;
using CoopLine.Grains.Registry;
using CoopLine.Silo.Storage;

namespace CoopLine.Silo.Registry;

internal sealed partial class RegistryImport(
    Database database, RegistryHashes keys, CoopTime time, TimeProvider clock, ILogger<RegistryImport> log) : IRegistryImport
{
    /// <summary>A full import stops when more than one in this many of the known members is missing.</summary>
    private const int OneMissingIn = 100;

    private readonly RegistrySweep sweep = new(database, clock);

    public async Task<ImportReport> Run(
        Stream csv,
        ImportMode mode,
        bool force,
        IProgress<ImportProgress>? progress,
        CancellationToken cancellation)
    {
        var tally = new ImportTally();
        await using var file = new RegistryFile(csv, keys.Current, today: time.DayOf(clock.GetUtcNow()));
        try
        {
            await file.Open(cancellation);
        }
        catch (RegistryFileException e)
        {
            return tally.Report(ImportOutcome.NotARegistry, e.Message);
        }

        await sweep.Run(cancellation);
        if (await StagedImport.Begin(database, clock, mode, cancellation) is not { } staged)
            return tally.Report(ImportOutcome.AlreadyRunning, "Another import is running.");

        var report = await Run(staged, file, mode, force, tally, progress, cancellation);
        LogEnded(staged.Id, mode, report.Outcome, report.Rows, report.Rejected, report.Missing);
        await SweepAfterwards();
        return report;
    }

    private async Task<ImportReport> Run(
        StagedImport staged,
        RegistryFile file,
        ImportMode mode,
        bool force,
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
            await Check(staged, mode, tally, cancellation);
            if (Refusal(mode, force, tally) is { } refusal) return refusal;

            if (!await staged.Apply(tally, cancellation)) throw new ImportTakenOverException();
            stop = false;
            return tally.Report(ImportOutcome.Applied);
        }
        catch (RegistryFileException e)
        {
            return tally.Report(ImportOutcome.NotARegistry, e.Message);
        }
        catch (ImportTakenOverException e)
        {
            return tally.Report(ImportOutcome.AlreadyRunning, e.Message);
        }
        finally
        {
            if (stop) await staged.Stop(tally, CancellationToken.None);
        }
    }

    private static async Task Check(StagedImport staged, ImportMode mode, ImportTally tally, CancellationToken cancellation)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var alive = staged.StayAlive(done.Token);
        try
        {
            await staged.RejectCircles(tally, cancellation);
            if (mode is ImportMode.Full) await staged.FindMissing(tally, cancellation);
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
            for (var known = chunk.Count - counting.Count; known > 0; known--) tally.Accept();
            progress?.Report(new(tally.Rows, chunk[^1].Bytes));
        }
    }

    /// <summary>A file that arrives slowly is still written in time, which keeps the import alive.</summary>
    private async IAsyncEnumerable<List<RegistryRecord>> Chunks(IAsyncEnumerable<RegistryRecord> lines)
    {
        var (chunk, other) = (new List<RegistryRecord>(database.ChunkRows), new List<RegistryRecord>(database.ChunkRows));
        var began = clock.GetTimestamp();
        await foreach (var line in lines)
        {
            chunk.Add(line);
            if (chunk.Count < database.ChunkRows && clock.GetElapsedTime(began) < StagedImport.Lease / 3) continue;
            yield return chunk;
            (chunk, other) = (other, chunk); // what was in the other one has been written
            chunk.Clear();
            began = clock.GetTimestamp();
        }

        if (chunk.Count > 0) yield return chunk;
    }

    private static ImportReport? Refusal(ImportMode mode, bool force, ImportTally tally) => mode switch
    {
        ImportMode.Full when tally.Accepted == 0 =>
            tally.Report(ImportOutcome.NotARegistry, "No row of the file could be accepted."),
        ImportMode.Full when !force && tally.Missing * OneMissingIn > tally.Known =>
            tally.Report(
                ImportOutcome.TooManyMissing,
                $"{tally.Missing} of {tally.Known} known members are missing from the file, which is more than 1 %."),
        _ => null,
    };

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

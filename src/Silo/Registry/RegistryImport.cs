using System.Data.Common;
using CoopLine.Grains;
using CoopLine.Grains.Registry;
using CoopLine.Silo.Storage;

namespace CoopLine.Silo.Registry;

internal sealed partial class RegistryImport(
    Database database, RegistryHash hash, CoopTime time, TimeProvider clock, ILogger<RegistryImport> log) : IRegistryImport
{
    /// <summary>A full import stops when more than one in this many of the known members is missing.</summary>
    private const int OneMissingIn = 100;

    private readonly RegistrySweep sweep = new(database, clock);

    public async Task<ImportReport> Run(
        Stream csv,
        ImportOrder order,
        IProgress<ImportProgress>? progress,
        CancellationToken cancellation)
    {
        var tally = new ImportTally();
        await using var taken = await ImportedFile.Take(csv, order.Encoding, cancellation);
        await using var file = new RegistryFile(taken.Read(), taken.Encoding, hash, today: time.DayOf(clock.GetUtcNow()));
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

        var report = await Run(staged, file, order, tally, progress, cancellation);
        LogEnded(staged.Id, order.Mode, report.Outcome, report.Rows, report.Rejected, report.Missing);
        await SweepAfterwards();
        return report;
    }

    private async Task<ImportReport> Run(
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
            await Stage(staged, file, tally, progress, cancellation);
            await Check(staged, order.Mode, tally, cancellation);
            if (Refusal(order, tally) is { } refusal) return refusal;

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
            await staged.Write(chunk, tally, cancellation);
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

    private static ImportReport? Refusal(ImportOrder order, ImportTally tally) => order switch
    {
        { Mode: ImportMode.Full } when tally.Accepted == 0 =>
            tally.Report(ImportOutcome.NotARegistry, "No row of the file could be accepted."),
        { Mode: ImportMode.Full, Force: false } when tally.Missing * OneMissingIn > tally.Known =>
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

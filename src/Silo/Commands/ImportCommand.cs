using System.Globalization;
using System.Runtime.InteropServices;
using CoopLine.Grains.Registry;
using CoopLine.Silo.Hosting;
using CoopLine.Silo.Registry;
using CoopLine.Silo.Storage;
using Spectre.Console;

namespace CoopLine.Silo.Commands;

/// <summary><c>import FILE [--delta] [--force] [--dry-run] [--charset=NAME] [--rejects=FILE]</c>: works beside the running service and without it.</summary>
internal static class ImportCommand
{
    private const int AppliedCode = 0;
    private const int NothingAppliedCode = 1;
    private const int UsageCode = 2;
    private const int AppliedWithoutSomeCode = 3;

    private const int MostShown = 20;

    private const string Usage = """
        Usage: import FILE [--delta] [--force] [--dry-run] [--charset=NAME] [--rejects=FILE]

          FILE            the co-op's member registry as CSV
          --delta         the file holds new and changed members only; without it, the file is the whole registry
          --force         apply the file even if more than 1 % of the members are missing from it or rejected
          --dry-run       only say what the file would do
          --charset=NAME  UTF-8 or Shift_JIS; without it, the whole file decides
          --rejects=FILE  write the rejected lines there, with their reasons, as CSV

        Exit code: 0 applied, 1 nothing applied, 2 wrong usage, 3 applied without the rows that were rejected. Of a dry run: what
        it would be.
        """;

    private const string HashKey = "CoopLine:Registry:HashKey";

    /// <summary>With the settings of the service, of which it needs the database and the hash key.</summary>
    /// <param name="args">What follows the word <c>import</c>.</param>
    /// <exception cref="MissingSettingsException">There is no hash key.</exception>
    public static async Task<int> Run(string[] args)
    {
        var builder = ConsoleCommand.CreateBuilder();
        if (string.IsNullOrWhiteSpace(builder.Configuration[HashKey]))
            throw new MissingSettingsException([$"{HashKey} (the key that the service has)"]);

        builder.Services.AddDatabase();
        builder.Services.AddRegistry();
        await using var app = builder.Build();

        using var calledOff = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, CallOff);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, CallOff);
        try
        {
            return await Run(
                app.Services.GetRequiredService<IRegistryImport>(), args, AnsiConsole.Console, calledOff.Token);
        }
        catch (OperationCanceledException) when (calledOff.IsCancellationRequested)
        {
            AnsiConsole.Console.WriteLine("Called off: nothing applied.");
            return NothingAppliedCode;
        }

        void CallOff(PosixSignalContext signal)
        {
            signal.Cancel = true; // the end of the process waits until the import has been given up
            calledOff.Cancel();
        }
    }

    /// <param name="args">What follows the word <c>import</c>.</param>
    /// <returns>The process's exit code.</returns>
    public static async Task<int> Run(
        IRegistryImport import, string[] args, IAnsiConsole console, CancellationToken cancellation = default)
    {
        if (ImportArguments.Read(args) is not { Path: var path, Order: var order, Rejects: var rejects })
        {
            console.WriteLine(Usage);
            return UsageCode;
        }

        if (!File.Exists(path))
        {
            console.WriteLine($"There is no file {path}.");
            return UsageCode;
        }

        using var file = File.OpenRead(path);
        var report = await console.Progress()
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new ElapsedTimeColumn())
            .StartAsync(async progress =>
            {
                var bar = new Bar(progress.AddTask("Reading", maxValue: Math.Max(1, file.Length)));
                var done = await import.Run(file, order, bar, cancellation);
                if (done.Outcome is ImportOutcome.Applied or ImportOutcome.WouldApply) bar.Complete();
                return done;
            });

        Print(report, console);
        if (rejects is not null) await File.WriteAllTextAsync(rejects, RejectedRow.Csv(report.RejectedRows), cancellation);
        return report.Outcome is not (ImportOutcome.Applied or ImportOutcome.WouldApply) ? NothingAppliedCode
            : report.Rejected > 0 ? AppliedWithoutSomeCode : AppliedCode;
    }

    private static void Print(ImportReport report, IAnsiConsole console)
    {
        console.WriteLine(report.Outcome switch
        {
            ImportOutcome.Applied => "Applied.",
            ImportOutcome.WouldApply => "Dry run, nothing applied. The file would be applied.",
            ImportOutcome.TooManyMissing or ImportOutcome.TooManyRejected => $"Nothing applied: {report.Problem} --force applies the file all the same.",
            _ => $"Nothing applied: {report.Problem}",
        });
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{report.Rows:N0} rows: {report.Accepted:N0} accepted, {report.Rejected:N0} rejected, {report.Repaired:N0} repaired. "
            + $"{report.Missing:N0} known members are missing from the file."));
        if (report.Changes is { } changes)
        {
            console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{changes.New:N0} new, {changes.Changed:N0} changed, {changes.Leaving:N0} leaving ({changes.LinksEnding:N0} links will end), "
                + $"{changes.Renumbered:N0} with another number ({changes.LinksMoving:N0} links will move)."));
        }

        var not = report.NotRegistered;
        Tell(not.ImpossiblePhones, "rows with a phone that cannot exist");
        Tell(not.ImpossibleBirthDates, "rows with a birth date that cannot be");
        Tell(not.SharedPhones, "members with a phone that too many share");
        Tell(not.SharedBirthDates, "members with a birth date that too many share");

        foreach (var row in report.RejectedRows.Take(MostShown)) console.WriteLine($"  line {row.Line}: {row.Reason}");
        More(report.Rejected - MostShown);
        if (report.Missing == 0) return;
        console.WriteLine("Missing:");
        foreach (var number in report.MissingNumbers.Take(MostShown)) console.WriteLine($"  {number}");
        More(report.Missing - MostShown);

        void Tell(long count, string whose)
        {
            if (count > 0) console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Not registered: {count:N0} {whose}."));
        }

        void More(long count)
        {
            if (count > 0) console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  … and {count:N0} more"));
        }
    }

    /// <summary>Unlike <see cref="Progress{T}"/>, reports in order and at once.</summary>
    private sealed class Bar(ProgressTask task) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value)
        {
            task.Value = value.Bytes;
            task.Description = string.Create(CultureInfo.InvariantCulture, $"{value.Rows:N0} rows");
        }

        public void Complete() => task.Value = task.MaxValue;
    }
}

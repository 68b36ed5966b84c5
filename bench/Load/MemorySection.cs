using System.Globalization;
using CoopLine.Grains;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Ledger;
using CoopLine.Silo.Hosting;
using Microsoft.Extensions.DependencyInjection;

namespace CoopLine.Load;

/// <summary>What a coupon costs that is active and does nothing.</summary>
internal static class MemorySection
{
    public const string Title = "Memory";
    public const string Command = "activate";

    private const string Database = "memory";
    private const int AtOnce = 256;

    private static readonly ReceiptKey Elsewhere = new(new(2026, 1, 1), "0000", "00", "0");

    public static async Task Run(Options options, Results results)
    {
        var coupons = options.Seeds ?? (options.Quick ? 20_000 : 1_000_000);
        Console.WriteLine($"Preparing {coupons} used coupons …");
        await Seeds.CoopLine(Database, 0, used: coupons);
        var settings = Server.CoopLineSettings(Database);
        foreach (var (name, value) in options.Settings) settings[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        var said = await Processes.Run(
            "dotnet", [typeof(MemorySection).Assembly.Location, Command, coupons.ToString(CultureInfo.InvariantCulture)], settings);
        var (heap, resident) = said.Split('\n').First(line => line.StartsWith(Command, StringComparison.Ordinal)).Split(' ') is [_, var one, var other]
            ? (double.Parse(one, CultureInfo.InvariantCulture), double.Parse(other, CultureInfo.InvariantCulture))
            : throw new InvalidDataException(said);
        await Postgres.Drop(Database);
        results.Write(string.Create(
            CultureInfo.InvariantCulture,
            $"""
            {coupons:N0} used coupons were activated by asking each for a receipt that it does not know, through the grains and their storage. After a full
            collection, an active coupon takes {heap:N0} bytes of managed memory and {resident:N0} bytes of the process.

            """));
        results.AtMost("Memory: KB of managed memory for an idle active coupon", heap / 1024, 3);
    }

    /// <summary>In a process of its own: a silo that wakes coupons and tells what they take.</summary>
    public static async Task Activate(int coupons)
    {
        await using var app = CoopLineApp.Create(["--urls", "http://127.0.0.1:0"]);
        await app.StartAsync();
        var grains = app.Services.GetRequiredService<IGrainFactory>();
        var warm = coupons / 100; // what is there once, for whatever many
        await Wake(grains, 0, warm);
        var before = Measure();
        await Wake(grains, warm, coupons);
        var after = Measure();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Command} {(after.Heap - before.Heap) / (double)(coupons - warm):F0} {(after.Resident - before.Resident) / (double)(coupons - warm):F0}"));
        await app.StopAsync();
    }

    private static Task Wake(IGrainFactory grains, int first, int end) => Parallel.ForAsync(
        first, end, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, _) =>
        {
            if (await grains.Coupon(Sale.UsedCampaign(i), Sale.UsedMember(i)).TakeBack(Elsewhere, LedgerKind.Voided, false, "bench", null) is not null)
                throw new InvalidDataException("A coupon was taken back for a receipt that never used it.");
        });

    private static (long Heap, long Resident) Measure()
    {
        for (var i = 0; i < 3; i++)
        {
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
            GC.WaitForPendingFinalizers();
        }

        return (GC.GetTotalMemory(forceFullCollection: true), Processes.ResidentBytes(Environment.ProcessId));
    }
}

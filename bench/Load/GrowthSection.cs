using System.Globalization;

namespace CoopLine.Load;

/// <summary>Whether what has been stored slows the till call down.</summary>
internal static class GrowthSection
{
    public const string Title = "Growth";

    private const int Connections = 64;

    public static async Task Run(Options options, Results results)
    {
        int[] sizes = options.Quick ? [1_000, 10_000, 50_000] : [10_000, 1_000_000, 5_000_000];
        var seeds = options.Seeds ?? (options.Quick ? 40_000 : 350_000);
        var contenders = new List<Contender>();
        foreach (var size in sizes)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Preparing {size:N0} used coupons and their ledger …"));
            var database = $"growth_{size}";
            await Seeds.CoopLine(database, seeds, used: size);
            // The small one would grow by its own calls.
            contenders.Add(TillSection.CoopLine(Name(size), new PostgresStore(database, copied: size == sizes[0]), seeds, options));
        }

        await Rounds.Run(contenders, options.Connections ?? [Connections], options, results);
        results.AtLeast(
            string.Create(CultureInfo.InvariantCulture, $"Growth: calls/s with {sizes[^1]:N0} stored, times those with {sizes[0]:N0}"),
            Rounds.Ratio(results, Name(sizes[^1]), Name(sizes[0]), Connections), 0.9);
        foreach (var size in sizes) await Postgres.Drop($"growth_{size}");
    }

    private static string Name(int size) => size.ToString("N0", CultureInfo.InvariantCulture);
}

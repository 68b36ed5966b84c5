using System.Globalization;

namespace CoopLine.Load;

/// <summary>Whether what has been stored makes the till call dearer.</summary>
internal static class GrowthSection
{
    public const string Title = "Growth";

    private static readonly Level Usual = new(64);

    public static async Task Run(Options options, Results results)
    {
        int[] sizes = options.Quick ? [10_000, 100_000] : [10_000, 5_000_000];
        var seeds = options.Seeds ?? (options.Quick ? 40_000 : 350_000);
        var sides = new List<Side>();
        foreach (var size in sizes)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Preparing {size:N0} used coupons and their ledger …"));
            var database = $"growth_{size}";
            await Seeds.CoopLine(database, seeds, phones: seeds, used: size);
            // The small one would grow by its own calls: each round has a copy.
            var store = size == sizes[0] ? new PostgresStore("growth", database) : new PostgresStore(database, null);
            sides.Add(new(Name(size), TillSection.CoopLine(Name(size), store, options), new IssuedCalls(0, seeds)));
        }

        var (small, large) = (Name(sizes[0]), Name(sizes[^1]));
        await new Turns(sides, options, results).Run(options.Levels(Usual), (large, small));
        results.AtLeast(
            $"Growth: calls/s with {large} stored, times those with {small}",
            results.Median(Turns.Pair(large, small), $"{Usual}", Turns.Speed), 0.9);
        foreach (var size in sizes) await Postgres.Drop($"growth_{size}");
    }

    private static string Name(int size) => size.ToString("N0", CultureInfo.InvariantCulture);
}

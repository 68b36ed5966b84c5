namespace CoopLine.Load;

/// <summary>Three processes of one cluster on this machine against one, which has it to itself.</summary>
internal static class SilosSection
{
    public const string Title = "Three processes";

    private const string Template = "seed_silos";

    private static readonly Level Usual = new(256);

    public static async Task Run(Options options, Results results)
    {
        var seeds = options.Seeds ?? (options.Quick ? 60_000 : 350_000);
        Console.WriteLine($"Preparing {seeds} calls …");
        await Seeds.CoopLine(Template, seeds, phones: seeds);
        await new Turns([Side("one", 1), Side("three", 3)], options, results).Run(options.Levels(Usual), ("three", "one"));
        await Postgres.Drop(Template);

        Side Side(string name, int processes) => new(
            name, TillSection.CoopLine(name, new PostgresStore(name, Template), options, processes), new IssuedCalls(0, seeds));
    }
}

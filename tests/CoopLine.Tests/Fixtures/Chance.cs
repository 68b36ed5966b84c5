using System.Globalization;

namespace CoopLine.Tests.Fixtures;

/// <summary>
/// Tests that draw at random: <c>COOPLINE_TEST_SEED</c> draws the same again, <c>COOPLINE_TEST_MINUTES</c> lets them go on
/// for so long. Each tells its seed in its output.
/// </summary>
internal static class Chance
{
    /// <summary>Zero unless somebody asks for more: then a test draws as much as is worth checking.</summary>
    public static TimeSpan Time { get; } = TimeSpan.FromMinutes(Number("COOPLINE_TEST_MINUTES") ?? 0);

    /// <summary>How many get a message to many while processes die, and how many times one does; null: as many as the test wants.</summary>
    public static int? Persons { get; } = Number("COOPLINE_TEST_PERSONS");

    public static int? Kills { get; } = Number("COOPLINE_TEST_KILLS");

    public static Random New(out int seed)
    {
        seed = Number("COOPLINE_TEST_SEED") ?? Random.Shared.Next();
        TestContext.Current.TestOutputHelper?.WriteLine($"COOPLINE_TEST_SEED={seed}");
        return new(seed);
    }

    private static int? Number(string variable) => Environment.GetEnvironmentVariable(variable) switch
    {
        null or "" => null,
        var given when int.TryParse(given, CultureInfo.InvariantCulture, out var number) => number,
        var other => throw new InvalidOperationException($"{variable} is {other}: it has to be a whole number."),
    };
}

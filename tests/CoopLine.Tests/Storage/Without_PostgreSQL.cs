using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Storage;

/// <summary>These very tests, told to run on PostgreSQL by somebody who has none.</summary>
[NoDatabase]
public sealed class Without_PostgreSQL
{
    [Fact]
    public async Task Given_a_laptop_then_what_needs_it_is_skipped_and_the_rest_runs()
    {
        var (code, said) = await RunTests(ci: null);

        Assert.Equal(0, code);
        Assert.Contains("There is no PostgreSQL on this machine.", said, StringComparison.Ordinal);
        var counts = Regex.Match(said, "Total: ([0-9]+), Errors: 0, Failed: 0, Skipped: ([0-9]+),");
        Assert.True(counts.Success, said);
        var skipped = int.Parse(counts.Groups[2].Value, CultureInfo.InvariantCulture);
        Assert.InRange(skipped, 1, int.Parse(counts.Groups[1].Value, CultureInfo.InvariantCulture) - 1);
    }

    [Fact]
    public async Task Given_CI_then_they_fail()
    {
        var (code, said) = await RunTests(ci: "true");

        Assert.NotEqual(0, code);
        Assert.Contains("CI needs PostgreSQL.", said, StringComparison.Ordinal);
        Assert.Contains("Skipped: 0,", said, StringComparison.Ordinal);
    }

    /// <summary>Tests that share a database, and some that have none.</summary>
    private static async Task<(int Code, string Said)> RunTests(string? ci)
    {
        var start = new ProcessStartInfo(
            Path.Combine(AppContext.BaseDirectory, "CoopLine.Tests"),
            [
                "-noColor",
                "-class", typeof(Keys).FullName!, "-class", typeof(Races.Forgetting_campaigns).FullName!,
            ])
        {
            RedirectStandardOutput = true,
            Environment =
            {
                ["COOPLINE_TEST_DATABASE"] = "postgresql",
                ["COOPLINE_TEST_POSTGRESQL"] = AppContext.BaseDirectory,
                ["CI"] = ci,
            },
        };
        using var tests = Process.Start(start)!;
        var said = await tests.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await tests.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (tests.ExitCode, said);
    }
}

using System.Diagnostics;
using CoopLine.Grains.Registry;
using CoopLine.Silo.Commands;
using CoopLine.Silo.Registry;
using Spectre.Console;

namespace CoopLine.Tests.Registry;

public sealed class Importing_at_the_console : IDisposable
{
    private readonly RegistryDesk desk = new();
    private readonly StringWriter screen = new();

    public void Dispose()
    {
        desk.Dispose();
        screen.Dispose();
    }

    [Fact]
    public async Task A_file_is_applied_and_its_rejected_rows_are_shown()
    {
        var code = await Run(desk.NewFile(["00000001,,,active,,,", "00000002,,,nobody,,,"]));

        Assert.Equal(0, code);
        Assert.Contains("2 rows: 1 accepted, 1 rejected.", screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("line 3: status", screen.ToString(), StringComparison.Ordinal);
        Assert.NotNull(await desk.Find("00000001"));
    }

    [Fact]
    public async Task Too_many_missing_stop_a_whole_registry_but_neither_a_forced_one_nor_a_delta()
    {
        await desk.Full(RegistryDesk.Members(10));
        var file = desk.NewFile(RegistryDesk.Members(5));

        Assert.Equal(1, await Run(file));
        Assert.Contains("5 of 10 known members", screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("  00000006", screen.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await Run(file, "--delta"));
        Assert.NotNull(await desk.Find("00000010"));
        Assert.Equal(0, await Run("--force", file));
        Assert.Null(await desk.Find("00000010"));
    }

    [Theory]
    [InlineData]
    [InlineData("--force")]
    [InlineData("a.csv", "b.csv")]
    [InlineData("a.csv", "--detla")]
    [InlineData("no-such-file.csv")]
    public async Task Wrong_usage_is_told(params string[] args)
    {
        Assert.Equal(2, await Run(args));
        Assert.NotEmpty(screen.ToString());
    }

    [Fact]
    public async Task Given_an_import_killed_half_way_then_the_old_registry_is_in_force_and_the_next_takes_over_after_the_lease()
    {
        await desk.Full("00000001,,,active,,old,");
        using (var import = Start(desk.NewFile(RegistryDesk.Members(500_000))))
        {
            while (desk.Scalar("SELECT count(*) FROM (SELECT 1 FROM registry_row WHERE import_id = 2 LIMIT 1) AS any_row") == 0)
                Assert.False(import.WaitForExit(TimeSpan.FromMilliseconds(20)), "It has ended before it could be killed.");
            import.Kill();
            await import.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Assert.Equal(1, desk.Scalar("SELECT count(*) FROM registry_import WHERE id = 2 AND status = 'staging'"));
        Assert.Equal("old", (await desk.Find("00000001"))?.HomeStore);
        Assert.Equal(1, desk.Scalar("SELECT count(*) FROM registry"));

        var now = new[] { desk.Clock.GetUtcNow(), TimeProvider.System.GetUtcNow() }.Max(); // the process had the true time
        desk.Clock.SetUtcNow(now + StagedImport.Lease + TimeSpan.FromSeconds(1));
        Assert.Equal(ImportOutcome.Applied, (await desk.Full("00000001,,,active,,new,")).Outcome);
        Assert.Equal("new", (await desk.Find("00000001"))?.HomeStore);
        Assert.Equal(1, desk.Scalar("SELECT count(*) FROM registry_row"));
    }

    private Process Start(string file)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "CoopLine.Silo");
        var start = new ProcessStartInfo(program, ["import", file]) { RedirectStandardOutput = true };
        foreach (var (name, value) in desk.Settings)
            start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        return Process.Start(start)!;
    }

    private Task<int> Run(params string[] args) => ImportCommand.Run(
        desk.Import,
        args,
        AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(screen) }),
        TestContext.Current.CancellationToken);
}

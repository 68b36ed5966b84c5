using System.Diagnostics;
using System.Text;
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
        var code = await Run(desk.NewFile(["00000001,,,active,,,", "00000002,,,nobody,,,"]), "--force");

        Assert.Equal(3, code);
        Assert.Contains("2 rows: 1 accepted, 1 rejected,", screen.ToString(), StringComparison.Ordinal);
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

    [Fact]
    public async Task The_exit_code_tells_all_applied_from_some_rejected_from_nothing_applied()
    {
        var good = RegistryDesk.Members(200).ToArray();

        Assert.Equal(0, await Run(desk.NewFile(good)));
        Assert.Equal(3, await Run(desk.NewFile(good.Append("00000201,,,nobody,,,"))));
        Assert.Equal(1, await Run(desk.NewFile(good.Take(190).Concat(Enumerable.Repeat("00000201,,,nobody,,,", 10)))));
        Assert.Equal(3, await Run(desk.NewFile(good.Append("00000201,,,nobody,,,")), "--dry-run"));
    }

    [Fact]
    public async Task Rejected_lines_are_written_as_they_were_with_their_reasons()
    {
        var rejects = desk.NewFile([]);
        var file = desk.NewFile([]);
        await File.WriteAllBytesAsync(
            file,
            [
                .. CodePagesEncodingProvider.Instance.GetEncoding(932)!.GetBytes(
                    RegistryDesk.Csv("00000001,,,active,,本店,", "00000002,09012345678,,nobody,,\"駅前\"\"店\",", "00000001,,,active,,二,")),
            ],
            TestContext.Current.CancellationToken);

        Assert.Equal(3, await Run(file, "--force", $"--rejects={rejects}"));

        Assert.Equal(
            """""
            line,reason,original
            3,"status is neither active nor withdrawn","00000002,09012345678,,nobody,,""駅前""""店"","
            4,"the same member_number as line 2, which counts","00000001,,,active,,二,"

            """"".ReplaceLineEndings("\r\n"),
            await File.ReadAllTextAsync(rejects, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_dry_run_says_what_the_file_would_do_and_does_nothing()
    {
        await desk.Full("00000001,,,active,,old,", "00000002,,,active,,old,", "00000003,,,active,,old,");

        var code = await Run(desk.NewFile(["00000001,,,active,,old,", "00000002,,,active,,new,", "00000003,,,withdrawn,,,", "00000004,,1971/4/1,active,,,"]), "--dry-run");

        Assert.Equal(0, code);
        Assert.Contains("nothing applied", screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("1 new, 2 changed, 1 leaving (0 links will end)", screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("0 rejected, 1 repaired", screen.ToString(), StringComparison.Ordinal);
        Assert.Equal("old", (await desk.Find("00000002"))?.HomeStore);
        Assert.Null(await desk.Find("00000004"));
        Assert.Equal(3, desk.Scalar("SELECT count(*) FROM registry_row"));
    }

    [Fact]
    public async Task The_encoding_that_is_said_is_obeyed()
    {
        var file = desk.NewFile([]);
        await File.WriteAllBytesAsync(
            file, CodePagesEncodingProvider.Instance.GetEncoding(932)!.GetBytes(RegistryDesk.Csv("00000001,,,active,,本店,")), TestContext.Current.CancellationToken);

        Assert.Equal(1, await Run(file, "--charset=UTF-8"));
        Assert.Equal(0, await Run(file, "--charset=Shift_JIS"));
    }

    [Theory]
    [InlineData]
    [InlineData("a.csv", "--charset=EUC-JP")]
    [InlineData("a.csv", "--rejects=")]
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
        start.Environment["DOTNET_ENVIRONMENT"] = "Development"; // as dotnet run starts it: all services are checked
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

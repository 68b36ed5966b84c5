using System.Net;
using CoopLine.ClusterTests.Fixtures;
using CoopLine.ClusterTests.Load;
using CoopLine.Tests.Fixtures;

namespace CoopLine.ClusterTests;

/// <summary>Somebody sets a machine's clock back. <c>tests/run --long</c> has it jump during all tests on SQLite as well.</summary>
public sealed class Setting_the_clock(ClusterDatabase database)
{
    private const string UnknownCode = "0000000000000";
    private const string Told = "The machine's clock was set by";

    [Fact]
    public async Task A_process_that_has_seen_a_later_time_still_wakes_grains()
    {
        Assert.SkipWhen(RunningCluster.FakeTime is null && !Ci.IsHere, "libfaketime is not installed.");
        using var clock = new SetClock("+1h");
        await using var cluster = await RunningCluster.Start(database, size: 1, also: clock.Settings);
        using var till = new Caller(new(), () => cluster.Silos, new(), CancellationToken.None);

        clock.Set("+0");

        // Nobody has asked about this receipt, so its grain sleeps; and a till whose time is an hour off would be refused.
        var answer = await till.Try(
            new(1), HttpMethod.Post, "/pos/v1/redemptions", RunningCluster.TillKey, Counter.NewBasket(UnknownCode, "", "U000000000").Sale);
        Assert.True(answer.Ok, answer.ToString());
    }

    [Theory]
    [InlineData("-5m")]
    [InlineData("-20m")]
    [InlineData("-60m")]
    [InlineData("+60m")]
    public async Task A_step_of_the_clock_is_told_once_and_no_till_sees_a_defect(string step)
    {
        Assert.SkipWhen(RunningCluster.FakeTime is null && !Ci.IsHere, "libfaketime is not installed.");
        using var clock = new SetClock("+0");
        var operators = Ports.Http(Ports.Free());
        await using var cluster = await RunningCluster.Start(
            database, size: 1, also: new(clock.Settings) { ["CoopLine:Ops:Url"] = operators.ToString() });
        var silo = cluster.Silos[0];
        using var till = new Caller(new(), () => cluster.Silos, new(), CancellationToken.None);
        await Shop(till);

        clock.Set(step);
        await Shop(till);
        await Eventually.Holds(() => silo.Count(Told) > 0, "the step is told");
        clock.Set("+0");
        await Eventually.Holds(() => silo.Count(Told) > 1, "the step back is told");
        await Shop(till);

        Assert.Equal(2, silo.Count(Told));
        Assert.Equal(0, silo.Count("Answered 500"));
        Assert.True(await silo.IsReady());
        using var http = new HttpClient();
        Assert.Matches(@"(?m)^coopline_clock_steps_total\{[^}]*\} 2\b", await http.GetStringAsync(new Uri(operators, "/metrics")));
    }

    /// <summary>
    /// Receipts that nobody has asked about, so that their grains sleep, and sales. The till's clock is right: the process may say
    /// that it is another one than its own.
    /// </summary>
    private static async Task Shop(Caller till)
    {
        for (var i = 0; i < 8; i++) // a till may try so many codes that nobody has, and no more
        {
            var sale = Counter.NewBasket(UnknownCode, "", "U000000000").Sale;
            var looked = await till.Try(new(1), HttpMethod.Get, $"/pos/v1/receipts/{sale.Path}", RunningCluster.TillKey, null);
            Assert.True(looked.Status is HttpStatusCode.NotFound or HttpStatusCode.ServiceUnavailable, looked.ToString());
            var sold = await till.Try(new(1), HttpMethod.Post, "/pos/v1/redemptions", RunningCluster.TillKey, sale);
            Assert.True(sold.Ok || sold.IsTooLate || sold.Status == HttpStatusCode.ServiceUnavailable, sold.ToString());
        }
    }

    /// <summary>The clock of processes that run already.</summary>
    private sealed class SetClock : IDisposable
    {
        private readonly string folder = Directory.CreateTempSubdirectory("coopline-clock-").FullName;

        public SetClock(string offset) => Set(offset);

        public Dictionary<string, string> Settings => new(RunningCluster.FakedTime)
        {
            ["FAKETIME_TIMESTAMP_FILE"] = Told,
            ["FAKETIME_NO_CACHE"] = "1",
        };

        private string Told => Path.Combine(folder, "offset");

        public void Set(string offset)
        {
            var next = Told + ".next";
            File.WriteAllText(next, offset + "\n");
            File.Move(next, Told, overwrite: true); // nobody reads half of it
        }

        public void Dispose() => Directory.Delete(folder, recursive: true);
    }
}

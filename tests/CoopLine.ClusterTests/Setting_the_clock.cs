using CoopLine.ClusterTests.Fixtures;
using CoopLine.ClusterTests.Load;
using CoopLine.Tests.Fixtures;

namespace CoopLine.ClusterTests;

/// <summary>Somebody sets a machine's clock back. <c>tests/run --long</c> has it jump during all tests on SQLite as well.</summary>
public sealed class Setting_the_clock(ClusterDatabase database)
{
    private const string UnknownCode = "0000000000000";

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

using System.Diagnostics;
using CoopLine.Grains;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Messages;

/// <summary>How fast messages go out: for the coupon page's sake by whoever sends, for LINE's sake all together.</summary>
public sealed class Pacing
{
    [Fact]
    public async Task A_send_to_many_is_spread_though_nobody_asked_for_it()
    {
        await using var coop = new RunningSystem
        {
            Also =
            {
                ["CoopLine:Messages:BlockPersons"] = "1",
                ["CoopLine:Messages:SpreadAbove"] = "2",
                ["CoopLine:Messages:SpreadMinutes"] = "30",
            },
        }.WithApprover();
        await coop.InitializeAsync();
        for (var one = 0; one < 2; one++) await coop.NewFriend();
        await coop.WaitUntil(await coop.Send(), "done"); // too few

        await coop.NewFriend();
        var id = await coop.Send(MessageSteps.Define(topic: "home"));
        foreach (var accepted in new[] { 1, 2 })
        {
            await Eventually.Holds(async () => (await coop.LookAt(id)).Number("accepted") == accepted, "a block each ten minutes");
            coop.Clock.Advance(TimeSpan.FromMinutes(9));
            await coop.Grains.Message(id).Finish();
            var now = await coop.LookAt(id);
            Assert.Equal(("sending", accepted), (now.Status, now.Number("accepted")));
            coop.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(3, (await coop.WaitUntil(id, "done")).Number("accepted"));
    }

    [Fact]
    public async Task Calls_get_their_turns_one_after_the_other_whoever_asks()
    {
        await using var coop = new RunningSystem { Also = { ["CoopLine:Messages:CallsPerSecond"] = "1" } };
        await coop.InitializeAsync();

        var since = Stopwatch.GetTimestamp();
        var waits = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => coop.Grains.LinePace.Take()));

        Assert.True(waits.Max() + Stopwatch.GetElapsedTime(since) >= TimeSpan.FromSeconds(4), string.Join(' ', waits));
        Assert.True(waits.Max() <= TimeSpan.FromSeconds(4), string.Join(' ', waits));
        Assert.Equal(5, waits.Distinct().Count());
    }
}

using CoopLine.Grains;
using CoopLine.Tests.Fixtures;
using CoopLine.Tests.Races;

namespace CoopLine.Tests.Interrupted;

/// <summary>
/// The process dies after each write on the way: nothing more reaches the database, and a new process starts. It knows
/// only what is on disk.
/// </summary>
public sealed class Crashes(Crowd crowd) : IClassFixture<Crowd>
{
    private RunningSystem Coop => crowd.Coop;

    [Theory]
    [InlineData("link")]
    [InlineData("unlink")]
    [InlineData("renumber")]
    [InlineData("erase")]
    [InlineData("redeem several coupons")]
    [InlineData("void")]
    public async Task Between_two_writes_leave_the_same(string name)
    {
        var story = Story.All.Single(one => one.Name == name);
        var (whole, writes) = await Tell(story, crashAfter: null);

        for (var after = 0; after < writes; after++)
        {
            var (left, _) = await Tell(story, after);

            Assert.True(whole == left, $"Crash after {after} of {writes} writes. Expected:\n{whole}\nActual:\n{left}");
        }

        await Consistency.Check(Coop);
    }

    private async Task<(string Left, int Writes)> Tell(Story story, int? crashAfter)
    {
        var run = new Run(crowd, Recover);
        await story.Before(run);
        await Consistency.Finished(Coop);
        Coop.Faults.Counted();
        if (crashAfter is { } writes) Coop.Faults.CrashAfter(writes);
        await story.Act(run);
        await Consistency.FinishedOrFailed(Coop); // What goes on behind an answer has its chance to be cut off.
        await Recover();
        await Consistency.Finished(Coop);
        var written = Coop.Faults.Counted().Count;
        Coop.Faults.Recover();
        return (await run.WhatIsLeft(), written);
    }

    private async Task Recover()
    {
        if (!Coop.Faults.Crashed) return;
        await Coop.Restart(dead: Coop.Faults.Recover);
        Coop.Faults.ForgetFailed();
        Coop.Clock.Advance(TimeSpan.FromSeconds(6));
        await Coop.Grains.Sweeper.Sweep();
    }
}

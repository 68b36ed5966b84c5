using CoopLine.Tests.Fixtures;
using CoopLine.Tests.Races;

namespace CoopLine.Tests.Interrupted;

/// <summary>
/// Each write on the way of each story fails once: before it reaches the database, or after it was committed. Then
/// everybody does again what they would do again, and nothing may differ from a run without faults.
/// </summary>
public sealed class Every_write(Crowd crowd) : IClassFixture<Crowd>
{
    private const int RunsMax = 10;

    private RunningSystem Coop => crowd.Coop;

    public static TheoryData<string, Fault> Strikes() => new(
        from story in Story.All from fault in Enum.GetValues<Fault>() select (story.Name, fault));

    [Theory]
    [MemberData(nameof(Strikes))]
    public async Task May_fail_once_and_leaves_the_same(string name, Fault fault)
    {
        var story = Story.All.Single(one => one.Name == name);
        var (whole, writes) = await Tell(story, () => { });
        Assert.NotEmpty(writes);

        foreach (var (state, count) in writes.CountBy(state => state))
        {
            for (var nth = 1; nth <= count; nth++)
            {
                // Two answers of LINE that come at one moment may be one write: then the last one comes in another run.
                var struck = Coop.Faults.Struck;
                for (var run = 0; Coop.Faults.Struck == struck; run++)
                {
                    Assert.True(run < RunsMax, $"Write {nth} of {state} was not struck in {RunsMax} runs.");
                    var (left, _) = await Tell(story, () => Coop.Faults.Order(state, fault, nth));
                    Assert.True(whole == left, $"{fault} at write {nth} of {state}. Expected:\n{whole}\nActual:\n{left}");
                }
            }
        }

        await Consistency.Check(Coop);
    }

    /// <returns>What is left of it, and the states written while faults could strike.</returns>
    private async Task<(string Left, IReadOnlyList<string> Writes)> Tell(Story story, Action arm)
    {
        var run = new Run(crowd, () => Task.CompletedTask);
        await story.Before(run);
        await Consistency.Finished(Coop);
        Coop.Faults.Counted();
        arm();
        await story.Act(run);
        await Consistency.Finished(Coop);
        Coop.Faults.Recover();
        return (await run.WhatIsLeft(), Coop.Faults.Counted());
    }
}

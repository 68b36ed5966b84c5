using System.Diagnostics;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Campaigns;

public sealed class Limits_at_random_with_group_commit() : Limits_at_random(groupCommit: true);

public sealed class Limits_at_random_with_AdoNet() : Limits_at_random(groupCommit: false);

/// <summary>
/// Members, tills and staff do at random whatever changes the numbers of campaigns with limits, while writes fail and processes
/// die. No answer and no number may differ from a plain <see cref="Tally"/>.
/// </summary>
[Trait("Speed", "random")]
public abstract class Limits_at_random(bool groupCommit)
{
    private const int Members = 7;
    private const int HistoriesOfASystem = 10;
    private const int Steps = 60;

    [Fact]
    public async Task Every_answer_and_every_number_is_the_tally_s()
    {
        Chance.New(out var seed);
        var since = Stopwatch.GetTimestamp();
        do
        {
            await using var coop = new RunningSystem();
            coop.Also["CoopLine:Storage:GroupCommit"] = groupCommit ? "true" : "false";
            coop.Also["CoopLine:Pos:Keys:0789:0"] = RunningSystem.TillKey("0789");
            await coop.InitializeAsync();
            var members = await Task.WhenAll(Enumerable.Range(0, Members).Select(_ => coop.LinkedFriend()));
            var isEnough = false; // something was refused and given back, on a way with faults
            for (var i = 0; i < HistoriesOfASystem && !isEnough; i++, seed++)
            {
                var history = new LimitHistory(coop, new(seed), members);
                try
                {
                    await history.Go(Steps);
                    await Consistency.Check(coop);
                }
                catch (Exception failed)
                {
                    throw new InvalidOperationException($"COOPLINE_TEST_SEED={seed}\n{history}", failed);
                }

                isEnough = history is { SoldOut: > 0, GivenBack: > 0 } && coop.Faults.Struck > 0 && Stopwatch.GetElapsedTime(since) >= Chance.Time;
            }
        }
        while (Stopwatch.GetElapsedTime(since) < Chance.Time);
    }
}

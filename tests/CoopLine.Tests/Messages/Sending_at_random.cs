using System.Diagnostics;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Messages;

/// <summary>
/// While a message is sent, friends link, unlink, block and turn topics off, staff pause, resume and stop, LINE loses answers, and
/// writes fail before and after they are committed; two processes send at once. Nobody gets it twice, the sum closes, nothing begins
/// after a pause or stop was answered, and it costs no more than was approved.
/// </summary>
[Trait("Speed", "random")]
public sealed class Sending_at_random
{
    private const int SendsOfASystem = 6;

    [Fact]
    public async Task Nobody_gets_it_twice_nobody_is_forgotten_and_the_sum_closes()
    {
        Chance.New(out var seed);
        var since = Stopwatch.GetTimestamp();
        var reached = new SendHistory.Dangers();
        do
        {
            var shakes = new Shakes();
            await using var coop = new RunningSystem { Wrap = shakes.Wrap }.WithApprover();
            coop.Also["CoopLine:Messages:BlockPersons"] = "3";
            coop.Also["CoopLine:Messages:CapMessages"] = "1000";
            coop.Also["CoopLine:Messages:Included"] = "0"; // each costs 3 yen
            await coop.InitializeAsync();
            var rival = await coop.StartRival();
            var people = await SendHistory.People(coop);
            for (var i = 0; i < SendsOfASystem; i++, seed++)
            {
                var history = new SendHistory(coop, rival, shakes, people, new(seed));
                try
                {
                    await history.Go();
                    reached.Add(await history.Check());
                }
                catch (Exception failed)
                {
                    throw new InvalidOperationException($"COOPLINE_TEST_SEED={seed}\n{history}", failed);
                }
            }

            reached.Add(shakes);
        }
        while (Stopwatch.GetElapsedTime(since) < Chance.Time || !reached.All);

        TestContext.Current.TestOutputHelper?.WriteLine(reached.ToString());
    }
}

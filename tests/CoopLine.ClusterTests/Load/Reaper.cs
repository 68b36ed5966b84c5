using CoopLine.ClusterTests.Fixtures;
using CoopLine.Simulator;

namespace CoopLine.ClusterTests.Load;

/// <summary>Kills processes while a message goes out, each time at another moment of it, and starts them again.</summary>
internal sealed class Reaper(LineSimulator line, IReadOnlyList<SiloProcess> silos, Random random)
{
    private const int StartsMax = 5;

    /// <summary>Of so many strikes one is at the worst moment.</summary>
    private const int Worst = 4;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan ProgressMost = TimeSpan.FromSeconds(30);

    private int strikes;

    public int Kills { get; private set; }

    /// <summary>How often processes died while LINE had taken a block and had not been heard.</summary>
    public int BetweenAnswerAndWrite { get; private set; }

    /// <summary>Of LINE, with blocks.</summary>
    public int Calls => line.Calls.Count(call => call.Name == LineCall.Multicast);

    public override string ToString() => $"{Kills} kills in {strikes} strikes";

    /// <summary>When the message has gone a bit further: one process, or all of them at once.</summary>
    public async Task Strike()
    {
        if (!await OneMoreCall()) await Revive();
        await Task.Delay(random.Next(500), CancellationToken.None);
        if (strikes++ % Worst == 1) await KillAllBeforeTheyHear();
        else await Kill(silos[random.Next(silos.Count)]);
        foreach (var silo in silos.Where(silo => !silo.IsRunning)) silo.Start();
        await Ready(silos[random.Next(silos.Count)]);
    }

    /// <summary>Everything runs again when it returns.</summary>
    public async Task Revive()
    {
        foreach (var silo in silos) await Ready(silo);
    }

    /// <summary>LINE takes a block, and nobody is there any more to hear of it.</summary>
    private async Task KillAllBeforeTheyHear()
    {
        using (line.Trouble.Hold(LineCall.Multicast))
        {
            if (await OneMoreCall()) BetweenAnswerAndWrite++;
            foreach (var silo in silos.Where(silo => silo.IsRunning)) await Kill(silo);
        }
    }

    private async Task<bool> OneMoreCall()
    {
        using var patience = new CancellationTokenSource(ProgressMost);
        var before = Calls;
        while (Calls == before)
        {
            if (patience.IsCancellationRequested) return false;
            await Task.Delay(BetweenLooks, CancellationToken.None);
        }

        return true;
    }

    private async Task Kill(SiloProcess silo)
    {
        await silo.Kill();
        Kills++;
    }

    /// <summary>Started once more, when the others take it for dead before it is there.</summary>
    private static async Task Ready(SiloProcess silo)
    {
        for (var number = 1; ; number++)
        {
            if (!silo.IsRunning) silo.Start();
            try
            {
                await silo.UntilReady();
                return;
            }
            catch (InvalidOperationException) when (number < StartsMax && !silo.IsRunning)
            {
            }
        }
    }
}

using System.Diagnostics;
using CoopLine.ClusterTests.Fixtures;
using CoopLine.ClusterTests.Histories;
using CoopLine.Silo.Storage;
using Npgsql;

namespace CoopLine.ClusterTests.Load;

/// <summary>Breaks one thing after the other, each again and again, in an order that its seed decides.</summary>
internal sealed class Nemesis(
    RunningCluster cluster, ClusterDatabase database, Caller caller, Sometimes sometimes, History history, Random random)
{
    private static readonly TimeSpan AnswersOnTheWay = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan StandsStill = TimeSpan.FromSeconds(10);

    /// <summary>Kills are what happens most.</summary>
    private static readonly Fault[] Round =
    [
        Fault.KillSilo, Fault.CutConnections, Fault.KillSilo, Fault.RestartDatabase, Fault.KillSilo, Fault.StopSilo,
        Fault.TerminateSessions, Fault.KillSilo, Fault.KillDatabase, Fault.KillSilo,
    ];

    /// <summary>What a run has to meet, as far as it is known before the end. On a slow machine one round may miss it.</summary>
    private static readonly Danger[] Wanted =
    [
        Danger.ConnectionCut, Danger.SessionTerminated, Danger.UnknownOutcome, Danger.ReplayFoundItsFirstWrite, Danger.LinkRaceLost,
    ];

    private const int RoundsMax = 4;
    private const int StartsMax = 5;

    private const int StrikesMin = 60;
    private const int StrikesMax = 300;

    private readonly List<long> kills = [];
    private readonly List<Fault> struck = [];

    private bool killedUnanswered;

    /// <summary>The moments at which a process was killed.</summary>
    public IReadOnlyList<long> Kills => kills;

    /// <summary>How often each fault was injected.</summary>
    public string Faults =>
        $"{struck.Count} faults: {string.Join(", ", struck.CountBy(fault => fault).OrderBy(one => one.Key).Select(one => $"{one.Key} {one.Value}"))}";

    private enum Fault
    {
        KillSilo,
        StopSilo,
        RestartDatabase,
        KillDatabase,
        CutConnections,
        TerminateSessions,
    }

    /// <summary>Every fault once, in any order; then on, until the time is over and enough was met. Everything runs again when it returns.</summary>
    public async Task Run(TimeSpan atLeast)
    {
        var since = Stopwatch.GetTimestamp();
        for (var round = 0; ; round++)
        {
            var faults = Round.ToArray();
            random.Shuffle(faults);
            foreach (var fault in faults)
            {
                if (round > 0 && Stopwatch.GetElapsedTime(since) >= atLeast && (round >= RoundsMax || MetEnough())) return;
                await Strike(fault);
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(200, 2_000)), CancellationToken.None);
            }
        }
    }

    private bool MetEnough() => killedUnanswered && !sometimes.Missing(Wanted).Any();

    private async Task Strike(Fault fault)
    {
        // In the words of the history, for whoever reads a violation.
        TestContext.Current.TestOutputHelper?.WriteLine($"{history.Now(),7} {TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {fault}");
        switch (fault)
        {
            case Fault.KillSilo:
                var killed = kills.Count % 2 == 0 ? await KillAtTheWorstMoment() : await Kill(Any());
                sometimes.Saw(Danger.Killed);
                await Start(killed);
                break;
            case Fault.StopSilo:
                var stopped = Any();
                await stopped.Stop();
                sometimes.Saw(Danger.StoodStill);
                await Task.Delay(StandsStill);
                await stopped.Continue();
                break;
            case Fault.RestartDatabase:
                await database.Server.Restart();
                sometimes.Saw(Danger.DatabaseRestarted);
                break;
            case Fault.KillDatabase:
                await database.Server.Kill();
                sometimes.Saw(Danger.DatabaseKilled);
                await database.Server.Up();
                break;
            case Fault.CutConnections:
                await Often(() => Task.FromResult(cluster.Wire.CutOne(random)), Danger.ConnectionCut);
                break;
            case Fault.TerminateSessions:
                await TerminateSessions();
                break;
        }

        struck.Add(fault);
        await Revive();
    }

    private async Task<SiloProcess> Kill(SiloProcess silo)
    {
        kills.Add(history.Now());
        await silo.Kill();
        return silo;
    }

    /// <summary>What was decided is in the database, and the process that has to answer does not know it yet.</summary>
    private async Task<SiloProcess> KillAtTheWorstMoment()
    {
        await using var connection = new NpgsqlConnection(database.OwnerOf(cluster.Database));
        await connection.OpenAsync();
        for (var i = 0; i < StrikesMax; i++)
        {
            using (cluster.Wire.HoldAnswers())
            {
                await Task.Delay(AnswersOnTheWay);
                if (await Unanswered(connection) is { } silo)
                {
                    killedUnanswered = true;
                    return await Kill(silo);
                }
            }

            await Task.Delay(AnswersOnTheWay);
        }

        return await Kill(Any());
    }

    private async Task<SiloProcess?> Unanswered(NpgsqlConnection connection)
    {
        await using var command = connection.Command("SELECT trace_id FROM ledger WHERE trace_id IS NOT NULL ORDER BY seq DESC LIMIT 20");
        await using var rows = await command.ExecuteReaderAsync();
        while (await rows.ReadAsync())
            if (caller.UnderWay.TryGetValue(rows.GetString(0), out var silo)) return silo;
        return null;
    }

    /// <summary>A burst: many moments find nothing under way.</summary>
    private async Task Often(Func<Task<bool>> strike, Danger danger)
    {
        for (var (i, before) = (0, sometimes.Count(danger)); i < StrikesMin || (sometimes.Count(danger) == before && i < StrikesMax); i++)
        {
            if (await strike()) sometimes.Saw(danger);
            await Task.Delay(random.Next(10, 40));
        }
    }

    private async Task TerminateSessions()
    {
        await using var connection = new NpgsqlConnection(database.OwnerOf("postgres"));
        await connection.OpenAsync();
        await Often(() => TerminateOne(connection), Danger.SessionTerminated);
    }

    private static async Task<bool> TerminateOne(NpgsqlConnection connection)
    {
        await using var command = connection.Command(
            """
            SELECT pg_terminate_backend(pid)
            FROM pg_stat_activity
            WHERE application_name = 'coopline' AND state <> 'idle'
            ORDER BY random()
            LIMIT 1
            """);
        return await command.ExecuteScalarAsync() is true;
    }

    /// <summary>A process may have given up because the others thought it dead, or the database was away too long.</summary>
    private async Task Revive()
    {
        foreach (var silo in cluster.Silos)
        {
            if (!silo.IsRunning) await Start(silo);
        }
    }

    /// <summary>Again, when the others take it for dead before it is there.</summary>
    private static async Task Start(SiloProcess silo)
    {
        for (var number = 1; ; number++)
        {
            silo.Start();
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

    private SiloProcess Any() => cluster.Silos[random.Next(cluster.Silos.Count)];
}

using System.Collections.Concurrent;

namespace CoopLine.ClusterTests.Load;

/// <summary>A state that a run must have met to be worth anything.</summary>
internal enum Danger
{
    Killed,
    StoodStill,
    DatabaseRestarted,
    DatabaseKilled,
    ConnectionCut,
    SessionTerminated,
    ClockOff,
    UnknownOutcome,

    /// <summary>A call without an answer whose row is in the ledger.</summary>
    DecidedWithoutAnswer,

    /// <summary>Such a call, during which a process was killed.</summary>
    KilledBetweenDecisionAndAnswer,
    ReplayFoundItsFirstWrite,

    /// <summary>Two activations of one grain wrote, and the second one met the first one's version.</summary>
    DuplicateActivation,
    LinkRaceLost,

    /// <summary>A receipt that was decided came with other contents, and was turned away.</summary>
    AnotherBodySent,

    /// <summary>A call that its till never learned the outcome of had happened; or had not.</summary>
    LeftCallHadHappened,
    LeftCallHadNotHappened,
}

/// <summary>How often it happened.</summary>
internal sealed class Sometimes
{
    private readonly ConcurrentDictionary<Danger, int> counts = new();

    public void Saw(Danger danger, int times = 1) => counts.AddOrUpdate(danger, times, (_, before) => before + times);

    public int Count(Danger danger) => counts.GetValueOrDefault(danger);

    public IEnumerable<Danger> Missing(params IEnumerable<Danger> expected) => expected.Where(danger => Count(danger) == 0);

    public override string ToString() =>
        string.Join(", ", Enum.GetValues<Danger>().Select(danger => $"{danger} {Count(danger)}"));
}

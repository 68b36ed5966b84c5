namespace CoopLine.Simulator.Demo;

/// <summary>
/// The demo's clock: real time, moved by hand. Only the time of day moves; timers go on in real time, so that nothing
/// waits or fires because of it. Set back, it tells times again that have been: what was done then lies in the future.
/// </summary>
public sealed class DemoClock : TimeProvider
{
    private long ahead;

    /// <summary>How far it is ahead of real time.</summary>
    public TimeSpan Ahead => new(Volatile.Read(ref ahead));

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;

    public void Advance(TimeSpan by) => Interlocked.Add(ref ahead, by.Ticks);

    public void BackToRealTime() => Interlocked.Exchange(ref ahead, 0);
}

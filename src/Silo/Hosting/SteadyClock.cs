using System.Diagnostics;

namespace CoopLine.Silo.Hosting;

/// <summary>
/// The time at which the process started, and what has passed since. It goes on evenly when somebody sets the machine's clock.
/// </summary>
/// <remarks>
/// Orleans plans by such times when to put idle grains to sleep. Set back by more than that, the machine's own clock would make it
/// refuse every grain that is not awake yet (<c>ArgumentException</c>, "The earliest collection that can be scheduled…"), until
/// the old time comes again.
/// </remarks>
internal sealed class SteadyClock : TimeProvider
{
    private readonly DateTimeOffset started = System.GetUtcNow();
    private readonly long since = Stopwatch.GetTimestamp();

    public override DateTimeOffset GetUtcNow() => started + Stopwatch.GetElapsedTime(since);
}

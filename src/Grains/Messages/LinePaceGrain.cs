using System.Diagnostics;
using Microsoft.Extensions.Options;

namespace CoopLine.Grains.Messages;

// The network keeps real time, whatever clock the rules are given.
[GrainType("line-pace")]
internal sealed class LinePaceGrain(IOptions<MessageOptions> options) : Grain, ILinePaceGrain
{
    private readonly long turn = Stopwatch.Frequency / options.Value.CallsPerSecond;
    private long next;

    public Task<TimeSpan> Take()
    {
        var now = Stopwatch.GetTimestamp();
        var mine = Math.Max(next, now);
        next = mine + turn;
        return Task.FromResult(Stopwatch.GetElapsedTime(now, mine));
    }
}

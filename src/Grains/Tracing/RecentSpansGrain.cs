using System.Collections.Immutable;
using Orleans.Placement;

namespace CoopLine.Grains.Tracing;

[GrainType("recent-spans"), PreferLocalPlacement]
internal sealed class RecentSpansGrain(SpanRing ring) : Grain, IRecentSpansGrain
{
    public Task Settle()
    {
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public Task<ImmutableArray<RecordedSpan>> OfTrace(string traceId) => Task.FromResult(ring.OfTrace(traceId));

    public Task<ImmutableArray<RecordedSpan>> Answers(string? receipt, int limit) => Task.FromResult(ring.Answers(receipt, limit));
}

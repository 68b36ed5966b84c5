using System.Collections.Immutable;
using Orleans.Placement;

namespace CoopLine.Grains.Tracing;

[GrainType("recent-spans"), PreferLocalPlacement]
internal sealed class RecentSpansGrain(SpanRing ring, ILocalSiloDetails here) : SiloGrain(here), IRecentSpansGrain
{
    public Task<ImmutableArray<RecordedSpan>> OfTrace(string traceId) => Task.FromResult(ring.OfTrace(traceId));
}

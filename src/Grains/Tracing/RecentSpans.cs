using System.Collections.Immutable;

namespace CoopLine.Grains.Tracing;

/// <summary>The newest spans of all processes of the cluster: this one's, and those of every silo.</summary>
public sealed class RecentSpans(SpanRing ring, EverySilo silos, IGrainFactory grains)
{
    /// <inheritdoc cref="SpanRing.OfTrace"/>
    public async Task<ImmutableArray<RecordedSpan>> OfTrace(string traceId)
    {
        var elsewhere = await silos.Ask(silo => grains.RecentSpans(silo).OfTrace(traceId));
        return [.. elsewhere.Concat(ring.OfTrace(traceId)).DistinctBy(span => span.Id).OrderBy(span => span.Start)];
    }
}

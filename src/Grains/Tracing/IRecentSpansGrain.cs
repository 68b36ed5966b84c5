using System.Collections.Immutable;

namespace CoopLine.Grains.Tracing;

/// <summary>What the <see cref="SpanRing"/> of one silo has. Key: <c>t-</c> + the silo's address.</summary>
[Alias("coopline.recent-spans")]
internal interface IRecentSpansGrain : ISiloGrain
{
    /// <inheritdoc cref="SpanRing.OfTrace"/>
    [Alias("of-trace")]
    Task<ImmutableArray<RecordedSpan>> OfTrace(string traceId);
}

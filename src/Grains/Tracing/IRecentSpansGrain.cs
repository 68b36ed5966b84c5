using System.Collections.Immutable;

namespace CoopLine.Grains.Tracing;

/// <summary>What the <see cref="SpanRing"/> of one silo has. Key: <c>t-</c> + the silo's address.</summary>
[Alias("coopline.recent-spans")]
internal interface IRecentSpansGrain : IGrainWithStringKey
{
    /// <summary>Called by a silo so that the grain lives there.</summary>
    [Alias("settle")]
    Task Settle();

    /// <inheritdoc cref="SpanRing.OfTrace"/>
    [Alias("of-trace")]
    Task<ImmutableArray<RecordedSpan>> OfTrace(string traceId);

    /// <inheritdoc cref="SpanRing.Answers"/>
    [Alias("answers")]
    Task<ImmutableArray<RecordedSpan>> Answers(string? receipt, int limit);
}

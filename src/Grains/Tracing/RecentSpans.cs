using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace CoopLine.Grains.Tracing;

/// <summary>The newest spans of all processes of the cluster: this one's, and those of every silo.</summary>
public sealed partial class RecentSpans(SpanRing ring, IGrainFactory grains, ILogger<RecentSpans> log)
{
    /// <inheritdoc cref="SpanRing.OfTrace"/>
    public async Task<ImmutableArray<RecordedSpan>> OfTrace(string traceId) =>
        [.. (await Everywhere(ring.OfTrace(traceId), silo => silo.OfTrace(traceId))).OrderBy(span => span.Start)];

    /// <inheritdoc cref="SpanRing.Answers"/>
    public async Task<ImmutableArray<RecordedSpan>> Answers(string? receipt, int limit) =>
        [.. (await Everywhere(ring.Answers(receipt, limit), silo => silo.Answers(receipt, limit))).OrderByDescending(span => span.Start).Take(limit)];

    /// <summary>A silo that does not answer is left out.</summary>
    private async Task<IEnumerable<RecordedSpan>> Everywhere(
        ImmutableArray<RecordedSpan> here, Func<IRecentSpansGrain, Task<ImmutableArray<RecordedSpan>>> ask)
    {
        var silos = await grains.GetGrain<IManagementGrain>(0).GetHosts(onlyActive: true);
        var all = await Task.WhenAll(silos.Keys.Select(async silo =>
        {
            try
            {
                return await ask(grains.RecentSpans(silo));
            }
            catch (Exception e) when (e is OrleansException or TimeoutException)
            {
                LogSilent(silo, e.GetType().Name);
                return [];
            }
        }));
        return all.Append(here).SelectMany(spans => spans).DistinctBy(span => (span.TraceId, span.Id));
    }

    [LoggerMessage(LogLevel.Warning, "Silo {Silo} did not tell its spans: {Fault}")]
    private partial void LogSilent(SiloAddress silo, string fault);
}

using System.Diagnostics;
using CoopLine.Grains.Tracing;
using OpenTelemetry;

namespace CoopLine.Silo.Monitoring;

/// <summary>Keeps the newest spans in memory. Comes after the <see cref="Scrubber"/>.</summary>
internal sealed class KeepingSpans(SpanRing ring) : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        if (data.Recorded) ring.Add(data);
    }
}

using System.Diagnostics;

namespace CoopLine.Silo.Monitoring;

/// <summary>
/// Orleans passes a trace on only if it is recorded. Ledger rows and log lines name their trace in any case, so the others are
/// passed on here.
/// </summary>
internal sealed class TraceIdsWhenNotRecorded : IOutgoingGrainCallFilter
{
    private const string TraceParent = "traceparent";

    public Task Invoke(IOutgoingGrainCallContext context)
    {
        if (Activity.Current is { Recorded: false, IdFormat: ActivityIdFormat.W3C, Id: { } id }) RequestContext.Set(TraceParent, id);
        return context.Invoke();
    }
}

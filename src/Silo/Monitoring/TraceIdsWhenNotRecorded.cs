using System.Diagnostics;

namespace CoopLine.Silo.Monitoring;

/// <summary>
/// Orleans hands a trace on only if it is recorded. Ledger rows and log lines name the trace in any case, so that one that is
/// not recorded is handed on here.
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

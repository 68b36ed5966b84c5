using CoopLine.Grains.Line;

namespace CoopLine.Grains.Messages;

/// <summary>
/// How many of the month's messages are used. LINE's count follows slowly: what was handed over since it was first asked is added to
/// that answer, and the larger number rules.
/// </summary>
internal sealed class MonthlyUse(LineSendingClient line, ISendPlans plans, TimeProvider clock)
{
    private (DateTimeOffset At, long Used)? first;

    /// <returns>Null when LINE does not say.</returns>
    public async Task<QuotaOutcome.Known?> Read()
    {
        var now = clock.GetUtcNow();
        if (await line.Quota() is not QuotaOutcome.Known said) return null;
        if (first is not { } begun || Month(begun.At) != Month(now)) first = begun = (now, said.Used);
        var ours = begun.Used + await plans.SentSince(begun.At);
        var used = Math.Max(said.Used, ours);
        if (said.Limit is { } limit) Telemetry.MonthLeft.Record(limit - used);
        return said with { Used = used };
    }

    private static (int, int) Month(DateTimeOffset at) => (LineDay.Of(at).Year, LineDay.Of(at).Month);
}

using CoopLine.Grains.Line;

namespace CoopLine.Grains.Messages;

/// <summary>
/// How many of the month's messages are used. LINE's count follows slowly: what was handed over since it was first asked is added to
/// that answer, and everything that was handed over this month counts in any case. The largest number rules.
/// </summary>
public sealed class MonthlyUse(LineSendingClient line, ISendPlans plans, TimeProvider clock)
{
    private Answer? first;

    /// <returns>Null when LINE does not say.</returns>
    public async Task<QuotaOutcome.Known?> Read()
    {
        var now = clock.GetUtcNow();
        if (await line.Quota() is not QuotaOutcome.Known said) return null;
        if (first is not { } begun || LineDay.StartOfMonth(begun.At) != LineDay.StartOfMonth(now)) first = begun = new(now, said.Used);
        var ours = begun.Used + await plans.SentSince(begun.At);
        var used = Math.Max(Math.Max(said.Used, ours), await plans.SentSince(LineDay.StartOfMonth(now)));
        if (said.Limit is { } limit) Telemetry.MonthLeft.Record(limit - used);
        return said with { Used = used };
    }

    private sealed record Answer(DateTimeOffset At, long Used);
}

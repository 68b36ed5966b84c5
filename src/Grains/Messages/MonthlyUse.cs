using CoopLine.Grains.Line;

namespace CoopLine.Grains.Messages;

/// <summary>
/// How many of the month's messages are used. LINE's count follows slowly: what was handed over since it was first asked is added to
/// that answer, and everything that was handed over this month counts in any case. The largest number rules.
/// </summary>
public sealed class MonthlyUse(LineSendingClient line, ISendMonth sent, TimeProvider clock)
{
    private FirstAnswer? first;

    /// <param name="campaign">Which message asks; null: one that has not begun.</param>
    /// <returns>Null when LINE does not say.</returns>
    public async Task<MonthSoFar?> Read(string? campaign = null, CancellationToken cancellation = default)
    {
        var now = clock.GetUtcNow();
        if (await line.Quota(cancellation) is not QuotaOutcome.Known said) return null;
        var month = LineDay.StartOfMonth(now);
        if (first is not { } begun || LineDay.StartOfMonth(begun.At) != month) first = begun = await sent.First(new(now, said.Used), cancellation);
        var handed = await sent.HandedOver(month, begun.At, campaign, cancellation);
        var used = Math.Max(Math.Max(said.Used, begun.Used + handed.SinceFirst), handed.InMonth);
        if (said.Limit is { } limit) Telemetry.MonthLeft.Record(limit - used);
        return new(said.Limit, used, handed.Before, handed.Behind);
    }
}

/// <param name="Limit">Null: there is none.</param>
/// <param name="Used">Whatever the message.</param>
/// <param name="Before">As in <see cref="HandedOver"/>, as <paramref name="Behind"/>.</param>
public sealed record MonthSoFar(long? Limit, long Used, long Before, long Behind)
{
    /// <summary>
    /// How many of the month come before the next person of the message. It does not move while others go out: who was begun before it
    /// goes from one number to the other, and who was begun behind it has places behind it.
    /// </summary>
    public long Place => Used + Before - Behind;

    /// <summary>What others leave of the month; null: there is no limit.</summary>
    public long? Left => Limit - Used - Before;
}

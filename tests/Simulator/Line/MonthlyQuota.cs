namespace CoopLine.Simulator.Line;

/// <summary>The messages of a calendar month in Japan: how many persons may get one, and how many did.</summary>
/// <seealso href="https://developers.line.biz/en/reference/messaging-api/#get-quota"/>
internal sealed class MonthlyQuota(TimeProvider clock)
{
    private static readonly TimeSpan Japan = TimeSpan.FromHours(9);

    private readonly Lock gate = new();
    private readonly List<(DateTimeOffset At, int Persons)> sent = [];

    /// <summary>Null for none.</summary>
    public int? Limit { get; set; }

    /// <summary>How long it takes until LINE tells what was sent; what is sent counts against the limit at once.</summary>
    public TimeSpan ToldAfter { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>What LINE tells: what was sent lately is not in it yet.</summary>
    public int Told
    {
        get
        {
            lock (gate) return Sent(until: clock.GetUtcNow() - ToldAfter);
        }
    }

    /// <returns>False when that is more than the rest of the month; then nothing is taken.</returns>
    public bool Take(int persons)
    {
        lock (gate)
        {
            var now = clock.GetUtcNow();
            if (Limit is { } limit && Sent(until: now) + persons > limit) return false;
            sent.Add((now, persons));
            return true;
        }
    }

    private int Sent(DateTimeOffset until)
    {
        var today = clock.GetUtcNow().ToOffset(Japan);
        var month = new DateTimeOffset(today.Year, today.Month, 1, 0, 0, 0, Japan);
        return sent.Where(one => one.At >= month && one.At <= until).Sum(one => one.Persons);
    }
}

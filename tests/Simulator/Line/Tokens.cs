namespace CoopLine.Simulator.Line;

/// <summary>
/// Single use, one minute from each delivery of its webhook, and never later than 20 minutes after the event.
/// </summary>
internal sealed class ReplyTokens(TimeProvider clock)
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan LongestLife = TimeSpan.FromMinutes(20);

    private readonly Lock gate = new();
    private readonly Dictionary<string, (string UserId, DateTimeOffset DeliveredAt, DateTimeOffset EventAt)> open = [];
    private readonly HashSet<string> used = [];

    public void Delivered(string token, string userId, DateTimeOffset eventAt)
    {
        lock (gate)
        {
            if (!used.Contains(token)) open[token] = (userId, clock.GetUtcNow(), eventAt);
        }
    }

    /// <returns>The user whom the token answers, or null when it is unknown, used or too old.</returns>
    public string? Use(string token)
    {
        lock (gate)
        {
            if (!open.TryGetValue(token, out var found)) return null;
            var now = clock.GetUtcNow();
            if (now - found.DeliveredAt > Life || now - found.EventAt > LongestLife) return null;
            open.Remove(token);
            used.Add(token);
            return found.UserId;
        }
    }
}

/// <summary>Single use, ten minutes.</summary>
internal sealed class LinkTokens(TimeProvider clock)
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    private readonly Lock gate = new();
    private readonly Dictionary<string, (string UserId, DateTimeOffset EndsAt)> open = [];

    public string Issue(string userId)
    {
        var token = LineEvents.NewToken();
        lock (gate) open[token] = (userId, clock.GetUtcNow() + Life);
        return token;
    }

    /// <returns>The user whom the token was issued for, or null when it is unknown, used or too old.</returns>
    public string? Use(string token)
    {
        lock (gate)
        {
            return open.Remove(token, out var found) && clock.GetUtcNow() < found.EndsAt ? found.UserId : null;
        }
    }
}

/// <summary>The long-lived token of the options, and stateless ones of 15 minutes.</summary>
internal sealed class ChannelTokens(LineSimulatorOptions options, TimeProvider clock)
{
    public static readonly TimeSpan Life = TimeSpan.FromMinutes(15);

    private readonly Lock gate = new();
    private readonly Dictionary<string, DateTimeOffset> stateless = [];

    public string? Issue(string? clientId, string? clientSecret)
    {
        if (clientId != options.ChannelId || clientSecret != options.ChannelSecret) return null;
        var token = "stateless-" + LineEvents.NewToken();
        lock (gate) stateless[token] = clock.GetUtcNow() + Life;
        return token;
    }

    public bool Accepts(string? authorization)
    {
        if (authorization?.StartsWith("Bearer ", StringComparison.Ordinal) != true) return false;
        var token = authorization["Bearer ".Length..];
        if (token == options.ChannelAccessToken) return true;
        lock (gate) return stateless.TryGetValue(token, out var end) && clock.GetUtcNow() < end;
    }
}

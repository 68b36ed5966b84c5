namespace CoopLine.Simulator;

/// <summary>
/// What goes wrong at LINE. Everything is off until switched on, and can be switched while calls arrive.
/// </summary>
public sealed class Trouble
{
    internal const string RateLimitText = "The API rate limit has been exceeded. Try again later.";
    internal const string QuotaText = "You have reached your monthly limit.";

    /// <summary>For <c>times</c>: until <see cref="Clear"/>.</summary>
    public const int Always = int.MaxValue;

    private readonly Lock gate = new();
    private readonly List<Planned> planned = [];
    private readonly List<Held> held = [];
    private readonly Dictionary<LineCall, TimeSpan> delays = [];

    /// <summary>Trouble on the way from LINE to CoopLine.</summary>
    public WebhookTrouble Webhooks { get; } = new();

    /// <summary>The next calls get this status and text, and have no effect.</summary>
    public void Answer(LineCall call, int status, string message, int times = 1) =>
        Plan(call, new Mishap.Answer(status, message), times);

    /// <summary>The next calls get exactly this, and have no effect: what LINE, or whoever stands in its place, should not answer.</summary>
    /// <param name="location">Where a redirect leads.</param>
    public void AnswerWith(
        LineCall call, int status, string body, string contentType = "application/json", string? location = null, int times = 1) =>
        Plan(call, new Mishap.Exactly(status, body, contentType, location), times);

    /// <summary>500, without effect.</summary>
    public void Fail(LineCall call, int times = 1) => Answer(call, 500, "Internal Server Error", times);

    /// <summary>500, although the request takes effect.</summary>
    public void FailAfter(LineCall call, int times = 1) => Plan(call, new Mishap.FailAfter(), times);

    /// <summary>429 with the text of the rate limit.</summary>
    public void RateLimit(LineCall call, int times = 1) => Answer(call, 429, RateLimitText, times);

    /// <summary>429 with the text of the used-up monthly quota.</summary>
    public void QuotaUsedUp(LineCall call, int times = 1) => Answer(call, 429, QuotaText, times);

    /// <summary>The connection is cut before the request has any effect.</summary>
    public void DropBefore(LineCall call, int times = 1) => Plan(call, new Mishap.DropBefore(), times);

    /// <summary>The request takes effect, and the connection is cut instead of the answer.</summary>
    public void DropAfter(LineCall call, int times = 1) => Plan(call, new Mishap.DropAfter(), times);

    /// <summary>
    /// Every such call takes this much longer, by the simulator's clock. Zero ends it. A caller that gives up
    /// meanwhile changes nothing: the request still takes effect, as it may at LINE.
    /// </summary>
    public void Slow(LineCall call, TimeSpan delay)
    {
        lock (gate) delays[call] = delay;
    }

    /// <summary>
    /// Such calls wait, before they have any effect, until the returned hold is disposed; then they take effect
    /// even if the caller has given up.
    /// </summary>
    public IDisposable Hold(LineCall call)
    {
        var hold = new Held(call, this);
        lock (gate) held.Add(hold);
        return hold;
    }

    /// <summary>Ends all trouble and lets held calls go. Webhooks held back stay so until released.</summary>
    public void Clear()
    {
        Held[] holds;
        lock (gate)
        {
            planned.Clear();
            delays.Clear();
            holds = [.. held];
        }
        foreach (var hold in holds) hold.Dispose();
        Webhooks.Copies = 1;
        Webhooks.Redeliveries = 0;
    }

    internal async Task WaitBefore(LineCall call, TimeProvider clock)
    {
        Held[] holds;
        TimeSpan delay;
        lock (gate)
        {
            holds = [.. held.Where(hold => Concerns(hold.Call, call))];
            delay = delays.Where(entry => Concerns(entry.Key, call)).Select(entry => entry.Value).Append(default).Max();
        }
        foreach (var hold in holds) await hold.Released;
        if (delay > TimeSpan.Zero) await Task.Delay(delay, clock);
    }

    internal Mishap? Next(LineCall call)
    {
        lock (gate)
        {
            if (planned.Find(entry => Concerns(entry.Call, call)) is not { } found) return null;
            if (found.Times != Always && --found.Times == 0) planned.Remove(found);
            return found.Mishap;
        }
    }

    private static bool Concerns(LineCall troubled, LineCall call) => troubled == LineCall.Any || troubled == call;

    private void Plan(LineCall call, Mishap mishap, int times)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(times);
        lock (gate) planned.Add(new Planned(call, mishap) { Times = times });
    }

    private sealed record Planned(LineCall Call, Mishap Mishap)
    {
        public required int Times { get; set; }
    }

    private sealed class Held(LineCall call, Trouble trouble) : IDisposable
    {
        private readonly TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public LineCall Call => call;
        public Task Released => released.Task;

        public void Dispose()
        {
            lock (trouble.gate) trouble.held.Remove(this);
            released.TrySetResult();
        }
    }
}

/// <summary>Trouble on the way from LINE to CoopLine.</summary>
public sealed class WebhookTrouble
{
    /// <summary>How often each webhook is sent, byte for byte the same. Default 1.</summary>
    public int Copies { get; set; } = 1;

    /// <summary>
    /// How often events that were not answered 2xx are sent again at once, with the same id and
    /// <c>isRedelivery</c> true. Default 0: never, as on a new LINE channel.
    /// </summary>
    public int Redeliveries { get; set; }

    /// <summary>While true nothing is sent; see <see cref="LineSimulator.ReleaseWebhooks"/>.</summary>
    public bool HoldBack { get; set; }
}

internal abstract record Mishap
{
    public sealed record Answer(int Status, string Message) : Mishap;
    public sealed record Exactly(int Status, string Body, string ContentType, string? Location) : Mishap;
    public sealed record DropBefore : Mishap;
    public sealed record DropAfter : Mishap;
    public sealed record FailAfter : Mishap;
}

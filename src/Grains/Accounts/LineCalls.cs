using System.Collections.Immutable;
using CoopLine.Grains.Line;

namespace CoopLine.Grains.Accounts;

/// <summary>
/// What an activation knows of its calls to LINE: which is under way, when to try again.
/// It is not stored: after a crash the outbox starts over, with keys that LINE takes once.
/// </summary>
internal sealed class LineCalls(TimeProvider clock)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    /// <summary>LINE promises a minute; this leaves time for the call itself.</summary>
    private static readonly TimeSpan ReplyTokenLife = TimeSpan.FromSeconds(45);

    /// <summary>A call that has not answered for this long was lost with the silo that made it.</summary>
    private static readonly TimeSpan LostAfter = TimeSpan.FromMinutes(1);

    private readonly Line reply = new();
    private readonly Line push = new();
    private readonly Line menu = new();

    /// <summary>How long until a call that failed is due again; null when none failed, or when this wait was handed out before.</summary>
    public TimeSpan? NextTry
    {
        get
        {
            var now = clock.GetUtcNow();
            var due = new[] { reply, push, menu }.Where(line => line.NotBefore > now && !line.WakeIsSet).ToArray();
            foreach (var line in due) line.WakeIsSet = true;
            return due.Length == 0 ? null : due.Min(line => line.NotBefore) - now;
        }
    }

    /// <summary>
    /// The message to send now, one at a time: the oldest. While LINE does not take what is pushed, answers to taps go first,
    /// for they cannot wait.
    /// </summary>
    public OutboxEntry? Begin(ImmutableArray<OutboxEntry> outbox)
    {
        var now = clock.GetUtcNow();
        if (reply.IsUnderWay(now) || push.IsUnderWay(now)) return null;
        return outbox.FirstOrDefault(entry => LineOf(entry).Begin(now));
    }

    public bool BeginMenu() => menu.Begin(clock.GetUtcNow());

    public void Sent(OutboxEntry entry, LineCallResult answer)
    {
        var now = clock.GetUtcNow();
        if (entry.OverMonthlyLimit) push.Rest(now, MonthlyLimit.Pause);
        else LineOf(entry).End(now, failed: answer is LineCallResult.NotNow or LineCallResult.Unknown);
    }

    public void MenuAnswered(LineCallResult answer) => menu.End(clock.GetUtcNow(), failed: answer != LineCallResult.Accepted);

    /// <summary>What stays in the outbox after LINE's answer; null when the entry is done with.</summary>
    public static OutboxEntry? After(OutboxEntry entry, LineCallResult answer, DateTimeOffset now)
    {
        if (answer is LineCallResult.Accepted or LineCallResult.Rejected) return null;
        // An answer to a tap is free while its token lives, and not worth money afterwards: the friend taps again.
        var life = entry.ReplyToken is null ? LineAccountState.GiveUpAfter : ReplyTokenLife;
        return now - entry.CreatedAt >= life ? null : entry;
    }

    private Line LineOf(OutboxEntry entry) => entry.ReplyToken is null ? push : reply;

    private sealed class Line
    {
        private DateTimeOffset? begunAt;
        private TimeSpan rest;
        private int failures;

        public DateTimeOffset NotBefore { get; private set; }

        public bool WakeIsSet { get; set; }

        public bool IsUnderWay(DateTimeOffset now) => IsWithin(begunAt + LostAfter - now, LostAfter);

        public bool Begin(DateTimeOffset now)
        {
            if (IsWithin(NotBefore - now, rest) || IsUnderWay(now)) return false;
            begunAt = now;
            return true;
        }

        public void End(DateTimeOffset now, bool failed)
        {
            failures = failed ? failures + 1 : 0;
            Rest(now, failed ? Pause(failures) : TimeSpan.Zero);
        }

        public void Rest(DateTimeOffset now, TimeSpan pause)
        {
            (begunAt, rest) = (null, pause);
            NotBefore = now + pause;
            WakeIsSet = false;
        }

        /// <summary>A moment further away than that comes from a clock that has been set back since: it is not waited for.</summary>
        private static bool IsWithin(TimeSpan? left, TimeSpan longest) => left > TimeSpan.Zero && left <= longest;

        private static TimeSpan Pause(int failures) =>
            FirstPause * Math.Pow(2, Math.Min(failures - 1, 6)) is var pause && pause < LongestPause ? pause : LongestPause;
    }
}

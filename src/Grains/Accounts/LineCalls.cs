using System.Collections.Immutable;
using CoopLine.Grains.Line;

namespace CoopLine.Grains.Accounts;

/// <summary>
/// What an activation knows of its calls to LINE: which is under way, which may have arrived, when to try again.
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

    private readonly HashSet<Guid> maybeArrived = [];
    private readonly Line message = new();
    private readonly Line menu = new();

    /// <summary>How long until a call that failed is due again; null when none failed, or when this wait was handed out before.</summary>
    public TimeSpan? NextTry
    {
        get
        {
            var now = clock.GetUtcNow();
            var due = new[] { message, menu }.Where(line => line.NotBefore > now && !line.WakeIsSet).ToArray();
            foreach (var line in due) line.WakeIsSet = true;
            return due.Length == 0 ? null : due.Min(line => line.NotBefore) - now;
        }
    }

    public void Inherit(ImmutableArray<OutboxEntry> outbox) =>
        maybeArrived.UnionWith(outbox.Where(entry => entry.ReplyToken is not null).Select(entry => entry.Id));

    public bool MaySay(OutboxEntry entry)
    {
        var unheardOf = message.IsUnderWay;
        if (!message.Begin(clock.GetUtcNow())) return false;
        if (unheardOf) maybeArrived.Add(entry.Id);
        return true;
    }

    public bool MayShowMenu() => menu.Begin(clock.GetUtcNow());

    public void Sent(OutboxEntry entry, LineCallResult answer) => message.End(
        clock.GetUtcNow(), failed: answer is LineCallResult.NotNow or LineCallResult.Unknown);

    public void MenuAnswered(LineCallResult answer) => menu.End(clock.GetUtcNow(), failed: answer != LineCallResult.Accepted);

    /// <summary>What stays in the outbox after LINE's answer; null when the entry is done with.</summary>
    public OutboxEntry? After(OutboxEntry entry, LineCallResult answer, DateTimeOffset now)
    {
        if (answer == LineCallResult.Accepted) return null;
        if (now - entry.CreatedAt >= LineAccountState.GiveUpAfter) return null;
        if (entry.ReplyToken is null) return answer == LineCallResult.Rejected ? null : entry;

        // A reply token works once. If nobody knows whether it did, the message must not go out again as a push.
        var uncertain = entry.Uncertain || maybeArrived.Contains(entry.Id) || answer == LineCallResult.Unknown;
        var over = answer == LineCallResult.Rejected || now - entry.CreatedAt >= ReplyTokenLife;
        return (over, uncertain) switch
        {
            (true, true) => null,
            (true, false) => entry with { ReplyToken = null },
            _ => entry with { Uncertain = uncertain },
        };
    }

    private sealed class Line
    {
        private DateTimeOffset? begunAt;
        private int failures;

        public bool IsUnderWay => begunAt is not null;

        public DateTimeOffset NotBefore { get; private set; }

        public bool WakeIsSet { get; set; }

        public bool Begin(DateTimeOffset now)
        {
            if (IsWithin(NotBefore - now, LongestPause) || IsWithin(begunAt + LostAfter - now, LostAfter)) return false;
            begunAt = now;
            return true;
        }

        public void End(DateTimeOffset now, bool failed)
        {
            begunAt = null;
            failures = failed ? failures + 1 : 0;
            NotBefore = failed ? now + Pause(failures) : now;
            WakeIsSet = false;
        }

        /// <summary>A moment further away than that comes from a clock that has been set back since: it is not waited for.</summary>
        private static bool IsWithin(TimeSpan? left, TimeSpan longest) => left > TimeSpan.Zero && left <= longest;

        private static TimeSpan Pause(int failures) =>
            FirstPause * Math.Pow(2, Math.Min(failures - 1, 6)) is var pause && pause < LongestPause ? pause : LongestPause;
    }
}

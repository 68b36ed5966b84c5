using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;

namespace CoopLine.Grains.Line;

/// <summary>
/// Whether the account's messages of this month are used up, as LINE last told this process. Then nothing that costs money is
/// sent, but for one message every ten minutes: LINE takes it when the month or the limit has changed.
/// </summary>
/// <seealso href="https://developers.line.biz/en/docs/messaging-api/pricing/"/>
public sealed partial class MonthlyLimit
{
    public static readonly TimeSpan Pause = TimeSpan.FromMinutes(10);

    private readonly TimeProvider clock;
    private readonly ILogger<MonthlyLimit> log;
    private long nextTryTicks; // UTC; 0 while the limit is not reached

    public MonthlyLimit(TimeProvider clock, IMeterFactory meters, ILogger<MonthlyLimit> log)
    {
        (this.clock, this.log) = (clock, log);
        meters.Create(Telemetry.Name).CreateObservableGauge(
            "coopline.line.monthly_limit", () => Interlocked.Read(ref nextTryTicks) == 0 ? 0 : 1, "{limit}",
            "1 while LINE takes no more messages that cost money this month.");
    }

    /// <summary>Asked before each message that costs money.</summary>
    internal bool Forbids()
    {
        var nextTry = Interlocked.Read(ref nextTryTicks);
        if (nextTry == 0) return false;

        var now = clock.GetUtcNow().UtcTicks;
        // A moment further away than the pause comes from a clock that has been set back since: it is not waited for.
        if (now < nextTry && nextTry - now <= Pause.Ticks) return true;
        return Interlocked.CompareExchange(ref nextTryTicks, now + Pause.Ticks, nextTry) != nextTry; // one of them tries
    }

    internal void Reached()
    {
        var next = (clock.GetUtcNow() + Pause).UtcTicks;
        if (Interlocked.Exchange(ref nextTryTicks, next) == 0) LogReached();
    }

    internal void Over()
    {
        if (Interlocked.Exchange(ref nextTryTicks, 0) != 0) LogOver();
    }

    [LoggerMessage(LogLevel.Error, "LINE's monthly limit is reached: members hear nothing that costs money until the month or the limit changes")]
    private partial void LogReached();

    [LoggerMessage(LogLevel.Information, "LINE takes messages that cost money again")]
    private partial void LogOver();
}

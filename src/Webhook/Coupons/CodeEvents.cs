using System.Collections.Concurrent;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using CoopLine.Grains;
using CoopLine.Grains.Coupons;
using CoopLine.Webhook.Edge;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CoopLine.Webhook.Coupons;

/// <summary>
/// What becomes of a code, as it happens: the code's coupons call when they change, or when a campaign is used up, and the desk says
/// what is true. What a call did not say — a silo died, a campaign was stopped — the next look finds.
/// </summary>
internal sealed partial class CodeEvents(
    IGrainFactory grains, StockEvents stock, Patience patience, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<CodeEvents> log)
{
    /// <summary>Well within the minute that a coupon remembers who watches it, and often enough to keep a connection open.</summary>
    private static readonly TimeSpan LooksEvery = TimeSpan.FromSeconds(10);

    /// <summary>A used code is followed for so long after its end: the till may still void the receipt.</summary>
    private static readonly TimeSpan VoidsWithin = TimeSpan.FromMinutes(10);

    /// <summary>Longer than the minute that a coupon remembers who watches it.</summary>
    private static readonly TimeSpan CalledFor = TimeSpan.FromMinutes(2);

    /// <summary>Watchers whose page has left, oldest first.</summary>
    private readonly ConcurrentQueue<(long LeftAt, ICouponWatcher Watcher, Bell Bell)> retired = new();

    /// <returns>Null when the account has no such code.</returns>
    public async Task<IAsyncEnumerable<SseItem<CodeStatus?>>?> Follow(string account, string code, CancellationToken left)
    {
        Forget();
        var bell = new Bell();
        var watcher = grains.CreateObjectReference<ICouponWatcher>(bell);
        CodeStatus? first = null;
        try
        {
            first = await Read();
        }
        finally
        {
            if (first is null) Retire(watcher, bell);
        }

        return first is null ? null : States(first, bell, watcher, Read, left);

        Task<CodeStatus?> Read() => patience.Repeat(() => grains.CouponDesk.Watch(account, code, watcher));
    }

    /// <summary>
    /// Each state that differs from the one before; <c>still</c>, when a look found none; <c>over</c>, when none will follow.
    /// </summary>
    private async IAsyncEnumerable<SseItem<CodeStatus?>> States(
        CodeStatus first, Bell bell, ICouponWatcher watcher, Func<Task<CodeStatus?>> look,
        [EnumeratorCancellation] CancellationToken left)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(left, lifetime.ApplicationStopping);
        using var usedUp = stock.Call(bell);
        try
        {
            yield return new(first);
            var told = first;
            while (!IsOver(told) && await bell.Wait(UntilNextLook(told), clock, end.Token) != Woken.AtTheEnd)
            {
                if (await Again(look) is not { } status) yield break;
                yield return Same(told, status) ? new(null, "still") : new(status);
                told = status;
            }

            if (IsOver(told)) yield return new(null, "over");
        }
        finally
        {
            Retire(watcher, bell);
        }
    }

    /// <summary>
    /// A coupon may still call a page that has left, and Orleans logs an error for a call to nobody. So the watcher, and its bell,
    /// which Orleans does not hold, stay until no coupon knows them any more.
    /// </summary>
    private void Retire(ICouponWatcher watcher, Bell bell) =>
        retired.Enqueue((TimeProvider.System.GetTimestamp(), watcher, bell)); // coupons forget in real time, whatever the rules' clock

    private void Forget()
    {
        while (retired.TryPeek(out var oldest)
               && TimeProvider.System.GetElapsedTime(oldest.LeftAt) > CalledFor
               && retired.TryDequeue(out oldest))
            grains.DeleteObjectReference<ICouponWatcher>(oldest.Watcher);
    }

    /// <returns>Null when nobody can say now: the page comes back and is told why, or what it missed.</returns>
    private async Task<CodeStatus?> Again(Func<Task<CodeStatus?>> look)
    {
        try
        {
            return await look();
        }
        catch (Exception fault) when (FaultHandler.IsUnavailable(fault))
        {
            LogBroken(fault.GetType().Name);
            return null;
        }
    }

    private bool IsOver(CodeStatus status) =>
        status.Expired && (status.Discounts is [] || clock.GetUtcNow() >= status.ExpiresAt + VoidsWithin);

    private TimeSpan UntilNextLook(CodeStatus status) =>
        status.ExpiresAt - clock.GetUtcNow() is var left && left > TimeSpan.Zero && left < LooksEvery ? left : LooksEvery;

    private static bool Same(CodeStatus one, CodeStatus other) =>
        one.Expired == other.Expired
        && one.Discounts.SequenceEqual(other.Discounts)
        && one.Refusals.SequenceEqual(other.Refusals);

    [LoggerMessage(LogLevel.Warning, "A page that follows its code has to come again: {Fault}")]
    private partial void LogBroken(string fault);
}

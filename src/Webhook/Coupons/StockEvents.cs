using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using CoopLine.Grains;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Ledger;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace CoopLine.Webhook.Coupons;

/// <summary>
/// Tells every page in this process that a coupon is nearly used up, used up, or to be had again. Looks every second while there is a
/// page; what a page is told is only that it should look, too.
/// </summary>
internal sealed partial class StockEvents(
    CampaignCache campaigns, ICampaignCounts counts, CoopTime time, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<StockEvents> log)
    : Rounds(TimeSpan.FromSeconds(1), TimeProvider.System, atOnce: false)
{
    /// <summary>Often enough to keep a connection open.</summary>
    private static readonly TimeSpan SaysSomethingEvery = TimeSpan.FromSeconds(10);

    /// <summary>Longer than a page takes from reading its list to its connection.</summary>
    private static readonly TimeSpan MayBeMissedFor = TimeSpan.FromSeconds(15);

    private readonly ConcurrentDictionary<Bell, long> bells = new();

    /// <summary>How every limited campaign stood at the last look; null when nobody knows.</summary>
    private ImmutableArray<(string Campaign, bool IsScarce, bool IsSoldOut)>? seen;

    private long changedAt;

    /// <summary>Rings at each change from now on.</summary>
    /// <returns>Dispose of it to end that.</returns>
    public IDisposable Call(Bell bell)
    {
        bells[bell] = 0;
        return new Caller(this, bell);
    }

    /// <summary><c>changed</c> at each change, also at one that a page may have missed that has just read its list; else <c>still</c>.</summary>
    public async IAsyncEnumerable<SseItem<string>> Follow([EnumeratorCancellation] CancellationToken left)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(left, lifetime.ApplicationStopping);
        var bell = new Bell();
        using var calling = Call(bell);
        if (seen is not null && TimeProvider.System.GetElapsedTime(changedAt) < MayBeMissedFor) bell.Changed();
        for (var woken = Woken.ByTime; woken != Woken.AtTheEnd; woken = await bell.Wait(SaysSomethingEvery, clock, end.Token))
            yield return new("", woken == Woken.ByARing ? "changed" : "still");
    }

    protected override async Task Round(CancellationToken stopping)
    {
        if (bells.IsEmpty)
        {
            seen = null;
            return;
        }

        var now = await Look(stopping);
        // After a time in which nobody looked, nobody knows what was missed.
        if (seen is not { } before || !now.SequenceEqual(before))
        {
            changedAt = TimeProvider.System.GetTimestamp();
            foreach (var (bell, _) in bells) bell.Changed();
        }

        seen = now;
    }

    protected override void Failed(Exception fault)
    {
        LogNotSeen(fault);
        seen = null;
    }

    private async Task<ImmutableArray<(string, bool, bool)>> Look(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var limited = (await campaigns.Current()).Values.Where(one => one.IsLimitedAt(now)).OrderBy(one => one.Id, StringComparer.Ordinal).ToArray();
        var stock = await Stock.Read(counts, limited, time.DayOf(now), stores: false, cancellation);
        return [.. limited.Select(one => (one.Id, stock.IsScarce(one), stock.IsSoldOut(one)))];
    }

    [LoggerMessage(LogLevel.Warning, "What coupons have left could not be read, and is not told to pages")]
    private partial void LogNotSeen(Exception e);

    private sealed class Caller(StockEvents events, Bell bell) : IDisposable
    {
        public void Dispose() => events.bells.TryRemove(bell, out _);
    }
}

using System.Collections.Immutable;
using System.Threading.RateLimiting;
using CoopLine.Grains.Coupons;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Pos;

/// <summary>
/// Codes that tills of this process sent and that nobody was ever shown. A till makes a mistake now and then; one that makes
/// many tries digits, and is slowed down before it hits some. Its other calls are slowed down as well, or a hit would show.
/// </summary>
internal sealed class UnknownCodes(IOptions<RateLimitOptions> options, TimeProvider clock) : IDisposable
{
    /// <summary>A key belongs to a store, and whoever has it may name any register: so the store counts, too.</summary>
    private const int StoreTimes = 10;

    private const int TillsKept = 1_000;

    private static readonly TimeSpan OneMore = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan HalfLife = TimeSpan.FromMinutes(30);

    private readonly PartitionedRateLimiter<Till> tills = PartitionedRateLimiter.Create<Till, Till>(till =>
        RateLimitPartition.GetTokenBucketLimiter(till, _ => Bucket(options.Value.UnknownCodes, times: 1)));

    private readonly PartitionedRateLimiter<Till> stores = PartitionedRateLimiter.Create<Till, Till>(store =>
        RateLimitPartition.GetTokenBucketLimiter(store, _ => Bucket(options.Value.UnknownCodes, StoreTimes)));

    /// <summary>Calls of tills, and of whole stores.</summary>
    private readonly Dictionary<Till, int> underWay = [];

    private readonly Lock counting = new();
    private Dictionary<Till, int> counts = [];
    private Dictionary<Till, int> earlier = [];
    private DateTimeOffset since;

    /// <summary>Tills with the most unknown codes of the last half hour, or up to an hour.</summary>
    public ImmutableArray<(string Store, string Register, int Count)> Most(int count)
    {
        lock (counting)
        {
            Turn();
            return
            [
                .. counts.Concat(earlier).GroupBy(one => one.Key, one => one.Value)
                    .Select(till => (till.Key.Store, till.Key.Register, Count: till.Sum()))
                    .OrderByDescending(till => till.Count).ThenBy(till => till.Store, StringComparer.Ordinal)
                    .ThenBy(till => till.Register, StringComparer.Ordinal)
                    .Take(count),
            ];
        }
    }

    /// <summary>
    /// Whether the till may ask; then it is to <see cref="End"/>. Once there was a mistake, no more calls are under way than mistakes
    /// are left: else many at the same moment would all come before the first is counted.
    /// </summary>
    public bool Begin(ReceiptKey receipt)
    {
        var till = new Till(receipt.Store, receipt.Register);
        var store = till.WholeStore;
        lock (underWay)
        {
            if (!HasRoom(tills, till, options.Value.UnknownCodes) || !HasRoom(stores, store, options.Value.UnknownCodes * StoreTimes)) return false;
            underWay[till] = underWay.GetValueOrDefault(till) + 1;
            underWay[store] = underWay.GetValueOrDefault(store) + 1;
            return true;
        }
    }

    public void End(ReceiptKey receipt)
    {
        var till = new Till(receipt.Store, receipt.Register);
        lock (underWay)
        {
            Less(till);
            Less(till.WholeStore);
        }

        void Less(Till one)
        {
            if (underWay[one] == 1) underWay.Remove(one);
            else underWay[one]--;
        }
    }

    public void Count(ReceiptKey receipt)
    {
        var till = new Till(receipt.Store, receipt.Register);
        Telemetry.UnknownCodes.Add(1, new KeyValuePair<string, object?>("coopline.store", till.Store));
        tills.AttemptAcquire(till).Dispose();
        stores.AttemptAcquire(till.WholeStore).Dispose();
        lock (counting)
        {
            Turn();
            if (counts.Count < TillsKept || counts.ContainsKey(till)) counts[till] = counts.GetValueOrDefault(till) + 1;
        }
    }

    public static ProblemHttpResult Refuse(HttpContext http)
    {
        Telemetry.Limited.Add(1, new KeyValuePair<string, object?>("coopline.limit", "unknown-codes"));
        http.Response.AskToWait(OneMore);
        return Problems.Refuse(
            StatusCodes.Status429TooManyRequests, "too-many-unknown-codes", "This till sent too many codes that nobody has; wait a moment.");
    }

    public void Dispose()
    {
        tills.Dispose();
        stores.Dispose();
    }

    private bool HasRoom(PartitionedRateLimiter<Till> limiter, Till who, int most) =>
        limiter.GetStatistics(who)?.CurrentAvailablePermits is not { } left || left >= most || underWay.GetValueOrDefault(who) < left;

    private void Turn()
    {
        var now = clock.GetUtcNow();
        if (now - since < HalfLife) return;
        earlier = now - since < 2 * HalfLife ? counts : [];
        (counts, since) = ([], now);
    }

    private static TokenBucketRateLimiterOptions Bucket(int codes, int times) => new()
    {
        TokenLimit = codes * times,
        TokensPerPeriod = times,
        ReplenishmentPeriod = OneMore,
    };

    private readonly record struct Till(string Store, string Register)
    {
        /// <summary>No register has an empty name.</summary>
        public Till WholeStore => new(Store, "");
    }
}

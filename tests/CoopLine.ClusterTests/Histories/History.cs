using System.Collections.Concurrent;

namespace CoopLine.ClusterTests.Histories;

/// <summary>Every call of a run, by the registers that it says something of.</summary>
internal sealed class History
{
    private readonly ConcurrentDictionary<(string Campaign, string Member), CouponHistory> coupons = new();
    private readonly ConcurrentDictionary<string, MemberHistory> members = new();
    private readonly ConcurrentDictionary<string, ReceiptHistory> receipts = new();
    private readonly ConcurrentDictionary<string, LimitHistory> limits = new();
    private long now;

    public IEnumerable<KeyValuePair<(string Campaign, string Member), CouponHistory>> Coupons => coupons;

    public IEnumerable<KeyValuePair<string, MemberHistory>> Members => members;

    public IEnumerable<KeyValuePair<string, ReceiptHistory>> Receipts => receipts;

    public IEnumerable<KeyValuePair<string, LimitHistory>> Limits => limits;

    /// <summary>A moment; every one is given once, in order.</summary>
    public long Now() => Interlocked.Increment(ref now);

    public CouponHistory Coupon(string campaign, string member) => coupons.GetOrAdd((campaign, member), _ => new());

    public MemberHistory Member(string number) => members.GetOrAdd(number, _ => new());

    public ReceiptHistory Receipt(string key) => receipts.GetOrAdd(key, _ => new());

    /// <summary>From now on, what is said of this campaign is also said of its limits.</summary>
    public LimitHistory Limit(string campaign, Limits to) => limits.GetOrAdd(campaign, _ => new(to));

    /// <returns>Null: its limits are not what is looked at.</returns>
    public LimitHistory? LimitsOf(string campaign) => limits.GetValueOrDefault(campaign);
}

/// <summary>What was asked of one register, and answered.</summary>
internal abstract class RegisterHistory<TState>
    where TState : class
{
    private readonly ConcurrentQueue<Step<TState>> steps = new();

    public IReadOnlyCollection<Step<TState>> Steps => steps;

    /// <param name="returned">Null: nobody knows what happened.</param>
    public void Add(string text, long invoked, long? returned, Func<TState, TState?> take) =>
        steps.Enqueue(new(text, invoked, returned ?? Step<TState>.Never, take));
}

internal sealed class CouponHistory : RegisterHistory<CouponRegister>
{
    private readonly List<string> receipts = [];

    /// <summary>The receipt's number in this history.</summary>
    public int Receipt(string key)
    {
        lock (receipts)
        {
            if (!receipts.Contains(key)) receipts.Add(key);
            return receipts.IndexOf(key);
        }
    }
}

internal sealed class MemberHistory : RegisterHistory<MemberRegister>;

internal sealed class ReceiptHistory : RegisterHistory<ReceiptRegister>;

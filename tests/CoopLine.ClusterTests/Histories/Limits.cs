namespace CoopLine.ClusterTests.Histories;

/// <summary>How many uses a campaign gives away at most, each of <see cref="Yen"/>. Null means any number.</summary>
/// <param name="Total">In all.</param>
/// <param name="EachStore">In every store that <paramref name="Stores"/> does not name.</param>
/// <param name="Stores">In one store.</param>
/// <param name="EachDay">On every business date.</param>
internal sealed record Limits(int? Total = null, int? EachStore = null, IReadOnlyDictionary<string, int>? Stores = null, int? EachDay = null)
{
    public const int Yen = 30;

    /// <summary>As staff define them.</summary>
    public object Wire => new
    {
        totalUses = Total,
        totalYen = Yen * Total,
        perStoreUses = EachStore,
        perStore = Stores?.ToDictionary(one => one.Key, one => new { uses = one.Value }),
        perDayUses = EachDay,
    };

    public int? Of(string store) => Stores is not null && Stores.TryGetValue(store, out var own) ? own : EachStore;

    /// <summary>What limits a use on a receipt.</summary>
    /// <param name="receipt">Business date and store; whatever follows does not matter.</param>
    public IEnumerable<(string Scope, int Max)> On(string receipt)
    {
        var (day, store) = (receipt.Split('/')[0], receipt.Split('/')[1]);
        if (Total is { } total) yield return ("in all", total);
        if (Of(store) is { } inStore) yield return ($"in store {store}", inStore);
        if (EachDay is { } onDay) yield return ($"on {day}", onDay);
    }
}

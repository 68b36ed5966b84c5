using System.Collections.Immutable;
using CoopLine.Grains.Campaigns;

namespace CoopLine.Grains.Rehearsals;

/// <summary>What a campaign came to on the baskets of a rehearsal.</summary>
/// <param name="ByStore">By store number.</param>
/// <param name="ByDay">By business date.</param>
/// <param name="Refusals">Of its coupon, by reason.</param>
/// <param name="Clashes">With coupons that were shown beside it, the most frequent first.</param>
/// <param name="Reached">Limits of which nothing, or too little for a coupon, was left; the first one first.</param>
public sealed record RehearsalReport(
    Campaign Campaign,
    long Baskets,
    ImmutableSortedDictionary<string, Given> ByStore,
    ImmutableSortedDictionary<DateOnly, Given> ByDay,
    ImmutableSortedDictionary<RefusalReason, long> Refusals,
    ImmutableArray<Clash> Clashes,
    ImmutableArray<LimitReached> Reached);

/// <param name="Yen">Whole yen of discount.</param>
public readonly record struct Given(long Uses, long Yen)
{
    internal Given With(int yen) => new(Uses + 1, Yen + yen);
}

/// <summary>Baskets on which two coupons would each be used alone, but not together.</summary>
/// <param name="Campaign">The other one's.</param>
/// <param name="GivenWay">On how many of them the rehearsed coupon is the one that is not used.</param>
public sealed record Clash(string Campaign, long Baskets, long GivenWay);

/// <param name="Scope">See <see cref="Ledger.CountScope"/>.</param>
/// <param name="Day">The business date of the basket with which it was reached.</param>
/// <param name="At">When that was bought.</param>
public sealed record LimitReached(string Scope, DateOnly Day, DateTimeOffset At);

using System.Collections.Immutable;
using CoopLine.Grains;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Rehearsals;

namespace CoopLine.Webhook.Staff;

/// <summary>What a campaign would have come to.</summary>
/// <param name="Version">Of the definition that was rehearsed.</param>
/// <param name="Baskets">How many were bought.</param>
/// <param name="Refusals">How often its coupon was refused, by reason.</param>
/// <param name="Clashes">With coupons that were shown beside it, the most frequent first.</param>
/// <param name="LimitsReached">The first one first.</param>
public sealed record RehearsalResponse(
    string Campaign,
    int Version,
    long Baskets,
    RehearsedUsesResponse Used,
    ImmutableSortedDictionary<string, long> Refusals,
    ImmutableArray<ClashResponse> Clashes,
    ImmutableArray<LimitReachedResponse> LimitsReached)
{
    internal static RehearsalResponse Of(RehearsalReport report, CoopTime time) => new(
        report.Campaign.Id,
        report.Campaign.Version,
        report.Baskets,
        new(
            report.ByStore.Values.Sum(given => given.Uses),
            report.ByStore.Values.Sum(given => given.Yen),
            report.ByStore.ToImmutableSortedDictionary(one => one.Key, one => Uses(one.Value), StringComparer.Ordinal),
            report.ByDay.ToImmutableSortedDictionary(one => ReceiptKey.WriteDate(one.Key), one => Uses(one.Value), StringComparer.Ordinal)),
        report.Refusals.ToImmutableSortedDictionary(
            one => EnumNames.Of(one.Key), one => one.Value, StringComparer.Ordinal),
        [.. report.Clashes.Select(one => new ClashResponse(one.Campaign, one.Baskets, one.GivenWay))],
        [.. report.Reached.Select(one => LimitReachedResponse.From(one, time))]);

    private static UsesResponse Uses(Given given) => new(given.Uses, given.Yen);
}

/// <param name="Yen">Of discount.</param>
/// <param name="ByStore">By store number.</param>
/// <param name="ByDay">By business date.</param>
public sealed record RehearsedUsesResponse(
    long Uses, long Yen, ImmutableSortedDictionary<string, UsesResponse> ByStore, ImmutableSortedDictionary<string, UsesResponse> ByDay);

/// <summary>Baskets on which the two coupons would each be used alone, but not together.</summary>
/// <param name="Campaign">The other coupon's.</param>
/// <param name="GivenWay">On how many of them the other coupon is used, and the rehearsed one is not.</param>
public sealed record ClashResponse(string Campaign, long Baskets, long GivenWay);

/// <param name="Limit"><c>total</c>, <c>store</c> or <c>day</c>.</param>
/// <param name="Of">The store's number or the business date; null for the total.</param>
/// <param name="Day">The business date of the basket with which nothing, or too little for the next coupon, was left.</param>
/// <param name="At">When that was bought.</param>
public sealed record LimitReachedResponse(string Limit, string? Of, DateOnly Day, DateTimeOffset At)
{
    internal static LimitReachedResponse From(LimitReached reached, CoopTime time) => reached.Scope.Split('/') switch
    {
        [CountScope.All] => new("total", null, reached.Day, time.Local(reached.At)),
        [var limit, var of] => new(limit, of, reached.Day, time.Local(reached.At)),
        _ => throw new ArgumentOutOfRangeException(nameof(reached)),
    };
}

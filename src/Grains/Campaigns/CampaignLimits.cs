using System.Collections.Immutable;

namespace CoopLine.Grains.Campaigns;

/// <summary>How many uses, and how many yen of discount, a campaign gives away at most. Null means no limit.</summary>
/// <param name="Total">In all.</param>
/// <param name="EachStore">In every store that <paramref name="Stores"/> does not name.</param>
/// <param name="Stores">In one store, by its number.</param>
/// <param name="EachDay">On every business date.</param>
[GenerateSerializer, Immutable, Alias("coopline.campaign-limits")]
public sealed record CampaignLimits(
    [property: Id(0)] Limit? Total,
    [property: Id(1)] Limit? EachStore,
    [property: Id(2)] ImmutableSortedDictionary<string, Limit>? Stores,
    [property: Id(3)] Limit? EachDay)
{
    public static readonly CampaignLimits None = new(null, null, null, null);

    private static readonly ImmutableSortedDictionary<string, Limit> NoStores = ImmutableSortedDictionary<string, Limit>.Empty;

    /// <summary>What limits a use in one store.</summary>
    /// <returns>Null when nothing does.</returns>
    public UseLimits? At(string store) =>
        new UseLimits(Total, OfStore(store), EachDay) is { IsNone: false } limits ? limits : null;

    /// <summary>Whether each is there that was, and none other, and none is lower.</summary>
    public bool RaisesOnly(CampaignLimits before) =>
        Limit.Raises(before.Total, Total)
        && Limit.Raises(before.EachStore, EachStore)
        && Limit.Raises(before.EachDay, EachDay)
        && (before.Stores ?? NoStores).Keys.Union((Stores ?? NoStores).Keys).All(store => Limit.Raises(before.OfStore(store), OfStore(store)));

    public bool Equals(CampaignLimits? other) =>
        other is not null && Total == other.Total && EachStore == other.EachStore && EachDay == other.EachDay
        && (Stores ?? NoStores).SequenceEqual(other.Stores ?? NoStores);

    public override int GetHashCode() => HashCode.Combine(Total, EachStore, EachDay, Stores?.Count ?? 0);

    private Limit? OfStore(string store) => Stores is { } stores && stores.TryGetValue(store, out var own) ? own : EachStore;
}

/// <param name="Uses">From 1; null for any number.</param>
/// <param name="Yen">From 1; null for any sum.</param>
[GenerateSerializer, Immutable, Alias("coopline.limit")]
public sealed record Limit([property: Id(0)] int? Uses, [property: Id(1)] long? Yen)
{
    /// <summary>Yen that one more use may take off; 0 when there is no room for one.</summary>
    public long RoomAfter(long uses, long yen) => uses >= Uses ? 0 : Math.Max(0, (Yen ?? long.MaxValue) - yen);

    /// <summary>How much of it is given away: 0 to 1, of uses or of yen, whichever is more.</summary>
    public double ShareOf(long uses, long yen) => Math.Max((double)uses / (Uses ?? double.PositiveInfinity), (double)yen / (Yen ?? double.PositiveInfinity));

    /// <summary>Whether none is lower than it was, none is gone and none is new.</summary>
    public static bool Raises(Limit? before, Limit? after) => Raises(before?.Uses, after?.Uses) && Raises(before?.Yen, after?.Yen);

    private static bool Raises(long? before, long? after) => before is null ? after is null : after >= before;
}

using System.Text.Json.Serialization;
using CoopLine.Grains.Ledger;

namespace CoopLine.Grains.Campaigns;

/// <summary>The limits that one use in one store has to keep. Null means no limit.</summary>
[GenerateSerializer, Immutable, Alias("coopline.use-limits")]
public sealed record UseLimits([property: Id(0)] Limit? Total, [property: Id(1)] Limit? Store, [property: Id(2)] Limit? Day)
{
    [JsonIgnore]
    public bool IsNone => Total is null && Store is null && Day is null;

    /// <summary>The numbers that a use changes.</summary>
    [JsonIgnore]
    public Counted Counted =>
        (Total is null ? 0 : Counted.All) | (Store is null ? 0 : Counted.Store) | (Day is null ? 0 : Counted.Day);

    /// <summary>What is left for one more use in this store, on this business date.</summary>
    /// <param name="campaign">Whose limits these are.</param>
    /// <param name="counts">What has been given away, of this campaign and maybe of others.</param>
    public Room Room(string campaign, string store, DateOnly day, IEnumerable<CampaignCount> counts)
    {
        var given = counts.Where(count => count.Campaign == campaign).ToDictionary(count => count.Scope);
        Room[] rooms =
        [
            new(After(Total, CountScope.All), Counted.All), new(After(Store, CountScope.Store(store)), Counted.Store),
            new(After(Day, CountScope.Day(day)), Counted.Day),
        ];
        return rooms.MinBy(room => room.Yen);

        long After(Limit? limit, string scope) =>
            given.GetValueOrDefault(scope) is var count && limit is not null ? limit.RoomAfter(count.Uses, count.Yen) : long.MaxValue;
    }
}

/// <summary>What a campaign still gives for one use.</summary>
/// <param name="Yen">That it may take off; 0 when there is no room for one.</param>
/// <param name="By">The limit that leaves least.</param>
public readonly record struct Room(long Yen, Counted By);

/// <summary>The numbers of a campaign that a use was counted in.</summary>
[Flags]
[GenerateSerializer, Alias("coopline.counted")]
public enum Counted
{
    Nowhere = 0,
    All = 1,
    Store = 2,
    Day = 4,
}

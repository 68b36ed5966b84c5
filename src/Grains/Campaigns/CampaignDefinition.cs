using System.Collections.Immutable;
using CoopLine.Grains.Registry;

namespace CoopLine.Grains.Campaigns;

/// <summary>What a coupon does when the till does not know whether the item is marked down.</summary>
[GenerateSerializer, Alias("coopline.unknown-markdown")]
public enum UnknownMarkdown
{
    Refuse,
    Allow,
}

/// <summary>One coupon offer: what, where, when, for whom.</summary>
/// <param name="Stores">The stores that take it; null means all.</param>
/// <param name="Businesses">A member with any of these services may use it; null means every member.</param>
/// <param name="StartsAt">First moment of the offer.</param>
/// <param name="EndsAt">First moment after the offer.</param>
/// <param name="Picture">An https address; null means none.</param>
/// <remarks>Two definitions are equal when their contents are, lists item by item and times as moments.</remarks>
[GenerateSerializer, Immutable, Alias("coopline.campaign-definition")]
public sealed record CampaignDefinition(
    [property: Id(0)] string Title,
    [property: Id(1)] string? Description,
    [property: Id(2)] Discount Discount,
    [property: Id(3)] ItemSelector Items,
    [property: Id(4)] ImmutableArray<string>? Stores,
    [property: Id(5)] ImmutableArray<Business>? Businesses,
    [property: Id(6)] DateTimeOffset StartsAt,
    [property: Id(7)] DateTimeOffset EndsAt,
    [property: Id(8)] UnknownMarkdown UnknownMarkdown = UnknownMarkdown.Refuse,
    [property: Id(9)] string? Picture = null)
{
    public bool IsOverAt(DateTimeOffset at) => at >= EndsAt;

    public bool Equals(CampaignDefinition? other) =>
        other is not null
        && Title == other.Title
        && Description == other.Description
        && Discount == other.Discount
        && Items == other.Items
        && SameList(Stores, other.Stores)
        && SameList(Businesses, other.Businesses)
        && StartsAt == other.StartsAt
        && EndsAt == other.EndsAt
        && UnknownMarkdown == other.UnknownMarkdown
        && Picture == other.Picture;

    public override int GetHashCode() =>
        HashCode.Combine(Title, Description, Discount, Items, StartsAt, EndsAt, UnknownMarkdown);

    /// <summary>No list ("all") differs from an empty one ("none").</summary>
    private static bool SameList<T>(ImmutableArray<T>? one, ImmutableArray<T>? other) =>
        one.HasValue == other.HasValue
        && one.GetValueOrDefault().AsSpan().SequenceEqual(other.GetValueOrDefault().AsSpan());
}

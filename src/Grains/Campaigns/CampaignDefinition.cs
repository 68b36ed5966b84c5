using System.Collections.Immutable;
using System.Text.Json.Serialization;
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
/// <param name="Conditions">What else must be so; null means nothing.</param>
/// <param name="Limits">How much it gives away at most; null means no limit.</param>
/// <param name="IssuedToList">Only the members on its list have a coupon; else all whom it is for.</param>
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
    [property: Id(9)] string? Picture = null,
    [property: Id(10)] CampaignConditions? Conditions = null,
    [property: Id(11)] CampaignLimits? Limits = null,
    [property: Id(12), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] bool IssuedToList = false)
{
    public bool IsOverAt(DateTimeOffset at) => at >= EndsAt;

    public bool Equals(CampaignDefinition? other) =>
        other is not null
        && Title == other.Title
        && Description == other.Description
        && Discount == other.Discount
        && Items == other.Items
        && Lists.SameList(Stores, other.Stores)
        && Lists.SameList(Businesses, other.Businesses)
        && StartsAt == other.StartsAt
        && EndsAt == other.EndsAt
        && UnknownMarkdown == other.UnknownMarkdown
        && Picture == other.Picture
        && Conditions == other.Conditions
        && Limits == other.Limits
        && IssuedToList == other.IssuedToList;

    public override int GetHashCode() =>
        HashCode.Combine(Title, Description, Discount, Items, StartsAt, EndsAt, UnknownMarkdown);

    /// <summary>
    /// Whether it may take this one's place after a coupon was used: what decides money stays. Whether its limits may is for
    /// <see cref="MayLimit"/>.
    /// </summary>
    public bool MayBecome(CampaignDefinition next) =>
        next.EndsAt >= EndsAt
        && this == next with { Title = Title, Description = Description, Picture = Picture, EndsAt = EndsAt, Limits = Limits };

    /// <summary>
    /// Whether its limits may take the place of these once members could use it: none sinks, and none is new, since nobody has
    /// counted what it would limit. None goes either: it could not come back, and a request that forgot it would open the campaign.
    /// </summary>
    public bool MayLimit(CampaignDefinition next) => (next.Limits ?? CampaignLimits.None).RaisesOnly(Limits ?? CampaignLimits.None);
}

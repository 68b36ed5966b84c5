using System.Collections.Immutable;
using System.Text.Json.Serialization;
using CoopLine.Grains;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Registry;

namespace CoopLine.Webhook.Staff;

/// <param name="Version">Counts the definitions the campaign has had, from 1.</param>
/// <param name="StoppedAt">When it was stopped, if it is.</param>
/// <param name="Stores">Null means all.</param>
/// <param name="Businesses">Null means every member.</param>
/// <param name="Conditions">Absent without any.</param>
/// <param name="Limits">Absent without any.</param>
/// <param name="IssuedTo"><c>all</c> or <c>list</c>.</param>
/// <param name="Members">How many are on its list; absent without one.</param>
/// <param name="Used">What it has given away; only when one campaign is looked at.</param>
public sealed record CampaignResponse(
    string Id,
    int Version,
    CampaignStatus Status,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] DateTimeOffset? StoppedAt,
    string Title,
    string? Description,
    CampaignDiscountResponse Discount,
    CampaignItemsResponse Items,
    ImmutableArray<string>? Stores,
    ImmutableArray<string>? Businesses,
    DateTimeOffset StartsAt,
    DateTimeOffset EndsAt,
    UnknownMarkdown UnknownMarkdown,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Picture,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] ConditionsBody? Conditions,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] LimitsBody? Limits,
    string IssuedTo,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Members,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] CampaignUsedResponse? Used = null)
{
    internal static CampaignResponse Of(Campaign campaign, CoopTime time)
    {
        var offer = campaign.Definition;
        return new(
            campaign.Id,
            campaign.Version,
            campaign.Status,
            time.Local(campaign.StoppedAt),
            offer.Title,
            offer.Description,
            new(offer.Discount.Type, offer.Discount.Value, offer.Discount.Units),
            new(List(offer.Items.Jans), List(offer.Items.JanPrefixes), List(offer.Items.Categories)),
            offer.Stores,
            offer.Businesses is { } businesses ? [.. businesses.Select(BusinessNames.Write)] : null,
            time.Local(offer.StartsAt),
            time.Local(offer.EndsAt),
            offer.UnknownMarkdown,
            offer.Picture,
            offer.Conditions is { } conditions ? ConditionsBody.Of(conditions) : null,
            offer.Limits is { } limits ? LimitsBody.Of(limits) : null,
            offer.IssuedToList ? "list" : "all",
            offer.IssuedToList ? campaign.List?.Members ?? 0 : null);
    }

    private static ImmutableArray<string> List(ImmutableArray<string> texts) => texts.IsDefault ? [] : texts;
}

/// <param name="N">For <c>buyNGetOne</c>; absent for the others.</param>
public sealed record CampaignDiscountResponse(
    DiscountType Type, int Value, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? N);

/// <summary>What the campaign has given away: the uses that stand.</summary>
/// <param name="Yen">Their discounts.</param>
/// <param name="ByStore">By store number.</param>
/// <param name="Today">On this business date, by the co-op's clock.</param>
public sealed record CampaignUsedResponse(
    long Uses, long Yen, ImmutableSortedDictionary<string, UsesResponse> ByStore, UsesResponse Today)
{
    internal static CampaignUsedResponse Of(ImmutableArray<UsesOfDay> uses, DateOnly today) => new(
        uses.Sum(one => one.Uses),
        uses.Sum(one => one.Yen),
        uses.GroupBy(one => one.Store, UsesResponse.Of).ToImmutableSortedDictionary(
            store => store.Key, store => store.Aggregate(UsesResponse.None, UsesResponse.Sum), StringComparer.Ordinal),
        uses.Where(one => one.Day == today).Select(UsesResponse.Of).Aggregate(UsesResponse.None, UsesResponse.Sum));
}

public sealed record UsesResponse(long Uses, long Yen)
{
    internal static readonly UsesResponse None = new(0, 0);

    internal static UsesResponse Of(UsesOfDay uses) => new(uses.Uses, uses.Yen);

    internal static UsesResponse Sum(UsesResponse one, UsesResponse other) => new(one.Uses + other.Uses, one.Yen + other.Yen);
}

public sealed record CampaignItemsResponse(
    ImmutableArray<string> Jans, ImmutableArray<string> JanPrefixes, ImmutableArray<string> Categories);

public sealed record CampaignsResponse(ImmutableArray<CampaignResponse> Campaigns);

using System.Collections.Immutable;
using System.Text.Json.Serialization;
using CoopLine.Grains;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Registry;

namespace CoopLine.Webhook.Staff;

/// <param name="Version">Counts the definitions the campaign has had, from 1.</param>
/// <param name="StoppedAt">When it was stopped, if it is.</param>
/// <param name="Stores">Null means all.</param>
/// <param name="Businesses">Null means every member.</param>
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
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Picture)
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
            new(offer.Discount.Type, offer.Discount.Value),
            new(List(offer.Items.Jans), List(offer.Items.JanPrefixes), List(offer.Items.Categories)),
            offer.Stores,
            offer.Businesses is { } businesses ? [.. businesses.Select(BusinessNames.Write)] : null,
            time.Local(offer.StartsAt),
            time.Local(offer.EndsAt),
            offer.UnknownMarkdown,
            offer.Picture);
    }

    private static ImmutableArray<string> List(ImmutableArray<string> texts) => texts.IsDefault ? [] : texts;
}

public sealed record CampaignDiscountResponse(DiscountType Type, int Value);

public sealed record CampaignItemsResponse(
    ImmutableArray<string> Jans, ImmutableArray<string> JanPrefixes, ImmutableArray<string> Categories);

public sealed record CampaignsResponse(ImmutableArray<CampaignResponse> Campaigns);

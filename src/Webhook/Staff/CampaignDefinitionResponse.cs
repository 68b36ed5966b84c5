using System.Collections.Immutable;
using System.Text.Json.Serialization;
using CoopLine.Grains;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Registry;

namespace CoopLine.Webhook.Staff;

/// <summary>What staff have defined.</summary>
public record CampaignDefinitionResponse
{
    public required string Title { get; init; }

    public required string? Description { get; init; }

    public required CampaignDiscountResponse Discount { get; init; }

    public required CampaignItemsResponse Items { get; init; }

    /// <summary>Null means all.</summary>
    public required ImmutableArray<string>? Stores { get; init; }

    /// <summary>Null means every member.</summary>
    public required ImmutableArray<string>? Businesses { get; init; }

    public required DateTimeOffset StartsAt { get; init; }

    public required DateTimeOffset EndsAt { get; init; }

    public required UnknownMarkdown UnknownMarkdown { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required string? Picture { get; init; }

    /// <summary>Absent without any.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required ConditionsBody? Conditions { get; init; }

    /// <summary>Absent without any.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required LimitsBody? Limits { get; init; }

    /// <summary><c>all</c> or <c>list</c>.</summary>
    public required string IssuedTo { get; init; }

    internal static CampaignDefinitionResponse Of(CampaignDefinition offer, CoopTime time) => new()
    {
        Title = offer.Title,
        Description = offer.Description,
        Discount = new(offer.Discount.Type, offer.Discount.Value, offer.Discount.Units),
        Items = new(List(offer.Items.Jans), List(offer.Items.JanPrefixes), List(offer.Items.Categories)),
        Stores = offer.Stores,
        Businesses = offer.Businesses is { } businesses ? [.. businesses.Select(BusinessNames.Write)] : null,
        StartsAt = time.Local(offer.StartsAt),
        EndsAt = time.Local(offer.EndsAt),
        UnknownMarkdown = offer.UnknownMarkdown,
        Picture = offer.Picture,
        Conditions = offer.Conditions is { } conditions ? ConditionsBody.Of(conditions) : null,
        Limits = offer.Limits is { } limits ? LimitsBody.Of(limits) : null,
        IssuedTo = offer.IssuedToList ? "list" : "all",
    };

    private static ImmutableArray<string> List(ImmutableArray<string> texts) => texts.IsDefault ? [] : texts;
}

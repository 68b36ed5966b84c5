using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using CoopLine.Grains;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Ledger;

namespace CoopLine.Webhook.Staff;

/// <summary>A campaign as it stands.</summary>
public sealed record CampaignResponse : CampaignDefinitionResponse
{
    [SetsRequiredMembers]
    private CampaignResponse(Campaign campaign, CoopTime time)
        : base(Of(campaign.Definition, time))
    {
        Id = campaign.Id;
        Version = campaign.Version;
        Status = campaign.Status;
        StoppedAt = time.Local(campaign.StoppedAt);
        Members = campaign.Definition.IssuedToList ? campaign.List?.Members ?? 0 : null;
    }

    public required string Id { get; init; }

    /// <summary>Counts the definitions the campaign has had, from 1.</summary>
    public required int Version { get; init; }

    public required CampaignStatus Status { get; init; }

    /// <summary>When it was stopped, if it is.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required DateTimeOffset? StoppedAt { get; init; }

    /// <summary>How many are on its list; absent without one.</summary>
    [JsonPropertyOrder(1), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public required int? Members { get; init; }

    /// <summary>What it has given away; only when one campaign is looked at.</summary>
    [JsonPropertyOrder(1), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CampaignUsedResponse? Used { get; init; }

    internal static CampaignResponse Of(Campaign campaign, CoopTime time) => new(campaign, time);
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

using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;

namespace CoopLine.Webhook.Staff;

/// <summary>How much the campaign gives away at most. Each is optional; yen are those of the discounts.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record LimitsBody : IValidatableObject
{
    /// <summary>In all.</summary>
    [Range(1, int.MaxValue)]
    public int? TotalUses { get; init; }

    [Range(1, LimitBody.YenMax)]
    public long? TotalYen { get; init; }

    /// <summary>In each store that <c>perStore</c> does not name.</summary>
    [Range(1, int.MaxValue)]
    public int? PerStoreUses { get; init; }

    [Range(1, LimitBody.YenMax)]
    public long? PerStoreYen { get; init; }

    /// <summary>In one store, by its number.</summary>
    [MaxLength(CampaignRequest.ListMax)]
    public IReadOnlyDictionary<string, LimitBody>? PerStore { get; init; }

    /// <summary>On each business date.</summary>
    [Range(1, int.MaxValue)]
    public int? PerDayUses { get; init; }

    [Range(1, LimitBody.YenMax)]
    public long? PerDayYen { get; init; }

    internal IEnumerable<string> Stores => PerStore?.Keys ?? [];

    /// <summary>The framework does not look into dictionaries.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var (store, limit) in PerStore ?? new Dictionary<string, LimitBody>())
            if (!ReceiptKey.IsPart(store) || limit is null or { Uses: < 1 } or { Yen: < 1 or > LimitBody.YenMax })
                yield return new(
                    $"A store has {ReceiptKey.PartShapeInWords}, its uses are at least 1, its yen 1 to {LimitBody.YenMax:N0}.",
                    [nameof(PerStore)]);
    }

    /// <returns>Null when they limit nothing.</returns>
    internal CampaignLimits? ToLimits()
    {
        var stores = (PerStore ?? new Dictionary<string, LimitBody>()).Where(one => one.Value is { Uses: not null } or { Yen: not null })
            .ToImmutableSortedDictionary(one => one.Key, one => new Limit(one.Value.Uses, one.Value.Yen), StringComparer.Ordinal);
        var limits = new CampaignLimits(
            Of(TotalUses, TotalYen), Of(PerStoreUses, PerStoreYen), stores.IsEmpty ? null : stores, Of(PerDayUses, PerDayYen));
        return limits == CampaignLimits.None ? null : limits;
    }

    internal static LimitsBody Of(CampaignLimits limits) => new()
    {
        TotalUses = limits.Total?.Uses,
        TotalYen = limits.Total?.Yen,
        PerStoreUses = limits.EachStore?.Uses,
        PerStoreYen = limits.EachStore?.Yen,
        PerStore = limits.Stores?.ToDictionary(one => one.Key, one => new LimitBody { Uses = one.Value.Uses, Yen = one.Value.Yen }),
        PerDayUses = limits.EachDay?.Uses,
        PerDayYen = limits.EachDay?.Yen,
    };

    private static Limit? Of(int? uses, long? yen) => (uses, yen) is (null, null) ? null : new(uses, yen);
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record LimitBody
{
    internal const long YenMax = 1_000_000_000_000;

    /// <summary>From 1.</summary>
    public int? Uses { get; init; }

    /// <summary>From 1.</summary>
    public long? Yen { get; init; }
}

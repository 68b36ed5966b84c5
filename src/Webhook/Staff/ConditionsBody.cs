using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text.Json.Serialization;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Redemptions;
using CoopLine.Webhook.Edge;

namespace CoopLine.Webhook.Staff;

/// <summary>What else must be so for a coupon to be taken. Each is optional.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ConditionsBody : IValidatableObject
{
    /// <summary>Yen that the purchase comes to at least, before LINE coupons; 1 to 9,999,999.</summary>
    [Range(1, SaleLine.UnitPriceMax)]
    public int? MinimumSpend { get; init; }

    /// <summary>
    /// Of which lines: <c>items</c> (default), those that the campaign is for, marked down or not; or <c>receipt</c>, all of them.
    /// </summary>
    [AllowedValues("items", "receipt", null, ErrorMessage = "minimumSpendOn is items or receipt.")]
    public string? MinimumSpendOn { get; init; }

    /// <summary><c>mon</c> to <c>sun</c>: by the co-op's clock, when the purchase was made. Absent or null means every day.</summary>
    [Length(1, 7), Each(WeekdayNames.Shape)]
    public IReadOnlyList<string>? Weekdays { get; init; }

    /// <summary>As <c>weekdays</c>. Absent or null means all day.</summary>
    public HoursBody? Hours { get; init; }

    /// <summary>Items that it is not for, whatever names them else: EAN-13, EAN-8 or UPC-A.</summary>
    [MaxLength(CampaignRequest.ListMax), Jan]
    public IReadOnlyList<string>? ExcludeJans { get; init; }

    /// <summary>The same by their first digits, 1 to 13.</summary>
    [MaxLength(CampaignRequest.ListMax), Each(Jan.PrefixShape)]
    public IReadOnlyList<string>? ExcludeJanPrefixes { get; init; }

    /// <summary>The same by category.</summary>
    [MaxLength(CampaignRequest.ListMax), Each(SaleLine.CategoryShape)]
    public IReadOnlyList<string>? ExcludeCategories { get; init; }

    /// <summary>One coupon of a group is taken on one receipt. A name of 1 to 64 lower-case letters, digits or hyphens.</summary>
    [MinLength(1, ErrorMessage = "exclusiveGroup has " + CampaignId.ShapeInWords + ".")]
    [RegularExpression("^" + CampaignId.Shape + "$", ErrorMessage = "exclusiveGroup has " + CampaignId.ShapeInWords + ".")]
    public string? ExclusiveGroup { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (MinimumSpendOn is not null && MinimumSpend is null)
            yield return new("minimumSpendOn belongs to minimumSpend.", [nameof(MinimumSpendOn)]);
    }

    /// <returns>Null when they ask for nothing.</returns>
    internal CampaignConditions? ToConditions()
    {
        var excluded = new ItemSelector(
            CampaignRequest.List(ExcludeJans), CampaignRequest.List(ExcludeJanPrefixes), CampaignRequest.List(ExcludeCategories));
        var conditions = new CampaignConditions(
            MinimumSpend,
            MinimumSpendOn is "receipt" ? SpendOn.Receipt : SpendOn.Items,
            [.. (Weekdays ?? []).Select(WeekdayNames.Read).Distinct().Order()],
            Hours?.ToHours(),
            excluded is { Jans: [], JanPrefixes: [], Categories: [] } ? null : excluded,
            ExclusiveGroup);
        return conditions == CampaignConditions.None ? null : conditions;
    }

    internal static ConditionsBody Of(CampaignConditions conditions) => new()
    {
        MinimumSpend = conditions.MinimumSpend,
        MinimumSpendOn = conditions.MinimumSpend is null ? null : conditions.MinimumSpendOn is SpendOn.Receipt ? "receipt" : "items",
        Weekdays = conditions.Weekdays.IsDefaultOrEmpty ? null : [.. conditions.Weekdays.Select(WeekdayNames.Write)],
        Hours = conditions.Hours is { } hours ? HoursBody.Of(hours) : null,
        ExcludeJans = Named(conditions.Excluded?.Jans),
        ExcludeJanPrefixes = Named(conditions.Excluded?.JanPrefixes),
        ExcludeCategories = Named(conditions.Excluded?.Categories),
        ExclusiveGroup = conditions.ExclusiveGroup,
    };

    private static ImmutableArray<string>? Named(ImmutableArray<string>? list) => list is { IsDefaultOrEmpty: false } ? list : null;
}

/// <summary>Hours of a day; where they end before they begin, they go past midnight.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record HoursBody : IValidatableObject
{
    private const string Shape = "^([01][0-9]|2[0-3]):[0-5][0-9]$";
    private const string Format = "HH:mm";

    /// <summary>The first minute, <c>09:00</c>.</summary>
    [Required, RegularExpression(Shape, ErrorMessage = "{0} is a time such as 09:00.")]
    public string? From { get; init; }

    /// <summary>The first minute after them, <c>13:00</c>.</summary>
    [Required, RegularExpression(Shape, ErrorMessage = "{0} is a time such as 13:00.")]
    public string? To { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (From is not null && From == To) yield return new("Hours that end when they begin are none.", [nameof(To)]);
    }

    internal static HoursBody Of(Hours hours) => new() { From = Write(hours.From), To = Write(hours.To) };

    internal Hours ToHours() => new(Read(From!), Read(To!));

    private static TimeOnly Read(string text) => TimeOnly.ParseExact(text, Format, CultureInfo.InvariantCulture);

    private static string Write(TimeOnly time) => time.ToString(Format, CultureInfo.InvariantCulture);
}

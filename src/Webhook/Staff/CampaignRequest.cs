using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Redemptions;
using CoopLine.Grains.Registry;
using CoopLine.Webhook.Edge;

namespace CoopLine.Webhook.Staff;

/// <summary>One coupon offer.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CampaignRequest : IValidatableObject
{
    /// <summary>Entries of any of its lists.</summary>
    internal const int ListMax = 5_000;

    internal static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);
    internal static readonly DateTimeOffset Latest = new(2100, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>What the member reads, 1 to 100 characters.</summary>
    [Required, StringLength(100), PlainText]
    public string? Title { get; init; }

    /// <summary>At most 1,000 characters.</summary>
    [StringLength(1_000), PlainText(Lines = true)]
    public string? Description { get; init; }

    [Required]
    public DiscountRequest? Discount { get; init; }

    [Required]
    public ItemsRequest? Items { get; init; }

    /// <summary>The stores that take it; absent or null means all.</summary>
    [Length(1, ListMax), Each(ReceiptKey.PartShape)]
    public IReadOnlyList<string>? Stores { get; init; }

    /// <summary>
    /// <c>store</c>, <c>home</c>, <c>group</c>: a member with any of these may use it; absent or null means every member.
    /// </summary>
    [Length(1, 3), Each(BusinessNames.Shape)]
    public IReadOnlyList<string>? Businesses { get; init; }

    /// <summary>The first moment of the offer, with its offset; in the years 2000 to 2099.</summary>
    [Required, Instant]
    public string? StartsAt { get; init; }

    /// <summary>The first moment after the offer, with its offset; not after those years.</summary>
    [Required, Instant]
    public string? EndsAt { get; init; }

    /// <summary>
    /// On items of which the till does not know whether they are marked down: <c>refuse</c> (default) or <c>allow</c>.
    /// </summary>
    [AllowedValues("refuse", "allow", null, ErrorMessage = "unknownMarkdown is refuse or allow.")]
    public string? UnknownMarkdown { get; init; }

    /// <summary>
    /// An https address of a picture for the member's page, at most 500 characters, on one of the hosts in
    /// <c>CoopLine:PictureHosts</c>; absent or null means a drawing.
    /// </summary>
    [StringLength(500)]
    public string? Picture { get; init; }

    /// <summary>What else must be so for it to be taken; absent or null means nothing.</summary>
    public ConditionsBody? Conditions { get; init; }

    /// <summary>How much it gives away at most; absent or null means no limit.</summary>
    public LimitsBody? Limits { get; init; }

    /// <summary><c>all</c> (default): every member whom it is for; <c>list</c>: those of them who are on its list.</summary>
    [AllowedValues("all", "list", null, ErrorMessage = "issuedTo is all or list.")]
    public string? IssuedTo { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Picture is not null && PictureAddress.Read(Picture) is null)
            yield return new(PictureAddress.Rule, [nameof(Picture)]);
        if (At(StartsAt) is { } start && At(EndsAt) is { } end && end <= start)
            yield return new("An offer ends after it starts.", [nameof(EndsAt)]);
        foreach (var (name, text) in new[] { (nameof(StartsAt), StartsAt), (nameof(EndsAt), EndsAt) })
            if (At(text) is { } at && (at < Earliest || at > Latest))
                yield return new($"An offer is in the years {Earliest.Year} to {Latest.Year - 1}.", [name]);
    }

    /// <summary>Only for a request that passed validation.</summary>
    internal CampaignDefinition ToDefinition() => new(
        Title!,
        Description,
        Discount!.ToDiscount(),
        Items!.ToSelector(),
        Stores is { } stores ? [.. stores.Distinct()] : null,
        Businesses is { } businesses ? [.. businesses.Distinct().Select(name => BusinessNames.Read(name)!.Value)] : null,
        At(StartsAt)!.Value,
        At(EndsAt)!.Value,
        UnknownMarkdown is "allow" ? Grains.Campaigns.UnknownMarkdown.Allow : Grains.Campaigns.UnknownMarkdown.Refuse,
        PictureAddress.Read(Picture)?.AbsoluteUri,
        Conditions?.ToConditions(),
        Limits?.ToLimits(),
        IssuedTo is "list");

    /// <summary>Each once.</summary>
    internal static ImmutableArray<string> List(IReadOnlyList<string>? texts) => [.. (texts ?? []).Distinct()];

    private static DateTimeOffset? At(string? text) =>
        text is not null && InstantAttribute.TryParse(text, out var at) ? at : null;
}

/// <summary>What the coupon takes off one unit.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record DiscountRequest : IValidatableObject
{
    /// <summary>
    /// <c>yen</c>: so many yen off; <c>percent</c>: so many percent off, rounded down to whole yen; <c>price</c>: sold at
    /// this price; <c>buyNGetOne</c>: one of every <c>n</c> units sold at this price, once.
    /// </summary>
    [Required, AllowedValues("yen", "percent", "price", "buyNGetOne", ErrorMessage = "type is yen, percent, price or buyNGetOne.")]
    public string? Type { get; init; }

    /// <summary>Yen 1 to 9,999,999; percent 1 to 100; price 0 to 9,999,999; the same for <c>buyNGetOne</c>.</summary>
    [Required]
    public int? Value { get; init; }

    /// <summary>For <c>buyNGetOne</c>, and only there: units that are bought, the discounted one among them; 2 to 100.</summary>
    [Range(2, 100)]
    public int? N { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var (least, most) = Type switch
        {
            "percent" => (1, 100),
            "price" or "buyNGetOne" => (0, SaleLine.UnitPriceMax),
            _ => (1, SaleLine.UnitPriceMax),
        };
        if (Value < least || Value > most)
            yield return new($"For {Type}, value is {least} to {most}.", [nameof(Value)]);
        if (Type is "buyNGetOne" && N is null) yield return new("buyNGetOne has n: units that are bought, 2 to 100.", [nameof(N)]);
        if (Type is not "buyNGetOne" && N is not null) yield return new("n belongs to buyNGetOne.", [nameof(N)]);
    }

    internal Discount ToDiscount() => new(
        Type switch
        {
            "yen" => DiscountType.Yen,
            "percent" => DiscountType.Percent,
            "price" => DiscountType.Price,
            _ => DiscountType.BuyNGetOne,
        },
        Value!.Value,
        N);
}

/// <summary>An item belongs to the campaign when any of the lists names it; together they name at least one.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ItemsRequest : IValidatableObject
{
    /// <summary>EAN-13, EAN-8 or UPC-A.</summary>
    [MaxLength(CampaignRequest.ListMax), Jan]
    public IReadOnlyList<string>? Jans { get; init; }

    /// <summary>First digits of JANs, 1 to 13.</summary>
    [MaxLength(CampaignRequest.ListMax), Each(Jan.PrefixShape)]
    public IReadOnlyList<string>? JanPrefixes { get; init; }

    /// <summary>The co-op's categories, 1 to 20 characters each.</summary>
    [MaxLength(CampaignRequest.ListMax), Each(SaleLine.CategoryShape)]
    public IReadOnlyList<string>? Categories { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Jans is null or [] && JanPrefixes is null or [] && Categories is null or [])
            yield return new("A campaign names JANs, JAN prefixes or categories.", [nameof(Jans)]);
    }

    internal ItemSelector ToSelector() =>
        new(CampaignRequest.List(Jans), CampaignRequest.List(JanPrefixes), CampaignRequest.List(Categories));
}

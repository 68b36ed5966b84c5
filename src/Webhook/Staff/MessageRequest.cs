using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using CoopLine.Grains.Accounts;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Messages;
using CoopLine.Grains.Registry;
using CoopLine.Webhook.Edge;

namespace CoopLine.Webhook.Staff;

/// <summary>A message to many.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record MessageRequest : IValidatableObject
{
    /// <summary>For staff, 1 to 100 characters.</summary>
    [Required, StringLength(100), PlainText]
    public string? Title { get; init; }

    /// <summary><c>store</c>, <c>home</c> or <c>notice</c>: whoever has turned it off does not get the message.</summary>
    [Required, AllowedValues("store", "home", "notice", ErrorMessage = "topic is store, home or notice.")]
    public string? Topic { get; init; }

    /// <summary><c>normal</c> (default), or <c>safety</c>: also at night, and to whoever has had many already.</summary>
    [AllowedValues("normal", "safety", null, ErrorMessage = "kind is normal or safety.")]
    public string? Kind { get; init; }

    /// <summary>Absent or null: every friend.</summary>
    public AudienceBody? Audience { get; init; }

    [Required]
    public VariantsBody? Variants { get; init; }

    /// <summary>When it goes out, with its offset; absent or null: as soon as it is approved.</summary>
    [Instant]
    public string? SendAt { get; init; }

    /// <summary>Over how many minutes it is spread, 0 to 600; absent or null: as is set for so many persons.</summary>
    [Range(0, 600)]
    public int? SpreadMinutes { get; init; }

    /// <summary>Whole yen that it may cost at most beyond the plan's own messages, 0 to 100,000,000.</summary>
    [Required, Range(0, 100_000_000)]
    public int? CeilingYen { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Variants is not { } variants) yield break;
        if (Audience?.Linked is true && variants.Linked is null)
            yield return new("An audience of linked members has a wording for them.", [nameof(Variants)]);
        if (Audience?.Linked is false && variants.Unlinked is null)
            yield return new("An audience of friends without a link has a wording for them.", [nameof(Variants)]);
        if (InstantOf(SendAt) is { } at && (at < CampaignRequest.Earliest || at > CampaignRequest.Latest))
            yield return new($"It goes out in the years {CampaignRequest.Earliest.Year} to {CampaignRequest.Latest.Year - 1}.", [nameof(SendAt)]);
    }

    /// <summary>Only for a request that passed validation.</summary>
    internal MessageDefinition ToDefinition() => new(
        Title!,
        TopicNames.Read(Topic!)!.Value,
        Kind is "safety" ? MessageKind.Safety : MessageKind.Normal,
        (Audience ?? new()).ToAudience(),
        Variants!.Linked?.ToContent(),
        Variants.Unlinked?.ToContent(),
        InstantOf(SendAt),
        SpreadMinutes is { } minutes ? TimeSpan.FromMinutes(minutes) : null,
        CeilingYen!.Value);

    internal static DateTimeOffset? InstantOf(string? text) => text is not null && InstantAttribute.TryParse(text, out var at) ? at : null;
}

/// <summary>For whom it is. All but <see cref="Linked"/> narrows the linked members.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record AudienceBody : IValidatableObject
{
    /// <summary>Only linked members, or only friends without a link; absent or null: both.</summary>
    public bool? Linked { get; init; }

    /// <summary><c>store</c>, <c>home</c>, <c>group</c>: members with any of these.</summary>
    [Length(1, 3), Each(BusinessNames.Shape)]
    public IReadOnlyList<string>? Businesses { get; init; }

    /// <summary>Members whose home store is one of these, as the registry writes it.</summary>
    [Length(1, CampaignRequest.ListMax), Each(@"\P{Cc}{1,32}")]
    public IReadOnlyList<string>? Stores { get; init; }

    /// <summary>Members who have, or have not, used their coupon of a campaign.</summary>
    public CouponUseBody? Coupon { get; init; }

    /// <summary>Members who have been linked since then, with its offset.</summary>
    [Instant]
    public string? LinkedSince { get; init; }

    /// <summary>Members whose coupons saved them money at a till on this day, such as <c>2026-11-22</c>.</summary>
    public DateOnly? Saved { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Saved is { } day && (day.Year < CampaignRequest.Earliest.Year || day.Year >= CampaignRequest.Latest.Year))
            yield return new($"It is a day of the years {CampaignRequest.Earliest.Year} to {CampaignRequest.Latest.Year - 1}.", [nameof(Saved)]);
        if (Linked is false && (Businesses is not null || Stores is not null || Coupon is not null || LinkedSince is not null || Saved is not null))
            yield return new("Of friends without a link nothing is known that could narrow them.", [nameof(Linked)]);
    }

    internal Audience ToAudience() => new(
        Linked,
        Businesses is { } businesses ? [.. businesses.Distinct().Select(name => BusinessNames.Read(name)!.Value).Order()] : null,
        Stores is { } stores ? [.. stores.Distinct().Order(StringComparer.Ordinal)] : null,
        Coupon is { } coupon ? new(coupon.Campaign!, coupon.Used!.Value) : null,
        MessageRequest.InstantOf(LinkedSince),
        Saved);

    internal static AudienceBody Of(Audience audience) => new()
    {
        Linked = audience.Linked,
        Businesses = audience.Businesses?.Select(BusinessNames.Write).ToArray(),
        Stores = audience.Stores,
        Coupon = audience.Coupon is { } coupon ? new() { Campaign = coupon.Campaign, Used = coupon.Used } : null,
        LinkedSince = audience.LinkedSince?.ToString("O"),
        Saved = audience.Saved,
    };
}

/// <summary>The use of a coupon.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CouponUseBody : IValidatableObject
{
    /// <summary>Id of a coupon campaign.</summary>
    [Required]
    public string? Campaign { get; init; }

    [Required]
    public bool? Used { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Campaign is not null && !CampaignId.IsValid(Campaign)) yield return new($"A campaign's id has {CampaignId.ShapeInWords}.", [nameof(Campaign)]);
    }
}

/// <summary>One wording for linked members, one for the others. Nobody gets both. One may be missing.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record VariantsBody : IValidatableObject
{
    public ContentBody? Linked { get; init; }

    public ContentBody? Unlinked { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Linked is null && Unlinked is null) yield return new("There is at least one wording.", [nameof(Linked)]);
    }
}

/// <summary>A text, perhaps with a button, or a card.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ContentBody : IValidatableObject
{
    /// <summary>1 to 1,000 characters.</summary>
    [StringLength(1_000, MinimumLength = 1), PlainText(Lines = true)]
    public string? Text { get; init; }

    /// <summary>Below the text.</summary>
    public ButtonBody? Button { get; init; }

    public CardBody? Card { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Text is null == Card is null) yield return new("A wording is a text or a card.", [nameof(Text)]);
        if (Card is not null && Button is not null) yield return new("A card's button stands in the card.", [nameof(Button)]);
        if (Text is not null && !Variables.AreValid(Text)) yield return new(Variables.Rule, [nameof(Text)]);
        if (string.IsNullOrWhiteSpace(Text) && Text is not null) yield return new("The text says nothing.", [nameof(Text)]);
    }

    internal MessageContent ToContent() => new(
        Text is { } text ? new(text, Button?.ToButton()) : null,
        Card?.ToCard());

    internal static ContentBody? Of(MessageContent? content) => content is null ? null : new()
    {
        Text = content.Text?.Text,
        Button = ButtonBody.Of(content.Text?.Button),
        Card = content.Card is { } card ? CardBody.Of(card) : null,
    };
}

[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ButtonBody : IValidatableObject
{
    /// <summary>1 to 20 characters.</summary>
    [Required, StringLength(20), PlainText]
    public string? Label { get; init; }

    /// <summary>An https address or a phone number as <c>tel:</c>, at most 1,000 characters.</summary>
    [Required, StringLength(1_000)]
    public string? Uri { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Uri is not null && !IsAddress(Uri)) yield return new("A button leads to an https address or a tel: number.", [nameof(Uri)]);
    }

    internal MessageButton ToButton() => new(Label!, new Uri(Uri!).AbsoluteUri);

    internal static ButtonBody? Of(MessageButton? button) => button is null ? null : new() { Label = button.Label, Uri = button.Uri };

    private static bool IsAddress(string text) =>
        System.Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "https" or "tel" && address.UserInfo == "";
}

/// <summary>Title, picture, up to two lines, a button.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record CardBody : IValidatableObject
{
    /// <summary>An https address on one of the hosts in <c>CoopLine:PictureHosts</c>; absent or null: none.</summary>
    [StringLength(500)]
    public string? Picture { get; init; }

    /// <summary>1 to 60 characters.</summary>
    [Required, StringLength(60), PlainText]
    public string? Title { get; init; }

    /// <summary>At most two, 1 to 100 characters each.</summary>
    [MaxLength(2), Each(@"\P{Cc}{1,100}")]
    public IReadOnlyList<string>? Lines { get; init; }

    /// <summary>What is read out, and shown where the card cannot be: 1 to 400 characters.</summary>
    [Required, StringLength(400), PlainText(Lines = true)]
    public string? AltText { get; init; }

    public ButtonBody? Button { get; init; }

    /// <summary>Id of a coupon campaign: the button opens the coupon page there.</summary>
    public string? Coupon { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Picture is not null && PictureAddress.Read(Picture) is null)
            yield return new(PictureAddress.Rule, [nameof(Picture)]);
        foreach (var (name, text) in new[] { (nameof(Title), Title), (nameof(AltText), AltText), (nameof(Lines), string.Join(' ', Lines ?? [])) })
            if (text is not null && !Variables.AreValid(text)) yield return new(Variables.Rule, [name]);
        if (Coupon is not null && !CampaignId.IsValid(Coupon)) yield return new($"A campaign's id has {CampaignId.ShapeInWords}.", [nameof(Coupon)]);
        if (Coupon is not null && Button is not null) yield return new("The button of a coupon's card opens the coupon.", [nameof(Button)]);
    }

    internal MessageCard ToCard() =>
        new(PictureAddress.Read(Picture)?.AbsoluteUri, Title!, [.. Lines ?? []], AltText!, Button?.ToButton(), Coupon);

    internal static CardBody Of(MessageCard card) => new()
    {
        Picture = card.Picture,
        Title = card.Title,
        Lines = card.Lines,
        AltText = card.AltText,
        Button = ButtonBody.Of(card.Button),
        Coupon = card.Coupon,
    };
}

/// <summary>What the approver has seen.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ApproveRequest
{
    /// <summary>As preview and submit said it.</summary>
    [Required, StringLength(64)]
    public string? Hash { get; init; }

    /// <summary>
    /// How many persons it reaches. Whoever wrote the message types it to approve it alone, where that is allowed for so few.
    /// </summary>
    public long? Persons { get; init; }
}

/// <summary>Who gets the message now, marked as a test.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record MessageTestRequest
{
    /// <summary>Member numbers of staff, 1 to 20.</summary>
    [Required, Length(1, 20), Each(@"\P{Cc}{1,40}")]
    public IReadOnlyList<string>? Members { get; init; }
}

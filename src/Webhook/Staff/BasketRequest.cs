using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using CoopLine.Grains;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Redemptions;
using CoopLine.Grains.Registry;
using CoopLine.Webhook.Edge;
using CoopLine.Webhook.Pos;

namespace CoopLine.Webhook.Staff;

/// <summary>What somebody bought, for a rehearsal.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record BasketRequest : IValidatableObject
{
    private const int CampaignsMax = 100;

    private static readonly ImmutableArray<Business> EveryBusiness = [.. Enum.GetValues<Business>()];

    [Required, RegularExpression("^" + ReceiptKey.PartShape + "$", ErrorMessage = "{0} has " + ReceiptKey.PartShapeInWords + ".")]
    public string? Store { get; init; }

    /// <summary>The business date; absent or null means the day of <c>purchasedAt</c>.</summary>
    [Day]
    public string? BusinessDate { get; init; }

    /// <summary>With its offset: <c>2026-11-22T10:15:00+09:00</c>.</summary>
    [Required, Instant]
    public string? PurchasedAt { get; init; }

    /// <summary>The lines of the receipt as tills send them, 1 to 1,000, in any order.</summary>
    [Required, Length(1, RedemptionRequest.LinesMax)]
    public IReadOnlyList<SaleLineRequest>? Lines { get; init; }

    /// <summary>Campaigns whose coupons were shown, at most 100; absent or null means none.</summary>
    [MaxLength(CampaignsMax), Each(CampaignId.Shape)]
    public IReadOnlyList<string>? Campaigns { get; init; }

    /// <summary>As in a campaign: the services that the member uses; absent or null means all.</summary>
    [MaxLength(3), Each(BusinessNames.Shape)]
    public IReadOnlyList<string>? Businesses { get; init; }

    /// <summary>Any text of at most 100 characters that tells one buyer from another; absent or null means somebody who buys once.</summary>
    [StringLength(100), PlainText]
    public string? Customer { get; init; }

    /// <summary>Asked when the attributes found nothing.</summary>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        var at = InstantAttribute.Parse(PurchasedAt!);
        if (at < CampaignRequest.Earliest || at > CampaignRequest.Latest)
            yield return new($"purchasedAt is in the years {CampaignRequest.Earliest.Year} to {CampaignRequest.Latest.Year - 1}.", [nameof(PurchasedAt)]);
        if (DayAttribute.TryParse(BusinessDate ?? "", out var day)
            && RedemptionRequest.IsFar(day, at))
            yield return new($"businessDate is at most {RedemptionRequest.BusinessDateDaysOffMax} days from purchasedAt.", [nameof(BusinessDate)]);
        foreach (var objection in SaleLines.ObjectionsTo(Lines!)) yield return objection;
        foreach (var objection in Lines!.Where(line => line?.IsInOrder() is false).SelectMany(line => Checks.ObjectionsTo(line))) yield return objection;
    }

    /// <summary>Only for a basket that passed validation.</summary>
    internal Basket ToBasket(CoopTime time)
    {
        var at = time.Local(InstantAttribute.Parse(PurchasedAt!));
        var (items, otherYen) = SaleLines.Read(SaleLines.InOrder(Lines!));
        return new(
            Store!,
            DayAttribute.TryParse(BusinessDate ?? "", out var day) ? day : DateOnly.FromDateTime(at.DateTime),
            at,
            items,
            otherYen,
            [.. Campaigns ?? []],
            Businesses is { } businesses ? [.. businesses.Select(name => BusinessNames.Read(name)!.Value)] : EveryBusiness,
            Customer);
    }
}

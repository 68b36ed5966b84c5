using System.Collections.Immutable;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Registry;

namespace CoopLine.Grains.Redemptions;

/// <summary>What was bought, when and where, and the coupons that were shown. It says neither who bought nor on which receipt.</summary>
/// <param name="PurchasedAt">At the co-op's offset; as recorded, to the minute.</param>
/// <param name="Lines">The lines that a coupon may be used on.</param>
/// <param name="OtherYen">What the other lines come to.</param>
/// <param name="Campaigns">Those of the coupons that were shown.</param>
/// <param name="Businesses">The services that the member uses.</param>
/// <param name="Customer">Tells one buyer from another; null for somebody who buys once. Never recorded.</param>
public sealed record Basket(
    string Store,
    DateOnly BusinessDate,
    DateTimeOffset PurchasedAt,
    ImmutableArray<SaleLine> Lines,
    long OtherYen,
    ImmutableArray<string> Campaigns,
    ImmutableArray<Business> Businesses,
    string? Customer = null)
{
    /// <summary>No till and no receipt has this name.</summary>
    private const string Nameless = "-";

    /// <summary>With seconds, it would be found in the ledger, which knows its member, even in a crowded store.</summary>
    public static Basket Of(Purchase purchase, CodeGrant code, Holder holder) => new(
        purchase.Receipt.Store,
        purchase.Receipt.BusinessDate,
        purchase.PurchasedAt.AddTicks(-(purchase.PurchasedAt.Ticks % TimeSpan.TicksPerMinute)),
        purchase.Lines,
        purchase.OtherYen,
        code.Campaigns,
        holder.Businesses);

    /// <summary>As if it had been bought so many days later, at the same time of day.</summary>
    public Basket Later(int days) =>
        this with { BusinessDate = BusinessDate.AddDays(days), PurchasedAt = PurchasedAt.AddDays(days) };

    internal Purchase ToPurchase() =>
        new(new(BusinessDate, Store, Nameless, Nameless), PurchasedAt, Code: "", Lines, Hash: "") { OtherYen = OtherYen };
}

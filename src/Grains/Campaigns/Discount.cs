using System.Text.Json.Serialization;

namespace CoopLine.Grains.Campaigns;

[GenerateSerializer, Alias("coopline.discount-type")]
public enum DiscountType
{
    /// <summary>Takes so many yen off.</summary>
    Yen,

    /// <summary>Takes so many percent off, rounded down to whole yen.</summary>
    Percent,

    /// <summary>Sells the unit at this price.</summary>
    Price,

    /// <summary>Sells one of so many units at this price.</summary>
    BuyNGetOne,
}

/// <summary>What one coupon takes off one unit.</summary>
/// <param name="Value">Yen, percent (1 to 100) or the price in yen, as <paramref name="Type"/> says.</param>
/// <param name="Units">
/// For <see cref="DiscountType.BuyNGetOne"/>: units of the campaign's items that are bought at least, the discounted one among them.
/// Null for the other types, where it is one.
/// </param>
[GenerateSerializer, Immutable, Alias("coopline.discount")]
public sealed record Discount(
    [property: Id(0)] DiscountType Type, [property: Id(1)] int Value, [property: Id(2)] int? Units = null)
{
    /// <summary>Yen off, as far as they can be told without the unit: of a cheaper one it is less.</summary>
    [JsonIgnore]
    public int Usual => Type == DiscountType.Yen ? Value : 1;

    /// <summary>Yen off one unit; from 0 to <paramref name="unitPrice"/>.</summary>
    public int AmountOff(int unitPrice)
    {
        if (unitPrice <= 0) return 0;

        var off = Type switch
        {
            DiscountType.Yen => Value,
            DiscountType.Percent => (long)unitPrice * Value / 100,
            DiscountType.Price or DiscountType.BuyNGetOne => (long)unitPrice - Value,
            _ => throw new InvalidOperationException($"Unknown discount type {Type}."),
        };
        return (int)Math.Clamp(off, 0, unitPrice);
    }
}

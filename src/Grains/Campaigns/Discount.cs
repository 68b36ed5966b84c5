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
}

/// <summary>What one coupon takes off one unit.</summary>
/// <param name="Value">Yen, percent (1 to 100) or the price in yen, as <paramref name="Type"/> says.</param>
[GenerateSerializer, Immutable, Alias("coopline.discount")]
public sealed record Discount([property: Id(0)] DiscountType Type, [property: Id(1)] int Value)
{
    /// <summary>Yen off one unit; from 0 to <paramref name="unitPrice"/>.</summary>
    public int AmountOff(int unitPrice)
    {
        if (unitPrice <= 0) return 0;

        var off = Type switch
        {
            DiscountType.Yen => Value,
            DiscountType.Percent => (long)unitPrice * Value / 100,
            DiscountType.Price => (long)unitPrice - Value,
            _ => throw new InvalidOperationException($"Unknown discount type {Type}."),
        };
        return (int)Math.Clamp(off, 0, unitPrice);
    }
}

using System.Collections.Immutable;
using CoopLine.Grains.Coupons;

namespace CoopLine.Grains.Redemptions;

/// <summary>What a till asks.</summary>
/// <param name="PurchasedAt">The till's time, at the co-op's offset; at most ten minutes from the server's clock when first decided.</param>
/// <param name="Code">13 digits.</param>
/// <param name="Lines">The lines that a coupon may be used on, at most 1,000, line numbers unique.</param>
/// <param name="Hash">SHA-256 (lower-case hex) over everything else in canonical form: two requests are the same when it is.</param>
[GenerateSerializer, Immutable, Alias("coopline.purchase")]
public sealed record Purchase(
    [property: Id(0)] ReceiptKey Receipt,
    [property: Id(1)] DateTimeOffset PurchasedAt,
    [property: Id(2)] string Code,
    [property: Id(3)] ImmutableArray<SaleLine> Lines,
    [property: Id(4)] string Hash)
{
    /// <summary>How far a till's clock may be from ours.</summary>
    private static readonly TimeSpan MaxClockDifference = TimeSpan.FromMinutes(10);

    /// <summary>The call that asks.</summary>
    [Id(5)] public Attempt Attempt { get; init; } = Attempt.New();

    /// <summary>What the lines come to that no coupon may be used on: what was weighed, deposits, what was taken off.</summary>
    [Id(6)] public long OtherYen { get; init; }

    /// <summary>What the receipt comes to, before LINE coupons.</summary>
    public long Yen => OtherYen + Lines.Sum(line => (long)line.Quantity * line.UnitPrice);

    /// <param name="number">Of one of its lines.</param>
    public int UnitsOn(int number)
    {
        foreach (var line in Lines)
            if (line.Line == number) return line.Quantity;
        throw new ArgumentOutOfRangeException(nameof(number));
    }

    public bool IsFarFrom(DateTimeOffset now) => (PurchasedAt - now).Duration() > MaxClockDifference;
}

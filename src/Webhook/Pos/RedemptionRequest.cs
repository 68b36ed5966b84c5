using System.ComponentModel.DataAnnotations;
using CoopLine.Grains.Coupons;
using CoopLine.Webhook.Edge;

namespace CoopLine.Webhook.Pos;

/// <summary>A purchase at the till with the code that the member shows.</summary>
public sealed record RedemptionRequest : IValidatableObject
{
    public const int LinesMax = 1000;

    private const int BusinessDateDaysOffMax = 366;

    /// <summary>The till's own key of the receipt: sent again, it gets the first answer.</summary>
    [Required]
    public ReceiptReference? Receipt { get; init; }

    /// <summary>
    /// The till's time with its offset, at most ten minutes from the server's clock: <c>2026-11-22T10:15:00+09:00</c>.
    /// </summary>
    [Required, Instant]
    public string? PurchasedAt { get; init; }

    /// <summary>The 13 digits of the member's code.</summary>
    [Required, RegularExpression("^[0-9]{13}$", ErrorMessage = "A code has 13 digits.")]
    public string? Code { get; init; }

    /// <summary>The lines of the receipt, 1 to 1,000, in any order.</summary>
    [Required, Length(1, LinesMax)]
    public IReadOnlyList<LineRequest>? Lines { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (DayAttribute.TryParse(Receipt?.BusinessDate ?? "", out var day)
            && InstantAttribute.TryParse(PurchasedAt ?? "", out var at)
            && Math.Abs(day.DayNumber - DateOnly.FromDateTime(at.DateTime).DayNumber) > BusinessDateDaysOffMax)
            yield return new(
                $"A business date is at most {BusinessDateDaysOffMax} days from purchasedAt.",
                [$"{nameof(Receipt)}.{nameof(ReceiptReference.BusinessDate)}"]);

        var lines = Lines ?? [];
        for (var i = 0; i < lines.Count; i++)
            if (lines[i] is null)
                yield return new("A line is an object.", [$"{nameof(Lines)}[{i}]"]);

        var numbers = lines.Where(line => line is not null).GroupBy(line => line.Line);
        foreach (var twice in numbers.Where(same => same.Count() > 1))
            yield return new($"Line number {twice.Key} is there twice.", [nameof(Lines)]);
    }

    /// <summary>Only for a request that passed validation.</summary>
    internal Purchase ToPurchase()
    {
        var receipt = Receipt!.ToKey();
        var purchasedAt = InstantAttribute.Parse(PurchasedAt!);
        SaleLine[] lines = [.. Lines!.Select(line => line.ToSaleLine()).OrderBy(line => line.Line)];
        return new(receipt, purchasedAt, Code!, [.. lines], PurchaseHash.Of(receipt, purchasedAt, Code!, lines));
    }
}

/// <summary>Business date, store, register and number: compared as text, so register <c>05</c> is not <c>5</c>.</summary>
public sealed record ReceiptReference
{
    private const string Part = "^" + ReceiptKey.PartShape + "$";
    private const string PartMessage = "{0} has " + ReceiptKey.PartShapeInWords + ".";

    /// <summary>At most 366 days from <c>purchasedAt</c>.</summary>
    [Required, Day]
    public string? BusinessDate { get; init; }

    [Required, RegularExpression(Part, ErrorMessage = PartMessage)]
    public string? Store { get; init; }

    [Required, RegularExpression(Part, ErrorMessage = PartMessage)]
    public string? Register { get; init; }

    [Required, RegularExpression(Part, ErrorMessage = PartMessage)]
    public string? Number { get; init; }

    internal static ReceiptReference Of(ReceiptKey key) => new()
    {
        BusinessDate = ReceiptKey.WriteDate(key.BusinessDate),
        Store = key.Store,
        Register = key.Register,
        Number = key.Number,
    };

    internal ReceiptKey ToKey() => ReceiptKey.TryParse($"{BusinessDate}/{Store}/{Register}/{Number}", out var key)
        ? key
        : throw new InvalidOperationException("The receipt was not validated.");
}

/// <summary>One line of the receipt: an item by its JAN, its category, or both.</summary>
public sealed record LineRequest : IValidatableObject
{
    /// <summary>The till's number of the line, from 1, once on the receipt.</summary>
    [Required, Range(1, int.MaxValue)]
    public int? Line { get; init; }

    /// <summary>EAN-13, EAN-8 or UPC-A digits.</summary>
    [Jan]
    public string? Jan { get; init; }

    /// <summary>The co-op's category, 1 to 20 characters.</summary>
    [Length(1, SaleLine.CategoryMax), PlainText]
    public string? Category { get; init; }

    /// <summary>Units, 1 to 9,999.</summary>
    [Required, Range(1, 9_999)]
    public int? Quantity { get; init; }

    /// <summary>Yen a unit, 1 to 9,999,999.</summary>
    [Required, Range(1, SaleLine.UnitPriceMax)]
    public int? UnitPrice { get; init; }

    /// <summary>Whether the item carries a discount sticker: <c>no</c>, <c>yes</c> or <c>unknown</c> (default).</summary>
    [AllowedValues("no", "yes", "unknown", null)]
    public string? Markdown { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Jan is null && Category is null)
            yield return new("A line has a JAN, a category or both.", [nameof(Jan)]);
    }

    internal SaleLine ToSaleLine() => new(Line!.Value, Jan, Category, Quantity!.Value, UnitPrice!.Value, Markdown switch
    {
        "no" => Grains.Coupons.Markdown.No,
        "yes" => Grains.Coupons.Markdown.Yes,
        _ => Grains.Coupons.Markdown.Unknown,
    });
}

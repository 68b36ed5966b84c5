using System.ComponentModel.DataAnnotations;
using System.Runtime.InteropServices;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Redemptions;
using CoopLine.Webhook.Edge;

namespace CoopLine.Webhook.Pos;

/// <summary>A purchase at the till with the code that the member shows.</summary>
public sealed record RedemptionRequest : IValidatableObject
{
    public const int LinesMax = 1000;

    private const int BusinessDateDaysOffMax = 366;
    private const int CodeDigits = 13;

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
    public IReadOnlyList<SaleLineRequest>? Lines { get; init; }

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

    /// <summary>
    /// Whether validation would find nothing, told without its reflection: most requests are in order. What is wrong with
    /// the others is for the attributes and <see cref="Validate"/> to say; a test holds the two together.
    /// </summary>
    internal bool IsInOrder() =>
        Receipt is { } receipt && receipt.IsInOrder(out var day)
        && PurchasedAt is { } text && InstantAttribute.TryParse(text, out var at)
        && Math.Abs(day.DayNumber - DateOnly.FromDateTime(at.DateTime).DayNumber) <= BusinessDateDaysOffMax
        && Code is { Length: CodeDigits } && !Code.AsSpan().ContainsAnyExceptInRange('0', '9')
        && Lines is { Count: >= 1 and <= LinesMax } lines && AreInOrder(lines);

    /// <summary>Only for a request that passed validation.</summary>
    internal Purchase ToPurchase()
    {
        var receipt = Receipt!.ToKey();
        var purchasedAt = InstantAttribute.Parse(PurchasedAt!);
        var lines = new SaleLine[Lines!.Count];
        for (var i = 0; i < lines.Length; i++) lines[i] = Lines[i].ToSaleLine();
        Array.Sort(lines, (one, other) => one.Line.CompareTo(other.Line));
        return new(
            receipt, purchasedAt, Code!, ImmutableCollectionsMarshal.AsImmutableArray(lines),
            PurchaseHash.Of(receipt, purchasedAt, Code!, lines));
    }

    private static bool AreInOrder(IReadOnlyList<SaleLineRequest> lines)
    {
        HashSet<int>? numbers = null;
        var highest = 0;
        for (var i = 0; i < lines.Count; i++)
        {
            if (lines[i] is not { Line: { } number } line || !line.IsInOrder()) return false;
            // As a rule they count up, and then none can be there twice.
            if (numbers is null && number <= highest) numbers = [.. lines.Take(i).Select(before => before.Line!.Value)];
            if (numbers?.Add(number) is false) return false;
            highest = number;
        }

        return true;
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

    /// <inheritdoc cref="RedemptionRequest.IsInOrder"/>
    internal bool IsInOrder(out DateOnly day) =>
        ReceiptKey.TryParseDate(BusinessDate, out day) && IsPart(Store) && IsPart(Register) && IsPart(Number);

    internal ReceiptKey ToKey() => IsInOrder(out var day)
        ? new(day, Store!, Register!, Number!)
        : throw new InvalidOperationException("The receipt was not validated.");

    private static bool IsPart(string? text) => text is not null && ReceiptKey.IsPart(text);
}

/// <summary>One line of the receipt: an item by its JAN, its category, or both.</summary>
public sealed record SaleLineRequest : IValidatableObject
{
    private const int QuantityMax = 9_999;

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
    [Required, Range(1, QuantityMax)]
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

    /// <inheritdoc cref="RedemptionRequest.IsInOrder"/>
    internal bool IsInOrder() =>
        Line is >= 1
        && (Jan is not null || Category is not null)
        && (Jan is null || Grains.Campaigns.Jan.IsValid(Jan))
        && (Category is null || (Category.Length is >= 1 and <= SaleLine.CategoryMax && PlainTextAttribute.IsPlain(Category)))
        && Quantity is >= 1 and <= QuantityMax
        && UnitPrice is >= 1 and <= SaleLine.UnitPriceMax
        && Markdown is "no" or "yes" or "unknown" or null;

    internal SaleLine ToSaleLine() => new(Line!.Value, Jan, Category, Quantity!.Value, UnitPrice!.Value, Markdown switch
    {
        "no" => Grains.Redemptions.Markdown.No,
        "yes" => Grains.Redemptions.Markdown.Yes,
        _ => Grains.Redemptions.Markdown.Unknown,
    });
}

using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Redemptions;
using CoopLine.Webhook.Edge;

namespace CoopLine.Webhook.Pos;

/// <summary>A purchase at the till with the code that the member shows.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RedemptionRequest : IValidatableObject
{
    public const int LinesMax = 1000;

    internal const int BusinessDateDaysOffMax = 366;
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
            && IsFar(day, at))
            yield return new(
                $"A business date is at most {BusinessDateDaysOffMax} days from purchasedAt.",
                [$"{nameof(Receipt)}.{nameof(ReceiptReference.BusinessDate)}"]);

        foreach (var objection in SaleLines.ObjectionsTo(Lines ?? [])) yield return objection;
    }

    /// <summary>
    /// Whether validation would find nothing, told without its reflection: most requests are in order. What is wrong with
    /// the others is for the attributes and <see cref="Validate"/> to say; a test holds the two together.
    /// </summary>
    internal bool IsInOrder() =>
        Receipt is { } receipt && receipt.IsInOrder(out var day)
        && PurchasedAt is { } text && InstantAttribute.TryParse(text, out var at)
        && !IsFar(day, at)
        && Code is { Length: CodeDigits } && !Code.AsSpan().ContainsAnyExceptInRange('0', '9')
        && Lines is { Count: >= 1 and <= LinesMax } lines && AreInOrder(lines);

    /// <summary>Whether no till can mean this business date for a purchase at that time.</summary>
    internal static bool IsFar(DateOnly businessDate, DateTimeOffset purchasedAt) =>
        Math.Abs(businessDate.DayNumber - DateOnly.FromDateTime(purchasedAt.DateTime).DayNumber) > BusinessDateDaysOffMax;

    /// <summary>Only for a request that passed validation.</summary>
    internal Purchase ToPurchase()
    {
        var receipt = Receipt!.ToKey();
        var purchasedAt = InstantAttribute.Parse(PurchasedAt!);
        var lines = SaleLines.InOrder(Lines!);
        var (items, otherYen) = SaleLines.Read(lines);
        return new(receipt, purchasedAt, Code!, items, PurchaseHash.Of(receipt, purchasedAt, Code!, lines))
        { OtherYen = otherYen };
    }

    /// <summary>The lines that are missing from the purchase, by number; null for none.</summary>
    internal ImmutableArray<WarningResponse>? Warnings(Purchase purchase) => purchase.Lines.Length == Lines!.Count
        ? null
        :
        [
            .. Lines.Where(line => line.ToSaleLine() is null)
                .Select(line => new WarningResponse(line.Line!.Value, WarningReason.NotAnItem))
                .OrderBy(warning => warning.Line),
        ];

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
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
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

/// <summary>
/// One line of the receipt: an item by its JAN, its category, or both. A line that no coupon can be used on (without either, no
/// whole units or yen, a price of 0 or below) is passed over and named in the answer.
/// </summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record SaleLineRequest
{
    private const int QuantityMax = 9_999;

    /// <summary>The till's number of the line, from 1, once on the receipt.</summary>
    [Required, Range(1, int.MaxValue)]
    public int? Line { get; init; }

    /// <summary>EAN-13, EAN-8, UPC-A or GTIN-14 digits; zeros in front do not matter. Anything else names no item.</summary>
    public string? Jan { get; init; }

    /// <summary>The co-op's category, 1 to 20 characters. Anything else is none.</summary>
    public string? Category { get; init; }

    /// <summary>Whole units, 1 to 9,999; of what is sold by weight, anything.</summary>
    [Required, JsonConverter(typeof(TillNumberJson))]
    public decimal? Quantity { get; init; }

    /// <summary>Yen a unit, 1 to 9,999,999 for an item.</summary>
    [Required, JsonConverter(typeof(TillNumberJson))]
    public decimal? UnitPrice { get; init; }

    /// <summary>値引シール: <c>no</c>, <c>yes</c> or <c>unknown</c> (default).</summary>
    [AllowedValues("no", "yes", "unknown", null, ErrorMessage = "markdown is no, yes or unknown.")]
    public string? Markdown { get; init; }

    /// <inheritdoc cref="RedemptionRequest.IsInOrder"/>
    internal bool IsInOrder() =>
        Line is >= 1 && Quantity is not null && UnitPrice is not null && Markdown is "no" or "yes" or "unknown" or null;

    /// <returns>Null when no coupon can be used on it.</returns>
    internal SaleLine? ToSaleLine()
    {
        var item = Grains.Campaigns.Jan.Item(Jan);
        var category = Category is { Length: >= 1 and <= SaleLine.CategoryMax } && PlainTextAttribute.IsPlain(Category) ? Category : null;
        return (item ?? category) is not null && IsWhole(Quantity, QuantityMax) && IsWhole(UnitPrice, SaleLine.UnitPriceMax)
            ? new(Line!.Value, item, category, (int)Quantity!.Value, (int)UnitPrice!.Value, ReadMarkdown())
            : null;
    }

    /// <summary>What the line comes to, rounded down to whole yen. An amount that no receipt has counts as none.</summary>
    internal long Yen
    {
        get
        {
            var (quantity, price) = (Quantity!.Value, UnitPrice!.Value);
            if (Math.Abs(quantity) > QuantityMax || Math.Abs(price) > SaleLine.UnitPriceMax) return 0;
            return (long)Math.Floor(quantity * price);
        }
    }

    internal Markdown ReadMarkdown() => Markdown switch
    {
        "no" => Grains.Redemptions.Markdown.No,
        "yes" => Grains.Redemptions.Markdown.Yes,
        _ => Grains.Redemptions.Markdown.Unknown,
    };

    private static bool IsWhole(decimal? number, int most) =>
        number is >= 1 and { } sent && sent <= most && decimal.IsInteger(sent);
}

/// <summary>Any number of JSON, such as 1, 198.00, 0.345 or -1. What is beyond all amounts is read as the largest or the smallest of them.</summary>
internal sealed class TillNumberJson : JsonConverter<decimal>
{
    public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.Number) throw new JsonException();
        if (reader.TryGetInt32(out var whole)) return whole;
        if (reader.TryGetDecimal(out var number)) return number;
        return reader.GetDouble() < 0 ? decimal.MinValue : decimal.MaxValue;
    }

    public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
}

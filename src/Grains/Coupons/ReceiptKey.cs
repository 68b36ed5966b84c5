using System.Globalization;
using System.Text.RegularExpressions;

namespace CoopLine.Grains.Coupons;

/// <summary>The till's own key of a receipt, written <c>2026-11-22/0123/05/000481</c>.</summary>
/// <remarks>Parts are compared as text: register <c>05</c> is not register <c>5</c>.</remarks>
[GenerateSerializer, Immutable, Alias("coopline.receipt-key")]
public readonly partial record struct ReceiptKey(
    [property: Id(0)] DateOnly BusinessDate,
    [property: Id(1)] string Store,
    [property: Id(2)] string Register,
    [property: Id(3)] string Number)
{
    /// <summary>What store, register and number look like: 1 to 20 ASCII letters, digits or hyphens.</summary>
    public const string PartPattern = @"^[0-9A-Za-z-]{1,20}\z";

    private const string DateFormat = "yyyy-MM-dd";

    public static bool TryParse(string? text, out ReceiptKey key)
    {
        key = default;
        if (text?.Split('/') is not [var date, var store, var register, var number]) return false;
        if (!DateOnly.TryParseExact(date, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            return false;
        if (!Part().IsMatch(store) || !Part().IsMatch(register) || !Part().IsMatch(number)) return false;

        key = new(day, store, register, number);
        return true;
    }

    public override string ToString() =>
        $"{BusinessDate.ToString(DateFormat, CultureInfo.InvariantCulture)}/{Store}/{Register}/{Number}";

    [GeneratedRegex(PartPattern)]
    private static partial Regex Part();
}

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace CoopLine.Grains.Coupons;

/// <summary>The till's own key of a receipt, written <c>2026-11-22/0123/05/000481</c>.</summary>
/// <remarks>Parts are compared as text: register <c>05</c> is not register <c>5</c>.</remarks>
[GenerateSerializer, Immutable, Alias("coopline.receipt-key"), JsonConverter(typeof(ReceiptKeyJson))]
public readonly partial record struct ReceiptKey(
    [property: Id(0)] DateOnly BusinessDate,
    [property: Id(1)] string Store,
    [property: Id(2)] string Register,
    [property: Id(3)] string Number)
{
    /// <summary>What store, register and number look like: a regular expression without anchors.</summary>
    public const string PartShape = "[0-9A-Za-z-]{1,20}";

    /// <summary>The same in words, to stand behind "has".</summary>
    public const string PartShapeInWords = "1 to 20 letters, digits or hyphens";

    private const string DateFormat = "yyyy-MM-dd";

    public static bool IsPart(string text) => Part().IsMatch(text);

    public static bool TryParseDate(string? text, out DateOnly day) =>
        DateOnly.TryParseExact(text, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out day);

    public static string WriteDate(DateOnly day) => day.ToString(DateFormat, CultureInfo.InvariantCulture);

    public static bool TryParse(string? text, out ReceiptKey key)
    {
        key = default;
        if (text?.Split('/') is not [var date, var store, var register, var number]) return false;
        if (!TryParseDate(date, out var day) || !IsPart(store) || !IsPart(register) || !IsPart(number)) return false;

        key = new(day, store, register, number);
        return true;
    }

    public override string ToString() => $"{WriteDate(BusinessDate)}/{Store}/{Register}/{Number}";

    [GeneratedRegex("^" + PartShape + @"\z")]
    private static partial Regex Part();
}

/// <summary>In states as text. Older versions wrote an object with the four parts.</summary>
internal sealed class ReceiptKeyJson : JsonConverter<ReceiptKey>
{
    public override ReceiptKey Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : Parts(JsonElement.ParseValue(ref reader));
        return ReceiptKey.TryParse(text, out var key) ? key : throw new JsonException("A state has a malformed receipt.");

        static string Parts(JsonElement key) =>
            $"{key.GetProperty("businessDate")}/{key.GetProperty("store")}/{key.GetProperty("register")}/{key.GetProperty("number")}";
    }

    public override void Write(Utf8JsonWriter writer, ReceiptKey value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}

using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using CoopLine.Grains.Coupons;

namespace CoopLine.Webhook.Pos;

/// <summary>
/// When two requests are the same: SHA-256 (lower-case hex) over what was asked, in one fixed form. White space, the
/// order of properties and lines, and the offset of the same moment do not matter.
/// </summary>
internal static class PurchaseHash
{
    /// <param name="lines">In order of their numbers.</param>
    public static string Of(
        ReceiptKey receipt, DateTimeOffset purchasedAt, string code, IReadOnlyCollection<SaleLine> lines)
    {
        var form = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(form))
        {
            json.WriteStartArray();
            json.WriteNumberValue(1); // version of this form: stored hashes are compared for ever
            json.WriteStringValue(receipt.ToString());
            json.WriteNumberValue(purchasedAt.UtcTicks);
            json.WriteStringValue(code);
            foreach (var line in lines) Write(json, line);
            json.WriteEndArray();
        }
        return Convert.ToHexStringLower(SHA256.HashData(form.WrittenSpan));
    }

    private static void Write(Utf8JsonWriter json, SaleLine line)
    {
        json.WriteStartArray();
        json.WriteNumberValue(line.Line);
        json.WriteStringValue(line.Jan);
        json.WriteStringValue(line.Category);
        json.WriteNumberValue(line.Quantity);
        json.WriteNumberValue(line.UnitPrice);
        json.WriteNumberValue((int)line.Markdown);
        json.WriteEndArray();
    }
}

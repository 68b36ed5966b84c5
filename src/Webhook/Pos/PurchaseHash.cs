using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CoopLine.Grains.Coupons;

namespace CoopLine.Webhook.Pos;

/// <summary>
/// When two requests are the same: SHA-256 (lower-case hex) over what was asked, in one fixed form. White space, the
/// order of properties and lines, and the offset of the same moment do not matter.
/// </summary>
/// <remarks>
/// The form is fields one after the other, each as <c>length:text,</c> and a missing one as <c>-,</c>. It must never
/// change, since it is compared with hashes of any age; that is why no serializer writes it.
/// </remarks>
internal static class PurchaseHash
{
    private const string Version = "1";

    /// <param name="lines">In order of their numbers.</param>
    public static string Of(ReceiptKey receipt, DateTimeOffset purchasedAt, string code, IEnumerable<SaleLine> lines)
    {
        var form = new StringBuilder();
        Add(form, Version, receipt.ToString(), Number(purchasedAt.UtcTicks), code);
        foreach (var line in lines)
            Add(
                form, Number(line.Line), line.Jan, line.Category, Number(line.Quantity), Number(line.UnitPrice),
                line.Markdown.ToString());
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(form.ToString())));
    }

    private static void Add(StringBuilder form, params ReadOnlySpan<string?> fields)
    {
        foreach (var field in fields)
            if (field is null) form.Append("-,");
            else form.Append(CultureInfo.InvariantCulture, $"{field.Length}:{field},");
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}

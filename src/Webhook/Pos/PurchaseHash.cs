using System.Buffers;
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
/// The form is fields one after the other in UTF-8, each as <c>length:text,</c> with the length in UTF-16 units, and a missing
/// one as <c>-,</c>. It must never change, since it is compared with hashes of any age; that is why no serializer writes it.
/// </remarks>
internal static class PurchaseHash
{
    private const string Version = "1";

    /// <summary>Nearly every purchase has room; the form grows for the others.</summary>
    private const int HeadBytes = 128, LineBytes = 64;

    /// <param name="lines">As they were sent, in order of their numbers.</param>
    public static string Of(ReceiptKey receipt, DateTimeOffset purchasedAt, string code, ReadOnlySpan<SaleLineRequest> lines)
    {
        var form = new ArrayBufferWriter<byte>(HeadBytes + (lines.Length * LineBytes));
        Add(form, Version);
        Add(form, receipt.ToString());
        Add(form, purchasedAt.UtcTicks);
        Add(form, code);
        foreach (var line in lines)
        {
            Add(form, line.Line!.Value);
            AddOrMiss(form, line.Jan);
            AddOrMiss(form, line.Category);
            Add(form, line.Quantity!.Value);
            Add(form, line.UnitPrice!.Value);
            Add(form, line.ReadMarkdown().ToString());
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(form.WrittenSpan, hash);
        return Convert.ToHexStringLower(hash);
    }

    private static void AddOrMiss(ArrayBufferWriter<byte> form, string? field)
    {
        if (field is null) form.Write("-,"u8);
        else Add(form, field);
    }

    private static void Add(ArrayBufferWriter<byte> form, long number)
    {
        Span<char> digits = stackalloc char[20];
        number.TryFormat(digits, out var length, provider: CultureInfo.InvariantCulture);
        Add(form, digits[..length]);
    }

    /// <summary>198.00 is 198.</summary>
    private static void Add(ArrayBufferWriter<byte> form, decimal number)
    {
        if (decimal.IsInteger(number) && Math.Abs(number) <= long.MaxValue)
        {
            Add(form, (long)number);
            return;
        }

        Span<char> digits = stackalloc char[40];
        (number / 1.0000000000000000000000000000m).TryFormat(digits, out var length, provider: CultureInfo.InvariantCulture);
        Add(form, digits[..length]);
    }

    private static void Add(ArrayBufferWriter<byte> form, ReadOnlySpan<char> field)
    {
        var room = form.GetSpan(Encoding.UTF8.GetMaxByteCount(field.Length) + 12); // up to ten digits, a colon, a comma
        field.Length.TryFormat(room, out var end, provider: CultureInfo.InvariantCulture);
        room[end++] = (byte)':';
        end += Encoding.UTF8.GetBytes(field, room[end..]);
        room[end++] = (byte)',';
        form.Advance(end);
    }
}

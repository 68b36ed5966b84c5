namespace CoopLine.Grains.Registry;

/// <summary>A Japanese phone number: 10 or 11 digits, the first of them 0. The link form and the registry's file take the same.</summary>
public static class Phone
{
    public const int MaxDigits = 11;

    private const int SubscriberDigits = 8;

    /// <param name="normalised">From <see cref="Normalise.Phone"/>.</param>
    public static bool IsValid(ReadOnlySpan<char> normalised) =>
        normalised is ['0', ..] and { Length: 10 or MaxDigits } && Digits.Only(normalised);

    /// <summary>Whether anybody can have it; <c>000-0000-0000</c> and <c>090-123-4567</c> nobody can.</summary>
    /// <param name="valid">By <see cref="IsValid"/>.</param>
    /// <remarks>
    /// Source: <see href="https://www.soumu.go.jp/main_sosiki/joho_tsusin/top/tel_number/">the numbering plan of Japan</see>:
    /// 020, 050 and 060 to 090 have eleven digits, all others ten.
    /// </remarks>
    public static bool CanExist(ReadOnlySpan<char> valid)
    {
        var isLong = valid is ['0', '2' or (>= '5' and <= '9'), '0', ..];
        return valid[1] != '0'
            && isLong == (valid.Length == MaxDigits)
            && valid[1..].ContainsAnyExcept(valid[1])
            && valid[^SubscriberDigits..].ContainsAnyExcept('0');
    }

    /// <summary>A number whose zero in front a spreadsheet took.</summary>
    /// <returns>With its zero; null when that makes no number that can exist.</returns>
    public static string? WithItsZero(string text) =>
        Normalise.Phone(text) is [not '0', ..] rest && "0" + rest is var phone && IsValid(phone) && CanExist(phone) ? phone : null;

    /// <returns>The number in its one spelling; null when the text is none.</returns>
    public static string? Read(string text) => Normalise.Phone(text) is var phone && IsValid(phone) ? phone : null;

    /// <summary>The same for many: digits and hyphens, as nearly all are written, need no string.</summary>
    /// <param name="phone">Gets the number; of <see cref="MaxDigits"/>.</param>
    /// <returns>How many digits it has; 0 when the text is none.</returns>
    public static int Read(ReadOnlySpan<char> text, Span<char> phone)
    {
        var length = 0;
        foreach (var c in text)
        {
            if (c == '-') continue;
            if (!char.IsAsciiDigit(c) || length == MaxDigits) return ReadOther(text.ToString(), phone);
            phone[length++] = c;
        }

        return IsValid(phone[..length]) ? length : 0;
    }

    private static int ReadOther(string text, Span<char> phone)
    {
        var read = Read(text) ?? "";
        read.CopyTo(phone);
        return read.Length;
    }
}

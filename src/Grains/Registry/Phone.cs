namespace CoopLine.Grains.Registry;

/// <summary>A Japanese phone number: 10 or 11 digits, the first of them 0. The link form and the registry's file take the same.</summary>
public static class Phone
{
    public const int MaxDigits = 11;

    /// <param name="normalised">From <see cref="Normalise.Phone"/>.</param>
    public static bool IsValid(ReadOnlySpan<char> normalised) =>
        normalised is ['0', ..] and { Length: 10 or MaxDigits } && Digits.Only(normalised);

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

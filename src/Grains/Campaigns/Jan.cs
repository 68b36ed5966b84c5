namespace CoopLine.Grains.Campaigns;

/// <summary>The item codes that Japanese registers scan. Zeros in front of a GTIN mean nothing: one item has several spellings.</summary>
public static class Jan
{
    /// <summary>Digits of a code as <see cref="Item"/> writes it.</summary>
    public const int Digits = 13;

    /// <summary>First digits of codes: a regular expression without anchors.</summary>
    public const string PrefixShape = "[0-9]{1,13}";

    /// <summary>
    /// The item that a till's code names, in 13 digits. A GTIN-14 is an item if it begins with zero; others name cases and
    /// pallets.
    /// </summary>
    /// <returns>Null when the code is no item's.</returns>
    public static string? Item(string? code) => code switch
    {
        { Length: Digits } => IsValid(code) ? code : null,
        ['0', .. { Length: Digits } rest] => IsValid(rest) ? rest : null,
        not null when IsValid(code) => code.PadLeft(Digits, '0'),
        _ => null,
    };

    /// <summary>True for EAN-8, UPC-A (12 digits) and EAN-13 with the right check digit.</summary>
    public static bool IsValid(string code) =>
        code.Length is 8 or 12 or 13
        && !code.AsSpan().ContainsAnyExceptInRange('0', '9')
        && CheckDigit(code.AsSpan(0, code.Length - 1)) == code[^1];

    /// <summary>GS1's check digit: from the right, digits count three times and once by turns.</summary>
    /// <seealso href="https://www.gs1.org/services/how-calculate-check-digit-manually"/>
    internal static char CheckDigit(ReadOnlySpan<char> digits)
    {
        var sum = 0;
        for (var i = 0; i < digits.Length; i++)
            sum += (digits[^(i + 1)] - '0') * (i % 2 == 0 ? 3 : 1);
        return (char)('0' + (10 - sum % 10) % 10);
    }
}

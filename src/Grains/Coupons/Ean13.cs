using System.Security.Cryptography;
using CoopLine.Grains.Campaigns;

namespace CoopLine.Grains.Coupons;

/// <summary>The shape of a coupon code: EAN-13 with an in-store prefix, which no item on sale carries.</summary>
public static class Ean13
{
    public static bool IsValid(string code) => code.Length == 13 && Jan.IsValid(code);

    /// <exception cref="ArgumentException">The text is not twelve ASCII digits.</exception>
    public static char CheckDigit(string first12)
    {
        if (first12.Length != 12 || first12.AsSpan().ContainsAnyExceptInRange('0', '9'))
            throw new ArgumentException("A check digit needs twelve digits before it.", nameof(first12));
        return Jan.CheckDigit(first12);
    }

    /// <summary>A code that nobody can guess: the prefix, ten random digits, the check digit.</summary>
    /// <exception cref="ArgumentException">The prefix is not one of GS1's in-store prefixes, 20 to 29.</exception>
    public static string NewCode(string prefix2)
    {
        if (prefix2 is not ['2', >= '0' and <= '9'])
            throw new ArgumentException("An in-store prefix is a number from 20 to 29.", nameof(prefix2));

        var first12 = prefix2 + RandomNumberGenerator.GetString("0123456789", 10);
        return first12 + CheckDigit(first12);
    }
}

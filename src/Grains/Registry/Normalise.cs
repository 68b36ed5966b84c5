using System.Buffers;
using System.Globalization;
using System.Text;

namespace CoopLine.Grains.Registry;

/// <summary>One spelling for what people type and what the registry holds, so that the two can be compared.</summary>
/// <remarks>
/// Full-width characters become plain ones; spaces, hyphens of every kind and invisible marks go. Nothing is
/// refused here: what is no number before is none after.
/// </remarks>
public static class Normalise
{
    /// <summary>Minus, long-vowel mark and box-drawing lines: typed for a hyphen, but not hyphens to Unicode.</summary>
    private const string HyphenLookalikes = "−ー─━";

    private const int ShortLength = 64;

    private static readonly SearchValues<char> Parentheses = SearchValues.Create("()");
    private static readonly SearchValues<char> DateSeparators = SearchValues.Create("/.年月日");

    /// <returns>For <c>１２３４－５６７</c>: <c>1234567</c>. Leading zeros stay.</returns>
    public static string MemberNumber(string text) => Plain(text);

    /// <returns>For <c>+81 (0)90-1234-5678</c>: <c>09012345678</c>.</returns>
    public static string Phone(string text) => Without(Parentheses, Plain(text)) switch
    {
        ['+', '8', '1', '0', .. var rest] => "0" + rest,
        ['+', '8', '1', .. var rest] => "0" + rest,
        var other => other,
    };

    /// <returns>For <c>1971年04月01日</c>: <c>19710401</c>. Missing zeros are not guessed.</returns>
    public static string BirthDate(string text) => Without(DateSeparators, Plain(text));

    private static string Plain(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('0', '9')) return text;

        var normal = Compatible(text);
        var plain = normal.Length <= ShortLength ? stackalloc char[ShortLength] : new char[normal.Length];
        var length = 0;
        foreach (var c in normal)
            if (!IsSpacing(c))
                plain[length++] = c;
        return new(plain[..length]);
    }

    /// <summary>Full-width characters become plain ones, and signs such as ㍼ the characters they stand for.</summary>
    internal static string Compatible(string text) => WellFormed(text).Normalize(NormalizationForm.FormKC);

    /// <summary>Also what is typed for one.</summary>
    public static bool IsHyphen(char c) =>
        c == '-'
        || (!char.IsAscii(c) && (
            HyphenLookalikes.Contains(c, StringComparison.Ordinal)
            || char.GetUnicodeCategory(c) is UnicodeCategory.DashPunctuation));

    internal static bool IsSpacing(char c) =>
        char.IsWhiteSpace(c)
        || IsHyphen(c)
        || (!char.IsAscii(c) && char.GetUnicodeCategory(c) is UnicodeCategory.Format);

    /// <summary>Half a surrogate pair, which <see cref="string.Normalize()"/> throws on, becomes U+FFFD.</summary>
    private static string WellFormed(string text) =>
        text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') ? string.Concat(text.EnumerateRunes()) : text;

    private static string Without(SearchValues<char> unwanted, string text) =>
        text.AsSpan().ContainsAny(unwanted) ? string.Concat(text.Where(c => !unwanted.Contains(c))) : text;
}

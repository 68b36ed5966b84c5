using System.Text.RegularExpressions;

namespace CoopLine.Grains;

/// <summary>Takes out of a text what must not stand in a log: LINE user ids, tokens, numbers of members, phones, dates and codes.</summary>
public static partial class PersonalData
{
    /// <summary>LINE user ids, runs of 7 and more digits, and long random words become <c>***</c>.</summary>
    public static string Mask(string text) => Personal().Replace(text, "***");

    [GeneratedRegex("U[0-9a-f]{32}|[0-9][0-9-]{5,}[0-9]|[A-Za-z0-9_+/=-]{40,}", RegexOptions.NonBacktracking)]
    private static partial Regex Personal();
}

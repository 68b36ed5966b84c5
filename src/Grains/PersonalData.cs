using System.Text.RegularExpressions;
using CoopLine.Grains.Line;

namespace CoopLine.Grains;

/// <summary>Takes out of a text what must not stand in a log: LINE user ids, tokens, numbers of members, phones, dates and codes.</summary>
public static partial class PersonalData
{
    /// <summary>LINE user ids, grain keys, sessions in addresses, long random words, phones, and numbers of seven and more digits become <c>***</c>.</summary>
    public static string Mask(string text) => Personal().Replace(text, "***");

    // A long word without a digit is a name or a path, and so is the number and name of a migration. Seven digits after seconds are
    // a fraction of one. Grain keys are a letter, a hyphen and what they are about; see GrainKeys.
    [GeneratedRegex(LineUserId.Shape + @"|(?<=/link/)[0-9A-Za-z_-]{22,}|\b[kmpqrsu]-[0-9A-Za-z_-]{6,}[0-9A-Za-z_/-]*|\bm-[0-9]+\b|\bk-[0-9A-Za-z_.-]+/[0-9]+\b|(?<=>)[0-9]+\b|\b0[0-9]{1,4}-[0-9]{1,4}-[0-9]{3,4}\b|(?<!:[0-9]{2}\.(?=[0-9]{7}\b))\b[0-9]{7,}\b|(?![0-9A-Za-z_/]*[0-9]{1,4}-[a-z-]+\.sql\b)(?=[A-Za-z_+/=-]*[0-9])[A-Za-z0-9_+/=-]{40,}")]
    private static partial Regex Personal();
}

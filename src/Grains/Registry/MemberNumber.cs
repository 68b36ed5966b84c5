namespace CoopLine.Grains.Registry;

/// <summary>組合員番号: 1 to 20 digits, of which zeros in front are a part.</summary>
public static class MemberNumber
{
    public const int MaxDigits = 20;

    /// <param name="normalised">From <see cref="Normalise.MemberNumber"/>.</param>
    public static bool IsValid(string normalised) => normalised.Length is > 0 and <= MaxDigits && Digits.Only(normalised);

    /// <returns>The number in its one spelling; null when the text is none.</returns>
    public static string? Read(string text) => Normalise.MemberNumber(text) is var number && IsValid(number) ? number : null;
}

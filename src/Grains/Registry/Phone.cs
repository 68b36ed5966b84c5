namespace CoopLine.Grains.Registry;

/// <summary>A Japanese phone number: 10 or 11 digits, the first of them 0. The link form and the registry's file take the same.</summary>
public static class Phone
{
    /// <param name="normalised">From <see cref="Normalise.Phone"/>.</param>
    public static bool IsValid(string normalised) =>
        normalised is ['0', ..] and { Length: 10 or 11 } && Digits.Only(normalised);

    /// <returns>The number in its one spelling; null when the text is none.</returns>
    public static string? Read(string text) => Normalise.Phone(text) is var phone && IsValid(phone) ? phone : null;
}

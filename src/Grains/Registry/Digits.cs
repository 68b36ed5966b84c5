namespace CoopLine.Grains.Registry;

internal static class Digits
{
    /// <summary>Whether there are ASCII digits and nothing else.</summary>
    public static bool Only(ReadOnlySpan<char> text) => !text.ContainsAnyExceptInRange('0', '9');
}

namespace CoopLine.Grains.Registry;

internal static class Digits
{
    /// <summary>Whether there are ASCII digits and nothing else.</summary>
    public static bool Only(string text) => !text.AsSpan().ContainsAnyExceptInRange('0', '9');
}

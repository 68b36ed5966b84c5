namespace CoopLine.Webhook.Edge;

/// <summary>Several words in one setting.</summary>
internal static class Words
{
    private static readonly char[] Separators = [' ', ','];

    /// <summary>Separated by spaces or commas; null has none.</summary>
    public static string[] Of(string? text) => (text ?? "").Split(Separators, StringSplitOptions.RemoveEmptyEntries);
}

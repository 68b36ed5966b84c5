using System.Text.RegularExpressions;

namespace CoopLine.Grains.Campaigns;

/// <summary>
/// What a campaign may be called, such as <c>tofu-2026-11</c>. Staff choose the id, members' phones send it back, and it is
/// part of grain keys: everybody asks here whether a text can be one.
/// </summary>
public static partial class CampaignId
{
    /// <summary>A regular expression without anchors.</summary>
    public const string Shape = "[a-z0-9-]{1,64}";

    /// <summary>The shape in words, to stand behind "An id has".</summary>
    public const string ShapeInWords = "1 to 64 lower-case letters, digits or hyphens";

    public static bool IsValid(string? text) => text is not null && Whole().IsMatch(text);

    [GeneratedRegex("^" + Shape + @"\z")]
    private static partial Regex Whole();
}

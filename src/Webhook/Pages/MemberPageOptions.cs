using System.ComponentModel.DataAnnotations;

namespace CoopLine.Webhook.Pages;

/// <summary>How the members' pages are shown: configuration section <c>CoopLine</c>.</summary>
internal sealed class MemberPageOptions
{
    /// <summary>Who may show the pages in a frame, as CSP sources. Default <c>'self' https://liff.line.me</c>.</summary>
    [RegularExpression("[^;,\r\n]+")]
    public string FrameAncestors { get; init; } = "'self' https://liff.line.me";

    /// <summary>Names of the stores as members know them, by store number. A store without a name shows its number.</summary>
    public Dictionary<string, string> Stores { get; init; } = [];

    public string StoreName(string store) => Stores.GetValueOrDefault(store, store);
}

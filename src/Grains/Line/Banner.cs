namespace CoopLine.Grains.Line;

/// <summary>
/// What the banners of the menus and the buttons of our messages say and send back. Menus and messages stay on phones for
/// years: what one sends is never given another meaning.
/// </summary>
public static class Banner
{
    public const string LinkText = "組合員番号で連携する";
    public const string UnlinkText = "組合員番号連携解除";
    public const string TopicsText = "配信設定";

    public const string Link = "action=link";
    public const string Unlink = "action=unlink";
    public const string UnlinkCancel = "action=unlink-cancel";
    public const string Topics = "action=topics";

    private const string UnlinkConfirmed = "action=unlink-confirm&link=";
    private const string TopicOn = "action=topic-on&topic=";
    private const string TopicOff = "action=topic-off&topic=";

    public static string UnlinkConfirm(string linkId) => UnlinkConfirmed + Uri.EscapeDataString(linkId);

    /// <returns>The link that is to end; null when the data says something else.</returns>
    public static string? ConfirmedLink(string data) => data.StartsWith(UnlinkConfirmed, StringComparison.Ordinal)
        ? Uri.UnescapeDataString(data[UnlinkConfirmed.Length..])
        : null;

    /// <summary>Names what the friend wants, and not a change: pressed again, the button changes nothing.</summary>
    public static string TurnTopic(string topic, bool on) => (on ? TopicOn : TopicOff) + topic;

    /// <returns>Null when the data says something else.</returns>
    public static (string Topic, bool On)? TurnedTopic(string data) =>
        data.StartsWith(TopicOn, StringComparison.Ordinal) ? (data[TopicOn.Length..], true)
        : data.StartsWith(TopicOff, StringComparison.Ordinal) ? (data[TopicOff.Length..], false)
        : null;
}

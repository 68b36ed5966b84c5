namespace CoopLine.Grains.Line;

/// <summary>
/// What the banners of the menus and the buttons of our messages say and send back. Menus and messages stay on phones for
/// years: what one sends is never given another meaning.
/// </summary>
public static class Banner
{
    public const string LinkText = "組合員番号で連携する";
    public const string UnlinkText = "組合員番号連携解除";

    public const string Link = "action=link";
    public const string Unlink = "action=unlink";
    public const string UnlinkCancel = "action=unlink-cancel";

    private const string UnlinkConfirmed = "action=unlink-confirm&link=";

    public static string UnlinkConfirm(string linkId) => UnlinkConfirmed + Uri.EscapeDataString(linkId);

    /// <returns>The link that is to end; null when the data says something else.</returns>
    public static string? ConfirmedLink(string data) => data.StartsWith(UnlinkConfirmed, StringComparison.Ordinal)
        ? Uri.UnescapeDataString(data[UnlinkConfirmed.Length..])
        : null;
}

using CoopLine.Grains.Line;

namespace CoopLine.Grains.Accounts;

/// <summary>What a friend wants: from a banner or button, or typed where no banner is shown (LINE on a computer).</summary>
internal abstract record Command
{
    public static Command? Of(LineEvent happened) => happened.Kind switch
    {
        LineEventKind.Postback => OfPostback(happened.Text ?? ""),
        LineEventKind.Message => (happened.Text ?? "").Trim() switch
        {
            "連携" or "組合員番号で連携する" => new Link(),
            "解除" or "連携解除" or "組合員番号連携解除" => new Unlink(),
            _ => null,
        },
        _ => null,
    };

    private static Command? OfPostback(string data)
    {
        const string confirm = "action=unlink-confirm&link=";
        return data switch
        {
            "action=link" => new Link(),
            "action=unlink" => new Unlink(),
            "action=unlink-cancel" => new UnlinkCancel(),
            _ when data.StartsWith(confirm, StringComparison.Ordinal) => new UnlinkConfirm(Uri.UnescapeDataString(data[confirm.Length..])),
            _ => null,
        };
    }

    public sealed record Link : Command;

    public sealed record Unlink : Command;

    public sealed record UnlinkCancel : Command;

    public sealed record UnlinkConfirm(string LinkId) : Command;
}

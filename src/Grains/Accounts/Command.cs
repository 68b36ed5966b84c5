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
            "連携" or Banner.LinkText => new Link(),
            "解除" or "連携解除" or Banner.UnlinkText => new Unlink(),
            Banner.TopicsText => new Topics(),
            _ => null,
        },
        _ => null,
    };

    private static Command? OfPostback(string data) => data switch
    {
        Banner.Link => new Link(),
        Banner.Unlink => new Unlink(),
        Banner.UnlinkCancel => new UnlinkCancel(),
        Banner.Topics => new Topics(),
        _ when Banner.ConfirmedLink(data) is { } link => new UnlinkConfirm(link),
        _ when Banner.TurnedTopic(data) is var (name, on) && TopicNames.Read(name) is { } topic => new TurnTopic(topic, on),
        _ => null,
    };

    public sealed record Link : Command;

    public sealed record Unlink : Command;

    public sealed record UnlinkCancel : Command;

    public sealed record UnlinkConfirm(string LinkId) : Command;

    public sealed record Topics : Command;

    public sealed record TurnTopic(Topic Topic, bool On) : Command;
}

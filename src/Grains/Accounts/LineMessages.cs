using System.Globalization;
using System.Resources;
using System.Text.Json.Nodes;
using CoopLine.Grains.Line;
using CoopLine.Grains.Members;
using Microsoft.Extensions.Options;

namespace CoopLine.Grains.Accounts;

/// <summary>
/// What the bot says, as LINE message objects (https://developers.line.biz/en/reference/messaging-api/#message-objects).
/// No message carries a member number, a phone number of a member or a birth date: a chat is easily shown to others.
/// </summary>
public sealed class LineMessages(
    IOptions<CoopOptions> coop, CoopTime time, IOptions<SiteOptions> site, IOptions<LineOptions> line)
{
    private static readonly ResourceManager Texts = new(typeof(LineMessages));

    /// <summary>A button that opens the link page.</summary>
    public JsonArray LinkInvitation(string sessionId) => Buttons(
        Text("LinkInvitation"), alternative: Text("LinkInvitationAlt"),
        Uri(Text("OpenLinkPage"), new Uri(site.Value.PublicBaseUrl, $"/link/{sessionId}")));

    /// <param name="at">When the link was made.</param>
    public JsonArray Linked(DateTimeOffset at)
    {
        var text = Text("Linked", time.Local(at));
        return Buttons(text, alternative: text, Coupons());
    }

    public JsonArray Unlinked(LinkEnd end) => Plain(end switch
    {
        LinkEnd.ByFriend => "UnlinkedByFriend",
        LinkEnd.ByStaff => "UnlinkedByStaff",
        LinkEnd.Withdrawn => "UnlinkedWithdrawn",
        LinkEnd.Renumbered => "UnlinkedRenumbered",
        _ => throw new ArgumentOutOfRangeException(nameof(end)),
    });

    /// <summary>Asks whether to unlink. The answers come back as the postbacks of <see cref="Banner"/>.</summary>
    public JsonArray UnlinkConfirmation(string linkId) => Template(
        "confirm", Text("UnlinkConfirmation"), alternative: Text("UnlinkConfirmation"),
        Postback(Text("UnlinkYes"), Banner.UnlinkConfirm(linkId)),
        Postback(Text("UnlinkNo"), Banner.UnlinkCancel));

    public JsonArray UnlinkCancelled() => Plain("UnlinkCancelled");

    /// <summary>To a linked friend who taps 連携.</summary>
    public JsonArray AlreadyLinkedUnlinkFirst() => Plain("AlreadyLinkedUnlinkFirst");

    /// <summary>To a friend without a link who taps 解除.</summary>
    public JsonArray NotLinked() => Plain("NotLinked");

    /// <summary>The ten minutes were over before LINE's dialog was done.</summary>
    public JsonArray TooLate() => Plain("TooLate");

    /// <summary>The number is tied to another LINE account.</summary>
    public JsonArray NumberLinkedElsewhere() => Plain("NumberLinkedElsewhere");

    /// <summary>The account was linked to a number while this link was under way.</summary>
    public JsonArray AccountLinkedMeanwhile() => Plain("AccountLinkedMeanwhile");

    /// <summary>The number left the registry while the link was under way.</summary>
    public JsonArray NotAMemberNow() => Plain("NotAMemberNow");

    /// <summary>The member got a new number, and the link goes on with it.</summary>
    public JsonArray Renumbered() => Plain("Renumbered");

    /// <summary>To somebody who became a friend, or is one again.</summary>
    public JsonArray Welcome(bool linked) =>
        linked ? Buttons(Text("WelcomeBack"), alternative: Text("WelcomeBack"), Coupons()) : Plain("Welcome");

    /// <summary>To a friend who typed something.</summary>
    public JsonArray Help(bool linked) => Plain(linked ? "HelpLinked" : "Help");

    /// <summary>Which topics are on and off, and a button for each that turns it round. They come back as <see cref="Banner"/>'s postbacks.</summary>
    public JsonArray Topics(TopicsAnswer answer)
    {
        Topic[] topics = [.. TopicNames.Offered(coop.Value)];
        var lines = topics.Select(topic => Text(answer.Leaves(topic) ? "TopicIsOff" : "TopicIsOn", NameOf(topic)));
        var text = Text("Topics", string.Join('\n', lines));
        if (answer.Turned is { } turned)
            text = $"{Text(answer.Leaves(turned) ? "TopicTurnedOff" : "TopicTurnedOn", NameOf(turned))}\n{text}";
        return Template("buttons", text, alternative: text, [.. topics.Select(topic => TurnTopic(topic, on: answer.Leaves(topic)))]);
    }

    /// <summary>The texts may name the co-op ({0}), its phone ({1}) and hours ({2}), and one more value ({3}).</summary>
    private string Text(string name, object? value = null) => string.Format(
        CultureInfo.InvariantCulture,
        Texts.GetString(name, CultureInfo.InvariantCulture) ?? throw new MissingManifestResourceException(name),
        coop.Value.Name, coop.Value.Phone, coop.Value.Hours, value);

    private JsonArray Plain(string name) => [new JsonObject { ["type"] = "text", ["text"] = Text(name) }];

    private string NameOf(Topic topic) => Text("Topic" + topic);

    private JsonObject TurnTopic(Topic topic, bool on) =>
        Postback(Text(on ? "TurnTopicOn" : "TurnTopicOff", NameOf(topic)), Banner.TurnTopic(TopicNames.Write(topic), on));

    private JsonObject Coupons() => Uri(Text("OpenCoupons"), new Uri($"https://liff.line.me/{line.Value.LiffId}"));

    private static JsonArray Buttons(string text, string alternative, JsonObject action) =>
        Template("buttons", text, alternative, action);

    private static JsonArray Template(string type, string text, string alternative, params JsonArray actions) =>
    [
        new JsonObject
        {
            ["type"] = "template",
            ["altText"] = alternative,
            ["template"] = new JsonObject { ["type"] = type, ["text"] = text, ["actions"] = actions },
        },
    ];

    private static JsonObject Uri(string label, Uri address) =>
        new() { ["type"] = "uri", ["label"] = label, ["uri"] = address.AbsoluteUri };

    private static JsonObject Postback(string label, string data) =>
        new() { ["type"] = "postback", ["label"] = label, ["data"] = data, ["displayText"] = label };
}

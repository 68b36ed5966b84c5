using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoopLine.Grains.Line;
using Microsoft.Extensions.Options;

namespace CoopLine.Grains.Messages;

/// <summary>
/// What is said as LINE's message objects: one bubble with what there is to read, its button, and the way to turn topics off.
/// </summary>
/// <seealso href="https://developers.line.biz/en/docs/messaging-api/flex-message-elements/"/>
public sealed class MessageBodies(IOptions<LineOptions> line, IOptions<SiteOptions> site, CoopTime time)
{
    private const string CouponLabel = "クーポンを見る";
    private const string Test = "【テスト】";
    private const string NoStore = "ご登録の店舗";

    /// <summary>The whole body of a multicast, UTF-8.</summary>
    public byte[] Multicast(IEnumerable<string> accounts, MessageContent content, string campaign) =>
        JsonSerializer.SerializeToUtf8Bytes(new JsonObject
        {
            ["to"] = new JsonArray([.. accounts.Select(account => JsonValue.Create(account))]),
            ["messages"] = Messages(content),
            ["customAggregationUnits"] = new JsonArray(Unit(campaign)),
        });

    /// <summary>What it leaves open is written in.</summary>
    public MessageContent Filled(MessageContent content, Reader reader, DateTimeOffset now) => content.Rewrite(text => text
        .Replace(Variables.Store, site.Value.Stores.GetValueOrDefault(reader.Store ?? "", NoStore), StringComparison.Ordinal)
        .Replace(Variables.Saved, (reader.Saved ?? 0).ToString("N0", CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace(Variables.Date, Variables.Day(time.DayOf(now)), StringComparison.Ordinal));

    /// <summary>To whom a body of <see cref="Multicast"/> goes.</summary>
    public static string[] AccountsOf(byte[] body)
    {
        using var json = JsonDocument.Parse(body);
        return [.. json.RootElement.GetProperty("to").EnumerateArray().Select(account => account.GetString()!)];
    }

    /// <summary>The same said to others.</summary>
    public static byte[] With(string[] accounts, byte[] body)
    {
        var json = JsonNode.Parse(body)!.AsObject();
        json["to"] = new JsonArray([.. accounts.Select(account => JsonValue.Create(account))]);
        return JsonSerializer.SerializeToUtf8Bytes(json);
    }

    public JsonArray Messages(MessageContent content) => content switch
    {
        { Card: { } card } => Bubble(card.AltText, Parts(card), Button(card)),
        { Text: { } text } => Bubble(text.Text, [Words(text.Text)], text.Button),
        _ => throw new InvalidOperationException("A message is a text or a card."),
    };

    /// <summary>As it is shown to staff before it is sent.</summary>
    public JsonArray Trial(MessageContent content) => Messages(content switch
    {
        { Card: { } card } => content with { Card = card with { Title = Test + card.Title, AltText = Test + card.AltText } },
        { Text: { } text } => content with { Text = text with { Text = Test + text.Text } },
        _ => content,
    });

    /// <summary>The name under which LINE counts who opened a campaign's messages: at most 30 letters, digits and underlines.</summary>
    public static string Unit(string campaign) =>
        "coopline_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(campaign)))[..20];

    private MessageButton? Button(MessageCard card) => card.Coupon is { } coupon
        ? new(CouponLabel, $"https://liff.line.me/{line.Value.LiffId}?coupon={Uri.EscapeDataString(coupon)}")
        : card.Button;

    private static JsonArray Parts(MessageCard card)
    {
        var parts = new JsonArray(Words(card.Title, title: true));
        if (card.Picture is { } picture)
            parts.Add(new JsonObject { ["type"] = "image", ["url"] = picture, ["size"] = "full", ["aspectMode"] = "fit", ["aspectRatio"] = "20:13" });
        foreach (var line in card.Lines) parts.Add(Words(line));
        return parts;
    }

    private static JsonArray Bubble(string alternative, JsonArray parts, MessageButton? button)
    {
        var footer = new JsonArray();
        if (button is not null)
            footer.Add(Pressed("primary", new() { ["type"] = "uri", ["label"] = button.Label, ["uri"] = button.Uri }));
        footer.Add(Pressed("link", new()
        {
            ["type"] = "postback",
            ["label"] = Banner.TopicsText,
            ["data"] = Banner.Topics,
            ["displayText"] = Banner.TopicsText,
        }));
        return
        [
            new JsonObject
            {
                ["type"] = "flex",
                ["altText"] = alternative,
                ["contents"] = new JsonObject { ["type"] = "bubble", ["body"] = Box(parts), ["footer"] = Box(footer) },
            },
        ];
    }

    private static JsonObject Box(JsonArray parts) =>
        new() { ["type"] = "box", ["layout"] = "vertical", ["spacing"] = "md", ["contents"] = parts };

    private static JsonObject Words(string text, bool title = false) => title
        ? new() { ["type"] = "text", ["text"] = text, ["wrap"] = true, ["weight"] = "bold", ["size"] = "lg" }
        : new() { ["type"] = "text", ["text"] = text, ["wrap"] = true };

    private static JsonObject Pressed(string style, JsonObject action) =>
        new() { ["type"] = "button", ["style"] = style, ["action"] = action };
}

/// <summary>What a wording can tell its reader.</summary>
/// <param name="Store">Number of the home store; null: none is known.</param>
/// <param name="Saved">Yen of discount that day; null: not asked.</param>
public sealed record Reader(string? Store = null, long? Saved = null);

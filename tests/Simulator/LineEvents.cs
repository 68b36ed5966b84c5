using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace CoopLine.Simulator;

/// <summary>Webhook events as LINE writes them. Change the returned object at will to make an odd one.</summary>
public static class LineEvents
{
    private const string Crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    public static JsonObject Follow(
        string userId, DateTimeOffset at, string? eventId = null, bool unblocked = false, string? replyToken = null) =>
        Answerable("follow", userId, at, eventId, replyToken,
            ("follow", new JsonObject { ["isUnblocked"] = unblocked }));

    public static JsonObject Unfollow(string userId, DateTimeOffset at, string? eventId = null) =>
        Of("unfollow", userId, at, eventId);

    public static JsonObject Postback(
        string userId, string data, DateTimeOffset at, string? eventId = null, string? replyToken = null) =>
        Answerable("postback", userId, at, eventId, replyToken, ("postback", new JsonObject { ["data"] = data }));

    public static JsonObject Text(
        string userId, string text, DateTimeOffset at, string? eventId = null, string? replyToken = null) =>
        Answerable("message", userId, at, eventId, replyToken, ("message", new JsonObject
        {
            ["type"] = "text",
            ["id"] = NewMessageId(),
            ["quoteToken"] = NewToken(),
            ["text"] = text,
        }));

    public static JsonObject AccountLink(
        string userId, string nonce, DateTimeOffset at, string? eventId = null, string? replyToken = null) =>
        Answerable("accountLink", userId, at, eventId, replyToken,
            ("link", new JsonObject { ["result"] = "ok", ["nonce"] = nonce }));

    /// <summary>The dialog was opened by somebody else: no source, no reply token.</summary>
    public static JsonObject AccountLinkFailed(string nonce, DateTimeOffset at, string? eventId = null) =>
        Of("accountLink", null, at, eventId, ("link", new JsonObject { ["result"] = "failed", ["nonce"] = nonce }));

    /// <summary>An event with the common properties, without a reply token.</summary>
    public static JsonObject Of(
        string type, string? userId, DateTimeOffset at, string? eventId = null,
        params (string Name, JsonNode Value)[] properties)
    {
        var occurrence = new JsonObject
        {
            ["type"] = type,
            ["mode"] = "active",
            ["timestamp"] = at.ToUnixTimeMilliseconds(),
        };
        if (userId is not null) occurrence["source"] = new JsonObject { ["type"] = "user", ["userId"] = userId };
        occurrence["webhookEventId"] = eventId ?? NewEventId(at);
        occurrence["deliveryContext"] = new JsonObject { ["isRedelivery"] = false };
        foreach (var (name, value) in properties) occurrence[name] = value;
        return occurrence;
    }

    /// <summary>A copy as LINE sends it again: the same but for <c>deliveryContext.isRedelivery</c>.</summary>
    public static JsonObject Redelivered(JsonObject occurrence)
    {
        var copy = occurrence.DeepClone().AsObject();
        copy["deliveryContext"] = new JsonObject { ["isRedelivery"] = true };
        return copy;
    }

    /// <summary>A ULID: 26 characters, the first ten of them the time.</summary>
    public static string NewEventId(DateTimeOffset at)
    {
        Span<byte> random = stackalloc byte[16];
        RandomNumberGenerator.Fill(random);
        var milliseconds = at.ToUnixTimeMilliseconds();
        Span<char> id = stackalloc char[26];
        for (var i = 9; i >= 0; i--, milliseconds >>= 5) id[i] = Crockford[(int)(milliseconds & 31)];
        for (var i = 0; i < 16; i++) id[10 + i] = Crockford[random[i] & 31];
        return new string(id);
    }

    /// <summary>32 hexadecimal digits, as reply tokens are.</summary>
    public static string NewToken() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    /// <summary>Numeric and beyond what a JavaScript number holds.</summary>
    internal static string NewMessageId() => "5" + RandomNumberGenerator.GetString("0123456789", 17);

    private static JsonObject Answerable(
        string type, string userId, DateTimeOffset at, string? eventId, string? replyToken,
        (string Name, JsonNode Value) property) =>
        Of(type, userId, at, eventId, ("replyToken", replyToken ?? NewToken()), property);
}

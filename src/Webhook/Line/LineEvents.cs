using System.Collections.Immutable;
using System.Text.Json;
using CoopLine.Grains.Line;

namespace CoopLine.Webhook.Line;

/// <summary>One event of a webhook call.</summary>
/// <param name="Kind">LINE's <c>type</c>, or <c>other</c> when it is none that LINE had in 2026.</param>
/// <param name="Account">LINE user id; null when the event is not for us.</param>
/// <param name="Event">Null when the event is not for us.</param>
internal sealed record ReceivedEvent(string Kind, string? Account, LineEvent? Event)
{
    /// <summary>LINE's account-link dialog failed: there is no account to tell.</summary>
    public bool LinkFailed { get; init; }
}

/// <summary>
/// Reads webhook bodies. Properties come in any order; events, sources and messages of unknown kinds are not for us,
/// and neither are events that lack what their kind needs.
/// </summary>
/// <seealso href="https://developers.line.biz/en/reference/messaging-api/#webhooks"/>
internal static class LineEvents
{
    private const int IdMaxLength = 64;

    /// <summary>LINE's have 32 characters. They are stored until they are used.</summary>
    private const int ReplyTokenMaxLength = 256;

    private const string Other = "other";
    private const string AccountLink = "accountLink";

    /// <summary>Every type LINE documents; a metric may have a tag for each.</summary>
    private static readonly ImmutableHashSet<string> Kinds =
    [
        "message", "unsend", "follow", "unfollow", "join", "leave", "memberJoined", "memberLeft", "postback",
        "videoPlayComplete", "beacon", AccountLink, "membership", "messageEdited", "module", "activated", "deactivated",
        "botSuspended", "botResumed", "delivery",
    ];

    /// <returns>Null when the body is no object with a list <c>events</c>.</returns>
    public static ImmutableArray<ReceivedEvent>? Read(JsonElement body) =>
        body.Property("events") is { ValueKind: JsonValueKind.Array } events
            ? [.. events.EnumerateArray().Select(ReadEvent)]
            : null;

    private static ReceivedEvent ReadEvent(JsonElement json)
    {
        var type = json.Words("type");
        var kind = type is not null && Kinds.Contains(type) ? type : Other;
        if (kind is AccountLink && json.Text("link", "result") is "failed")
            return new(kind, null, null) { LinkFailed = true };

        return AccountOf(json) is { } account && Reduce(kind, json) is { } reduced
            ? new(kind, account, reduced)
            : new(kind, null, null);
    }

    private static string? AccountOf(JsonElement json) =>
        json.Text("source", "type") is "user" && json.Text("source", "userId") is { } user && LineUserId.IsValid(user)
            ? user
            : null;

    private static LineEvent? Reduce(string kind, JsonElement json)
    {
        if (json.Words("webhookEventId") is not { Length: > 0 and <= IdMaxLength } id) return null;
        if (TimeOf(json) is not { } at) return null;

        LineEvent? Some(LineEventKind what, string? text = null, string? nonce = null) =>
            new(id, what, at, IsActive(json), ReplyToken(json), text, nonce);

        return kind switch
        {
            "follow" => Some(LineEventKind.Follow),
            "unfollow" => Some(LineEventKind.Unfollow),
            "postback" when json.Text("postback", "data") is { } data => Some(LineEventKind.Postback, text: data),
            "message" when json.Text("message", "type") is "text" && json.Text("message", "text") is { } text =>
                Some(LineEventKind.Message, text: text),
            AccountLink when json.Text("link", "result") is "ok" && json.Text("link", "nonce") is { } nonce =>
                Some(LineEventKind.AccountLink, nonce: nonce),
            _ => null,
        };
    }

    /// <summary>Whatever is not <c>active</c> forbids sending; events from before modes existed lack the property.</summary>
    private static bool IsActive(JsonElement json) => json.Words("mode") is null or "active";

    private static string? ReplyToken(JsonElement json) =>
        json.Words("replyToken") is { Length: > 0 and <= ReplyTokenMaxLength } token ? token : null;

    private static DateTimeOffset? TimeOf(JsonElement json) =>
        json.Number("timestamp") is { } milliseconds and >= 0
        && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : null;

    private static string? Text(this JsonElement json, string outer, string inner) =>
        json.Property(outer)?.Words(inner);

    /// <summary>LINE never sends the character 0, and PostgreSQL stores it in no text: a text with it counts as missing.</summary>
    private static string? Words(this JsonElement json, string name) =>
        json.Text(name) is { } text && !text.Contains('\0', StringComparison.Ordinal) ? text : null;
}

namespace CoopLine.Grains.Line;

/// <summary>A webhook event of one account, reduced to what the rules need.</summary>
/// <param name="Id">LINE's <c>webhookEventId</c> (ULID, 26 characters), the same when LINE delivers the event again.</param>
/// <param name="At">LINE's own timestamp of the event, unchanged by redelivery.</param>
/// <param name="Active">False in standby mode: another service speaks with the friend, and only an unfollow counts.</param>
/// <param name="ReplyToken">Usable once, within a minute; absent on some kinds.</param>
/// <param name="Text">Postback data or message text.</param>
/// <param name="Nonce">Of an accountLink event.</param>
[GenerateSerializer, Immutable, Alias("coopline.line-event")]
public sealed record LineEvent(
    [property: Id(0)] string Id,
    [property: Id(1)] LineEventKind Kind,
    [property: Id(2)] DateTimeOffset At,
    [property: Id(3)] bool Active = true,
    [property: Id(4)] string? ReplyToken = null,
    [property: Id(5)] string? Text = null,
    [property: Id(6)] string? Nonce = null);

public enum LineEventKind
{
    Follow,
    Unfollow,
    Postback,
    Message,

    /// <summary>LINE's account-link dialog said <c>ok</c> for this account.</summary>
    AccountLink,
}

namespace CoopLine.Grains.Linking;

/// <summary>One link page: ten minutes from its opening, one use. Key: <c>s-</c> + session id.</summary>
[Alias("coopline.link-session")]
public interface ILinkSessionGrain : IGrainWithStringKey
{
    /// <summary>Binds the session to the account that tapped the banner. Repeating it changes nothing.</summary>
    [Alias("issue")]
    Task Issue(string account, DateTimeOffset at);

    /// <summary>The member opens the page: the first time starts the ten minutes.</summary>
    [Alias("open")]
    Task<LinkSessionView> Open();

    /// <summary>How the session stands, without opening it.</summary>
    [Alias("view")]
    Task<LinkSessionView> View();

    /// <summary>The answers matched; remembers the nonce that LINE is about to get (at most 5 at a time).</summary>
    /// <param name="nonceHash">SHA-256 of the nonce, lower-case hex.</param>
    [Alias("start-dialog")]
    Task<LinkSessionView> StartDialog(string nonceHash, string member);

    /// <summary>LINE brought a nonce back: uses the session up. The same operation gets the same answer again.</summary>
    /// <param name="operation">The webhook event's id.</param>
    /// <param name="eventAt">The webhook event's own time. It decides about the ten minutes, not the time of arrival.</param>
    [Alias("consume")]
    Task<NonceOutcome> Consume(string account, string nonceHash, string operation, DateTimeOffset eventAt);

    /// <summary>The account tapped the banner again: this session ends.</summary>
    [Alias("replace")]
    Task Replace();
}

/// <param name="Account">The LINE account, once issued.</param>
/// <param name="Deadline">Valid while now is before it; null until opened.</param>
[GenerateSerializer, Immutable, Alias("coopline.link-session-view")]
public sealed record LinkSessionView(
    [property: Id(0)] LinkSessionStatus Status,
    [property: Id(1)] string? Account,
    [property: Id(2)] DateTimeOffset? Deadline);

public enum LinkSessionStatus
{
    /// <summary>No such session.</summary>
    Unknown,

    /// <summary>The message was sent, the page not opened yet.</summary>
    Issued,

    Open,

    /// <summary>Ten minutes after opening, or 24 hours unopened.</summary>
    Expired,

    /// <summary>A newer tap on the banner took its place.</summary>
    Replaced,

    /// <summary>It did its work.</summary>
    Finished,
}

[GenerateSerializer, Immutable, Alias("coopline.nonce-outcome")]
public abstract record NonceOutcome
{
    private protected NonceOutcome()
    {
    }

    [GenerateSerializer, Immutable, Alias("coopline.nonce-outcome.good")]
    public sealed record Good([property: Id(0)] string Member) : NonceOutcome;

    /// <summary>The event's own time is at or past the deadline.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.nonce-outcome.too-late")]
    public sealed record TooLate : NonceOutcome;

    /// <summary>Never issued in this session, of another account, or used before.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.nonce-outcome.worthless")]
    public sealed record Worthless : NonceOutcome;
}

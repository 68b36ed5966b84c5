using System.Net;
using System.Text.Json;
using CoopLine.Simulator.Line;

namespace CoopLine.Simulator;

/// <summary>
/// A LINE user's phone. What its user does becomes a signed webhook; each such method returns CoopLine's answer,
/// or null when the webhook was held back or CoopLine could not be reached.
/// </summary>
public sealed class SimulatedPhone
{
    // Who wrote to the account can be answered for a week, friend or not.
    private static readonly TimeSpan Conversation = TimeSpan.FromDays(7);

    private readonly LineSimulator line;
    private readonly RichMenus menus;
    private readonly Webhooks webhooks;
    private readonly IdTokens idTokens;
    private readonly Changes changes;
    private readonly TimeProvider clock;
    private readonly Lock gate = new();
    private readonly List<ChatEntry> chat = [];
    private DateTimeOffset? lastSpoke;

    internal SimulatedPhone(
        string userId, string name, bool isOnPage, LineSimulator line, RichMenus menus, Webhooks webhooks, IdTokens idTokens,
        Changes changes, TimeProvider clock)
    {
        (UserId, Name, IsOnPage, this.line) = (userId, name, isOnPage, line);
        (this.menus, this.webhooks, this.idTokens) = (menus, webhooks, idTokens);
        (this.changes, this.clock) = (changes, clock);
    }

    public string UserId { get; }
    public string Name { get; }

    /// <summary>Whether the demo's page shows it.</summary>
    internal bool IsOnPage { get; }

    public bool IsFriend { get; private set; }
    public bool IsBlocking { get; private set; }

    /// <summary>What the account sent, oldest first.</summary>
    public IReadOnlyList<ReceivedMessage> Messages =>
        [.. Chat.Select(entry => entry.Received).OfType<ReceivedMessage>()];

    /// <summary>Name of the rich menu at the bottom of the chat: the user's own, else the default.</summary>
    public string? RichMenu => (string?)menus.ShownTo(UserId)?["name"];

    /// <summary>Where the newest button that opens a link page leads.</summary>
    public Uri? LastLinkUri =>
        Messages.Reverse().SelectMany(message => message.Buttons).Select(button => button.Uri)
            .FirstOrDefault(uri => uri?.Contains("/link/", StringComparison.Ordinal) == true) is { } uri ? new Uri(uri) : null;

    internal IReadOnlyList<ChatEntry> Chat
    {
        get
        {
            lock (gate) return [.. chat];
        }
    }

    /// <summary>Adds the account as a friend, or takes the block back if there was one.</summary>
    public Task<HttpStatusCode?> Follow()
    {
        var unblocked = IsBlocking;
        (IsFriend, IsBlocking) = (true, false);
        Keep();
        changes.Announce();
        return webhooks.Send(LineEvents.Follow(UserId, clock.GetUtcNow(), unblocked: unblocked));
    }

    /// <summary>
    /// Blocks the account. LINE does not say whether a user's own rich menu survives that; here it does not.
    /// </summary>
    public Task<HttpStatusCode?> Block()
    {
        IsBlocking = true;
        Keep();
        menus.Unlink(UserId);
        return webhooks.Send(LineEvents.Unfollow(UserId, clock.GetUtcNow()));
    }

    public Task<HttpStatusCode?> Unblock() => Follow();

    public Task<HttpStatusCode?> Say(string text)
    {
        lastSpoke = clock.GetUtcNow();
        ShowAsSaid(text);
        return webhooks.Send(LineEvents.Text(UserId, text, clock.GetUtcNow()));
    }

    /// <summary>Taps a banner of the rich menu: <c>link</c> or <c>unlink</c>.</summary>
    public Task<HttpStatusCode?> TapBanner(string action) => Tap($"action={action}");

    /// <summary>Taps anything that sends this postback.</summary>
    public Task<HttpStatusCode?> Tap(string postbackData, string? displayText = null)
    {
        if (displayText is not null) ShowAsSaid(displayText);
        return webhooks.Send(LineEvents.Postback(UserId, postbackData, clock.GetUtcNow()));
    }

    /// <summary>Taps a message's button; one that opens an address sends nothing and is refused.</summary>
    public Task<HttpStatusCode?> Tap(MessageButton button) => button switch
    {
        { Data: { } data } => Tap(data, button.Says),
        { Uri: null, Says: { } text } => Say(text),
        _ => throw new ArgumentException($"The button 〔{button.Label}〕 opens an address: open {button.Uri}.",
            nameof(button)),
    };

    /// <summary>Waits for a message, one that is already there included.</summary>
    /// <exception cref="TimeoutException">None came within a minute; the message lists what did.</exception>
    public Task<ReceivedMessage> WaitForMessage(
        Func<ReceivedMessage, bool> wanted, string what = "a certain message") =>
        changes.Until(() => Messages.FirstOrDefault(wanted), $"{what} on {Name}'s phone",
            () => Messages is { Count: > 0 } messages ? string.Join(" | ", messages) : "no message at all");

    /// <inheritdoc cref="WaitForMessage(Func{ReceivedMessage, bool}, string)"/>
    public Task<ReceivedMessage> WaitForMessage(string containing) =>
        WaitForMessage(
            message => message.Text.Contains(containing, StringComparison.Ordinal), $"a message with “{containing}”");

    /// <summary>Waits until this menu is the one shown.</summary>
    /// <exception cref="TimeoutException">It was not within a minute.</exception>
    public Task WaitForRichMenu(string name) => changes.Until(
        () => RichMenu == name ? this : null, $"the rich menu {name} on {Name}'s phone", () => RichMenu ?? "no menu");

    /// <summary>What <c>liff.getIDToken()</c> gives a page opened on this phone.</summary>
    /// <param name="life">Default an hour; negative for one that has expired.</param>
    /// <param name="audience">Default the login channel's id.</param>
    public string IdToken(
        TimeSpan? life = null, string? audience = null, string issuer = IdTokens.Issuer, string? nonce = null) =>
        idTokens.Issue(UserId, Name, audience ?? line.Options.LoginChannelId, life ?? IdTokens.Life, issuer, nonce);

    /// <summary>Shows a message on the screen: LINE counts it as opened, if it was sent under a name.</summary>
    public void Open(ReceivedMessage message)
    {
        if (message.Unit is { } unit) line.Units.Open(unit, UserId);
    }

    /// <summary>Opens an address of a message, which is on the screen then.</summary>
    public void Click(ReceivedMessage message)
    {
        Open(message);
        if (message.Unit is { } unit) line.Units.Click(unit, UserId);
    }

    internal void HasBeenFriend() => IsFriend = true;

    internal bool IsReachable => !IsBlocking && (IsFriend || clock.GetUtcNow() - lastSpoke < Conversation);

    internal void Receive(JsonElement messages, MessageWay way, string? retryKey = null, string? unit = null)
    {
        if (!IsReachable) return;
        var now = clock.GetUtcNow();
        lock (gate)
        {
            foreach (var message in messages.EnumerateArray())
                chat.Add(new(null, ReceivedMessage.From(message, way, retryKey, unit, now), now));
        }
        changes.Announce();
    }

    /// <summary>As it was before the process was killed.</summary>
    internal void Remember(Memory.Friend kept) => (IsFriend, IsBlocking) = (true, kept.IsBlocking);

    private void Keep() => line.Memory.Keep(new(Friend: new(UserId, Name, IsOnPage, IsBlocking)));

    private void ShowAsSaid(string text)
    {
        lock (gate) chat.Add(new(text, null, clock.GetUtcNow()));
        changes.Announce();
    }
}

/// <summary>A line of the chat: said on the phone, or received from the account.</summary>
internal sealed record ChatEntry(string? Said, ReceivedMessage? Received, DateTimeOffset At);

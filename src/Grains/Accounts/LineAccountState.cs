using System.Collections.Immutable;
using System.Text.Json.Serialization;
using CoopLine.Grains.Line;
using CoopLine.Grains.Linking;
using CoopLine.Grains.Members;
using CoopLine.Grains.Storage;

namespace CoopLine.Grains.Accounts;

/// <summary>What is known of one LINE account, and what an event changes.</summary>
public sealed record LineAccountState : StateWithLedger
{
    /// <summary>This many mismatches within <see cref="Window"/> lock the account for as long.</summary>
    public const int MaxMismatches = 5;

    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <summary>LINE forgets a retry key after 24 hours; then the same message would go out twice.</summary>
    public static readonly TimeSpan GiveUpAfter = TimeSpan.FromHours(23);

    /// <summary>An account that had so many member numbers is linked to no other: who has used what has to stay known.</summary>
    public const int MaxEarlierMembers = 100;

    private const int RememberedEvents = 64;
    private const int MaxErrands = 64;
    private const int MaxWaitingAnswers = 20;
    private const int MaxOutbox = 100;

    public bool Blocked { get; init; }

    /// <summary>LINE's time of the newest follow or unfollow.</summary>
    public DateTimeOffset? FollowChangedAt { get; init; }

    /// <summary>A copy; the member has the truth.</summary>
    public MemberLink? Link { get; init; }

    /// <summary>Number of the newest link, or of the one that is being made.</summary>
    public int LinkSequence { get; init; }

    public ImmutableArray<string> EarlierMembers { get; init; } = [];

    /// <summary>The newest session; older ones are invalid.</summary>
    public SessionTap? Session { get; init; }

    public ImmutableArray<DateTimeOffset> Mismatches { get; init; } = [];

    public DateTimeOffset? LockedUntil { get; init; }

    /// <summary>Ids of the newest events, oldest first.</summary>
    public ImmutableArray<string> Events { get; init; } = [];

    /// <summary>Begun and not finished, oldest first.</summary>
    public ImmutableArray<Errand> Errands { get; init; } = [];

    /// <summary>Messages that LINE has not taken yet, oldest first.</summary>
    public ImmutableArray<OutboxEntry> Outbox { get; init; } = [];

    public ShownMenu Menu { get; init; }

    /// <summary>W3C traceparent of what made the shown menu wrong; null while it is right.</summary>
    public string? MenuOrderedBy { get; init; }

    /// <summary>
    /// The last number that it was tied to was erased. As soon as LINE has been told all there is to tell, the account's own
    /// state is deleted, unless it has begun anew. Null otherwise.
    /// </summary>
    public DateTimeOffset? ForgottenAt { get; init; }

    /// <summary>Topics that the friend wants no messages about, in the enum's order.</summary>
    public ImmutableArray<Topic> TopicsOff { get; init; } = [];

    /// <summary>Topics that the friend has asked for, of those that nobody gets unasked, in the enum's order.</summary>
    public ImmutableArray<Topic> TopicsOn { get; init; } = [];

    /// <summary>Of all topics, those of which the friend gets no messages.</summary>
    internal ImmutableArray<Topic> UnwantedTopics =>
        [.. Enum.GetValues<Topic>().Where(topic => TopicNames.MustBeWanted(topic) ? !TopicsOn.Contains(topic) : TopicsOff.Contains(topic))];

    /// <summary>While the account is blocked, LINE drops its messages: they wait for the next follow, not for the sweeper.</summary>
    [JsonPropertyOrder(1)] // behind the ledger, as it has always been written
    public bool Pending => Errands.Length > 0 || ForgottenAt is not null || (!Blocked && (Outbox.Length > 0 || !MenuIsRight));

    /// <summary>Whether it has been tied again, is about to be, or turned a topic off, since it was to be deleted.</summary>
    internal bool HasBegunAnew => Link is not null || Session is not null || EarlierMembers is not [] || TopicsOff is not [] || TopicsOn is not [];

    internal bool HasBeenToldAll => Blocked || (Outbox is [] && MenuIsRight);

    internal ShownMenu RightMenu => Link is null ? ShownMenu.Default : ShownMenu.Linked;

    internal bool MenuIsRight => Menu == RightMenu;

    public bool IsLockedAt(DateTimeOffset now) => now < LockedUntil;

    /// <param name="session">Unguessable id for a session that this event may begin.</param>
    public LineAccountState Receive(LineEvent happened, string session, DateTimeOffset now)
    {
        if (Events.Contains(happened.Id)) return this;
        var next = this with { Events = [.. Events.TakeLast(RememberedEvents - 1), happened.Id] };
        // In standby another service speaks with the friend. What has to be sent waits for the first event that is for us.
        if (happened is { Active: false, Kind: not LineEventKind.Unfollow }) return next;
        if (happened.Kind is not LineEventKind.Unfollow && Blocked && happened.At > FollowChangedAt)
            next = next with { Blocked = false, FollowChangedAt = happened.At, Menu = ShownMenu.Unknown };
        return happened.Kind switch
        {
            LineEventKind.Follow => next.Follow(happened, now),
            LineEventKind.Unfollow => next.Unfollow(happened),
            LineEventKind.AccountLink => next.Begin(new(
                happened.Id, ErrandKind.Link, happened.At, Session: next.Session?.Id, NonceHash: LinkDeskGrain.NonceHash(happened.Nonce ?? ""))),
            _ => next.Tap(happened, session, now),
        };
    }

    /// <summary>A dialog that came in before a newer session began still counts, though its errand has not been run yet.</summary>
    internal bool IsAnswered(SessionTap? session) =>
        Errands.Any(errand => errand.Kind == ErrandKind.Link && errand.Session == session?.Id);

    public LineAccountState Missed(DateTimeOffset now)
    {
        var recent = Mismatches.RemoveAll(old => old <= now - Window).Add(now);
        return recent.Length < MaxMismatches
            ? this with { Mismatches = recent }
            : this with { Mismatches = [], LockedUntil = now + Window };
    }

    /// <summary>The member is tied to this account.</summary>
    public LineAccountState Tied(MemberLink link, string operation, DateTimeOffset now) => (this with
    {
        Link = link,
        LinkSequence = Math.Max(LinkSequence, link.Sequence),
        EarlierMembers = EarlierMembers.Remove(link.Member),
        Session = null,
        Mismatches = [],
        Errands = Errands.RemoveAll(errand => errand.Operation == operation),
    }).Enqueue(operation, Notice.Linked, now, argument: link.At.ToString("O"));

    /// <summary>A tie is over; its member number stays remembered.</summary>
    /// <param name="successor">The link that takes its place.</param>
    public LineAccountState Untied(MemberLink ended, MemberLink? successor = null)
    {
        var link = Link?.Id == ended.Id ? successor : Link;
        return (this with { Link = link, LinkSequence = Math.Max(LinkSequence, link?.Sequence ?? 0) }).Had(ended.Member);
    }

    /// <summary>The account had this member number before; forgets nothing but what is more than anybody ever had.</summary>
    public LineAccountState Had(string member) => this with
    {
        EarlierMembers =
        [
            .. EarlierMembers.Append(member).Distinct().Where(number => number != Link?.Member).TakeLast(MaxEarlierMembers),
        ],
    };

    /// <summary>When so much is under way that nothing gets done, one more is dropped; whoever wants it taps again.</summary>
    public LineAccountState Begin(Errand errand) =>
        Errands.Length >= MaxErrands ? this : this with { Errands = Errands.Add(errand) };

    /// <summary>Whether something that has begun still needs one of these numbers.</summary>
    public bool Needs(ImmutableArray<string> numbers) =>
        (Link is { } link && numbers.Contains(link.Member))
        || Errands.Any(errand => numbers.Contains(errand.Member ?? errand.Link?.Member ?? ""));

    public LineAccountState Forget(ImmutableArray<string> numbers, DateTimeOffset now)
    {
        var earlier = EarlierMembers.RemoveAll(numbers.Contains);
        var isNobodys = Link is null && earlier is [];
        return this with
        {
            EarlierMembers = earlier,
            Session = null,
            TopicsOff = isNobodys ? [] : TopicsOff,
            TopicsOn = isNobodys ? [] : TopicsOn,
            ForgottenAt = isNobodys ? now : null,
        };
    }

    public LineAccountState Done(string operation) =>
        this with { Errands = Errands.RemoveAll(errand => errand.Operation == operation) };

    public LineAccountState Turn(Topic topic, bool on)
    {
        if (UnwantedTopics.Contains(topic) != on) return this;
        return TopicNames.MustBeWanted(topic)
            ? this with { TopicsOn = With(TopicsOn, on) }
            : this with { TopicsOff = With(TopicsOff, !on) };

        ImmutableArray<Topic> With(ImmutableArray<Topic> some, bool isIn) => isIn ? [.. some.Append(topic).Order()] : some.Remove(topic);
    }

    /// <summary>Something that the friend has to learn, and that may cost money: what became of a link.</summary>
    /// <param name="operation">What the message answers; fixes the retry key, so that it cannot go out twice.</param>
    public LineAccountState Enqueue(string operation, Notice notice, DateTimeOffset now, string? argument = null) =>
        Enqueue(new OutboxEntry(RetryKey.For(operation, notice), notice, argument, null, now));

    /// <summary>
    /// Answers a tap, with the event's reply token or not at all: a reply is free. While LINE is down, taps pile up, and an
    /// answer is worth nothing later.
    /// </summary>
    private LineAccountState Answer(
        LineEvent happened, Notice notice, DateTimeOffset now, string? argument = null, TopicsAnswer? topics = null) =>
        happened.ReplyToken is { } token && Outbox.Length < MaxWaitingAnswers
            ? Enqueue(new OutboxEntry(RetryKey.For(happened.Id, notice), notice, argument, token, now, Topics: topics))
            : this;

    /// <summary>Which topics are on and off.</summary>
    /// <param name="turned">The one that the tap turned on or off.</param>
    private LineAccountState AnswerTopics(LineEvent happened, DateTimeOffset now, Topic? turned = null) =>
        Answer(happened, Notice.Help, now, topics: new(TopicsOff, turned, TopicsOn is [] ? null : TopicsOn));

    private LineAccountState Enqueue(OutboxEntry entry) =>
        Outbox.Any(waiting => waiting.Id == entry.Id) ? this : this with { Outbox = [.. Outbox.TakeLast(MaxOutbox - 1), entry] };

    /// <summary>Notes on everything that is new in this state the trace that ordered it.</summary>
    /// <param name="traceParent">W3C traceparent.</param>
    internal LineAccountState OrderedBy(string? traceParent, LineAccountState before) => this with
    {
        Outbox = [.. Outbox.Select(entry => entry.OrderedBy is null ? entry with { OrderedBy = traceParent } : entry)],
        Errands = [.. Errands.Select(errand => errand.OrderedBy is null ? errand with { OrderedBy = traceParent } : errand)],
        MenuOrderedBy = MenuIsRight ? null : before.MenuIsRight || before.RightMenu != RightMenu ? traceParent : MenuOrderedBy,
    };

    private LineAccountState Follow(LineEvent happened, DateTimeOffset now)
    {
        if (happened.At < FollowChangedAt) return this;
        var next = this with { Blocked = false, FollowChangedAt = happened.At, Menu = ShownMenu.Unknown };
        return next.Answer(happened, Notice.Welcome, now);
    }

    private LineAccountState Unfollow(LineEvent happened) =>
        happened.At < FollowChangedAt
            ? this
            : this with
            {
                Blocked = true,
                FollowChangedAt = happened.At,
                Outbox = Outbox.RemoveAll(entry => entry.ReplyToken is not null),
            };

    private LineAccountState Tap(LineEvent happened, string session, DateTimeOffset now)
    {
        LineAccountState Reply(Notice notice, string? argument = null) => Answer(happened, notice, now, argument);

        return Command.Of(happened) switch
        {
            Command.Link when Link is not null => Reply(Notice.AlreadyLinkedUnlinkFirst),
            Command.Link when happened.At <= Session?.TappedAt => this,
            Command.Link => (this with { Session = new(session, happened.At) }).Answer(
                happened, Notice.LinkInvitation, now, session),
            Command.Unlink => Link is { } link ? Reply(Notice.UnlinkConfirmation, link.Id) : Reply(Notice.NotLinked),
            Command.UnlinkCancel => Reply(Notice.UnlinkCancelled),
            Command.UnlinkConfirm confirm => Link switch
            {
                null => Reply(Notice.NotLinked),
                { } link when link.Id == confirm.LinkId => Begin(new(happened.Id, ErrandKind.Unlink, happened.At, Link: link)),
                // The button of an old message; the link it meant is over.
                { } link => Reply(Notice.UnlinkConfirmation, link.Id),
            },
            Command.Topics => AnswerTopics(happened, now),
            Command.TurnTopic turn => Turn(turn.Topic, turn.On).AnswerTopics(happened, now, turn.Topic),
            _ when happened.Kind == LineEventKind.Message => Reply(Notice.Help),
            _ => this,
        };
    }

    /// <param name="TappedAt">LINE's time of the tap.</param>
    public sealed record SessionTap(string Id, DateTimeOffset TappedAt);
}

/// <summary>Something that needs other grains: recorded before it begins, so that a crash cannot lose it.</summary>
/// <param name="Operation">Id of the event that asks for it.</param>
/// <param name="At">LINE's time of the event.</param>
/// <param name="NonceHash">SHA-256, lower-case hex.</param>
/// <param name="Member">The number to tie, once the nonce named it: the intent.</param>
/// <param name="Link">The link to end.</param>
/// <param name="OrderedBy">W3C traceparent of the event; null in states of older versions.</param>
public sealed record Errand(
    string Operation,
    ErrandKind Kind,
    DateTimeOffset At,
    string? Session = null,
    string? NonceHash = null,
    string? Member = null,
    int Sequence = 0,
    MemberLink? Link = null,
    string? OrderedBy = null);

public enum ErrandKind
{
    Link,
    Unlink,
}

/// <param name="Id">Also LINE's retry key.</param>
/// <param name="ReplyToken">Of an answer to a tap, which is sent as a free reply or not at all; null for what is pushed.</param>
/// <param name="Uncertain">Of older versions, which read and write it; no rule asks for it.</param>
/// <param name="OrderedBy">W3C traceparent of what it answers; null in states of older versions.</param>
/// <param name="OverMonthlyLimit">Told by the sender: LINE's messages of this month are used up.</param>
/// <param name="Topics">Makes <see cref="Notice.Topics"/> of <see cref="Notice.Help"/>.</param>
[GenerateSerializer, Immutable, Alias("coopline.outbox-entry")]
public sealed record OutboxEntry(
    [property: Id(0)] Guid Id,
    [property: Id(1)] Notice Notice,
    [property: Id(2)] string? Argument,
    [property: Id(3)] string? ReplyToken,
    [property: Id(4)] DateTimeOffset CreatedAt,
    [property: Id(5)] bool Uncertain = false,
    [property: Id(6)] string? OrderedBy = null,
    [property: Id(7), JsonIgnore] bool OverMonthlyLimit = false,
    [property: Id(8)] TopicsAnswer? Topics = null)
{
    /// <summary>
    /// A notice that older processes do not know is never stored or sent: they could neither read the state nor find words for it.
    /// They see <see cref="Notice.Help"/> and answer with that.
    /// </summary>
    [JsonIgnore]
    public Notice Says => Topics is null ? Notice : Notice.Topics;
}

/// <param name="Off">The topics that the friend has turned off.</param>
/// <param name="Turned">The one that was just turned on or off; null when the friend only asked.</param>
/// <param name="On">Those that the friend has asked for, of those that nobody gets unasked; null for none, as in older states.</param>
[GenerateSerializer, Immutable, Alias("coopline.topics-answer")]
public sealed record TopicsAnswer(
    [property: Id(0)] ImmutableArray<Topic> Off, [property: Id(1)] Topic? Turned, [property: Id(2)] ImmutableArray<Topic>? On = null)
{
    public bool Leaves(Topic topic) => TopicNames.MustBeWanted(topic) ? On?.Contains(topic) != true : Off.Contains(topic);
}

/// <summary>What the bot can say; the words are <see cref="LineMessages"/>'.</summary>
public enum Notice
{
    Welcome,
    Help,
    LinkInvitation,
    Linked,
    AlreadyLinkedUnlinkFirst,
    TooLate,
    NumberLinkedElsewhere,
    AccountLinkedMeanwhile,
    NotAMemberNow,
    UnlinkConfirmation,
    UnlinkCancelled,
    NotLinked,
    UnlinkedByFriend,
    UnlinkedByStaff,
    Withdrawn,
    UnlinkedRenumbered,
    Renumbered,

    /// <summary>Only said: <see cref="OutboxEntry.Says"/>.</summary>
    Topics,
}

/// <summary>Which rich menu LINE was last told to show.</summary>
public enum ShownMenu
{
    Default,
    Linked,

    /// <summary>After a follow LINE may show either menu, so it is told again.</summary>
    Unknown,
}

using System.Collections.Immutable;
using CoopLine.Grains.Line;
using CoopLine.Grains.Linking;
using CoopLine.Grains.Members;
using Orleans.Concurrency;

namespace CoopLine.Grains.Accounts;

/// <summary>One LINE account: the order of its events, its copy of the link, and what LINE still has to be told. Key: <c>u-</c> + LINE user id.</summary>
[Alias("coopline.line-account")]
public interface ILineAccountGrain : IUnfinishedGrain
{
    /// <summary>Takes webhook events of this account. When it returns, they are on disk; an event taken before changes nothing.</summary>
    /// <param name="events">At least one, of this account only, in any order.</param>
    [Alias("accept")]
    Task Accept(ImmutableArray<LineEvent> events);

    /// <summary>Compares the answers of the link form with the registry, counting mismatches of this account and of the number.</summary>
    /// <param name="session">The session the form belongs to; must be the account's newest.</param>
    [Alias("verify")]
    Task<AnswersOutcome> Verify(string session, HashedAnswers answers);

    /// <summary>The friend asks for a link page on the coupon page. As a tap of the banner, it ends every older session.</summary>
    /// <returns>The session's id; null when the account is linked.</returns>
    [Alias("begin-link")]
    Task<string?> BeginLink();

    [Alias("standing")]
    Task<AccountStanding> Standing();

    /// <summary>The member's side ended a link; a newer link is not touched. One way: answered with <see cref="IMemberGrain.NoticeSent"/>.</summary>
    /// <param name="successor">The link that takes its place when the registry gave the member a new number.</param>
    [Alias("link-ended"), OneWay]
    Task LinkEnded(MemberLink link, LinkEnd end, MemberLink? successor);

    /// <summary>
    /// A person is erased: these numbers are nobody's earlier numbers any more. One way: answered with
    /// <see cref="IMemberGrain.Forgotten"/>, once nothing here needs them; who gets no answer asks again.
    /// </summary>
    /// <param name="member">The number that is answered.</param>
    [Alias("forget"), OneWay]
    Task Forget(string member, ImmutableArray<string> numbers);

    /// <summary>LINE's answer to one outbox entry.</summary>
    [Alias("sent")]
    Task Sent(OutboxEntry entry, LineCallResult answer);

    /// <summary>LINE's answer to a change of the rich menu.</summary>
    [Alias("menu-shown")]
    Task MenuShown(ShownMenu menu, LineCallResult answer);

    /// <summary>LINE names the account as a friend. Whatever an event has told of it stays.</summary>
    /// <returns>Whether nothing was known of it.</returns>
    [Alias("befriend")]
    Task<bool> Befriend();

    /// <returns>The topics that the friend has turned off.</returns>
    [Alias("topics")]
    Task<ImmutableArray<Topic>> Topics();

    /// <summary>The friend turns messages about a topic on or off. Done again, it changes nothing.</summary>
    /// <returns>The topics that are off now.</returns>
    [Alias("set-topic")]
    Task<ImmutableArray<Topic>> SetTopic(Topic topic, bool on);

    /// <summary>Staff forget the mismatches of this account and lift its lock.</summary>
    [Alias("clear-lock")]
    Task ClearLock();
}

/// <param name="Following">Whether the account is a friend now (false after a block).</param>
/// <param name="Member">The linked member number, or null. A copy: whoever has to decide asks the member's grain.</param>
/// <param name="EarlierMembers">Numbers this account was linked to before; never contains <paramref name="Member"/>.</param>
/// <param name="LinkSequence">1 for the account's first link, growing by one with each; fences late uses of older links.</param>
[GenerateSerializer, Immutable, Alias("coopline.account-standing")]
public sealed record AccountStanding(
    [property: Id(0)] bool Following,
    [property: Id(1)] string? Member,
    [property: Id(2)] string? LinkId,
    [property: Id(3)] int LinkSequence,
    [property: Id(4)] ImmutableArray<string> EarlierMembers,
    [property: Id(5)] DateTimeOffset? LockedUntil,
    [property: Id(6)] int RecentMismatches);

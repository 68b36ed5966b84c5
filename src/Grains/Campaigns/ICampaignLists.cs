using System.Collections.Immutable;

namespace CoopLine.Grains.Campaigns;

/// <summary>
/// Lists of the members to whom campaigns are issued. A list is written once and never changed; the campaign's state says which of
/// its lists counts, so that a new one takes the place of the old one at one moment.
/// </summary>
public interface ICampaignLists
{
    /// <summary>Writes a list that does not count yet. Where that fails, nothing of it stays.</summary>
    /// <param name="members">Member numbers; one that comes twice counts once.</param>
    Task<MemberList> Write(string campaign, IAsyncEnumerable<string> members, CancellationToken cancellation = default);

    /// <summary>Forgets a list that will not count.</summary>
    Task Discard(string campaign, MemberList list, CancellationToken cancellation = default);

    /// <summary>Forgets the lists of a campaign that do not count, unless they are being written.</summary>
    Task Forget(string campaign, MemberList counts, CancellationToken cancellation = default);

    /// <returns>Of these lists, the ids of those that have any of the numbers.</returns>
    Task<ImmutableArray<string>> Having(
        IReadOnlyCollection<string> lists, IReadOnlyCollection<string> members, CancellationToken cancellation = default);
}

/// <param name="Id">When it was begun and eight random digits; later lists have greater ids.</param>
/// <param name="Members">How many members are on it.</param>
[GenerateSerializer, Immutable, Alias("coopline.member-list")]
public sealed record MemberList([property: Id(0)] string Id, [property: Id(1)] int Members);

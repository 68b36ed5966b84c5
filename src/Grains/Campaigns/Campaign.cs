using System.Collections.Immutable;

namespace CoopLine.Grains.Campaigns;

[GenerateSerializer, Alias("coopline.campaign-status")]
public enum CampaignStatus
{
    Draft,
    Published,
    Stopped,
}

/// <summary>A campaign as the rules see it at one moment.</summary>
/// <param name="Version">Counts the definitions the campaign has had, from 1.</param>
/// <param name="List">The members to whom it is issued; null as long as nobody has said who they are.</param>
/// <param name="Etag">Version of its row, which every change raises; 0 where nobody relies on it.</param>
[GenerateSerializer, Immutable, Alias("coopline.campaign")]
public sealed record Campaign(
    [property: Id(0)] string Id,
    [property: Id(1)] int Version,
    [property: Id(2)] CampaignStatus Status,
    [property: Id(3)] CampaignDefinition Definition,
    [property: Id(4)] DateTimeOffset? StoppedAt,
    [property: Id(5)] int Etag = 0,
    [property: Id(6)] MemberList? List = null)
{
    /// <summary>Whether a member has a coupon of it.</summary>
    /// <param name="lists">Ids of lists that the member is on.</param>
    public bool IsIssuedTo(ImmutableArray<string> lists) =>
        !Definition.IssuedToList || (List is { } list && !lists.IsDefaultOrEmpty && lists.Contains(list.Id));

    /// <summary>First moment at which nobody can use it any more: when it was stopped, or the end of its period.</summary>
    public DateTimeOffset Until => StoppedAt is { } stopped && stopped < Definition.EndsAt ? stopped : Definition.EndsAt;

    /// <summary>Whether members can have coupons of it, and it gives away only so much.</summary>
    public bool IsLimitedAt(DateTimeOffset now) =>
        Status == CampaignStatus.Published && Definition.Limits is not null && !Definition.IsOverAt(now);

    /// <summary>
    /// Whether a use that is taken back at this moment makes the coupon usable again. The start of the period does not count: a
    /// purchase is judged by the till's clock, which may be before ours.
    /// </summary>
    public bool GivesBackAt(DateTimeOffset now) => Status == CampaignStatus.Published && !Definition.IsOverAt(now);
}

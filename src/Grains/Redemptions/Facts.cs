using System.Collections.Frozen;
using System.Collections.Immutable;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Storage;

namespace CoopLine.Grains.Redemptions;

/// <summary>Everything that a redemption is decided from, besides what the till says.</summary>
/// <param name="Code">What the digits stand for; null when they were never issued.</param>
/// <param name="Holder">The member behind the code.</param>
/// <param name="Campaigns">All campaigns, by id.</param>
/// <param name="Uses">This person's uses that stand, of the code's campaigns, under this and earlier numbers.</param>
/// <param name="UsesAreKnown">
/// Else <see cref="Uses"/> is empty because nobody looked, and only a coupon's own write tells whether it is free.
/// </param>
/// <param name="Remembered">Code and holder are from the memory of this process, and not as they are on disk.</param>
/// <param name="Rooms">
/// By campaign: what one more use may take off, where that is limited. Else nobody looked, and the use's own write tells.
/// </param>
public sealed record Facts(
    CodeGrant? Code,
    Holder Holder,
    FrozenDictionary<string, Campaign> Campaigns,
    ImmutableArray<StandingUse> Uses,
    bool UsesAreKnown,
    bool Remembered,
    ImmutableDictionary<string, Room> Rooms)
{
    public static readonly ImmutableDictionary<string, Room> NobodyLooked =
        ImmutableDictionary.Create<string, Room>(StringComparer.Ordinal);

    /// <summary>Whether its campaign has given away all that it gives, as far as somebody looked.</summary>
    public bool IsSoldOut(string campaign) => Rooms.TryGetValue(campaign, out var room) && room.Yen == 0;

    /// <summary>Whether this person may have used a coupon under another number.</summary>
    public bool HasEarlierNumbers => Code is { EarlierMembers: not [] } || Holder.Predecessors is not [];

    public CouponUse? UseOf(string campaign) => Uses.FirstOrDefault(one => one.Campaign == campaign)?.Use;

    /// <summary>What a use of this campaign's coupon relies on.</summary>
    public Reliance Reliance(string campaign) => new(
        Holder.Import,
        [
            new(StateNames.Member, GrainKeys.MemberKey(Code!.Member), Holder.Version),
            new(StateNames.Campaign, GrainKeys.CampaignKey(campaign), Campaigns[campaign].Etag),
        ],
        Remembered);
}

[GenerateSerializer, Immutable, Alias("coopline.standing-use")]
public sealed record StandingUse([property: Id(0)] string Campaign, [property: Id(1)] CouponUse Use);

using System.Collections.Immutable;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;

namespace CoopLine.Grains.Redemptions;

/// <summary>Which coupon discounts which line of a receipt.</summary>
/// <param name="Discounts">By line, then campaign id.</param>
/// <param name="Refusals">The coupons without a unit, in the order they were given.</param>
public sealed record Allocation(ImmutableArray<AppliedDiscount> Discounts, ImmutableArray<Refusal> Refusals)
{
    /// <summary>
    /// A coupon takes one unit, a unit takes one coupon, and of an exclusive group one coupon takes one. Of all such assignments
    /// this is the one with the largest total discount. Where several have it, it is the one whose (line, campaign id) pairs,
    /// sorted, come first.
    /// </summary>
    /// <param name="campaigns">Each once, and <see cref="Eligibility"/> has nothing against them.</param>
    /// <param name="lines">Line numbers are unique.</param>
    /// <param name="receiptYen">What all of the receipt comes to, before LINE coupons. Few campaigns ask.</param>
    /// <param name="rooms">What a campaign still gives for one use, where that is limited and known.</param>
    public static Allocation Best(
        IReadOnlyList<Campaign> campaigns, IReadOnlyList<SaleLine> lines, Func<long> receiptYen, IReadOnlyDictionary<string, Room> rooms)
    {
        var bids = campaigns.Select(campaign => new Bid(
            campaign, lines, receiptYen, rooms.TryGetValue(campaign.Id, out var room) ? room.Yen : long.MaxValue)).ToArray();
        var chosen = Assignment.Best(
        [
            .. bids.SelectMany(bid => Worthwhile(bid, campaigns.Count))
                .OrderBy(pair => pair.Line.Line)
                .ThenBy(pair => pair.Bid.Campaign.Id, StringComparer.Ordinal),
        ]).ToArray();

        var served = chosen.Select(pair => pair.Bid).ToHashSet();
        var bidders = chosen.Select(pair => pair.Bid.Bidder).ToHashSet();
        return new(
            [.. chosen.Select(pair => new AppliedDiscount(pair.Bid.Campaign.Id, pair.Line.Line, Units: 1, pair.Amount))],
            [.. bids.Where(bid => !served.Contains(bid)).Select(bid => bid.WhyNot(bidders.Contains(bid.Bidder)))]);
    }

    /// <summary>
    /// The coupon's best lines: just enough to hold one unit for every coupon. It never needs another line, because
    /// however the other coupons are placed, one unit among these stays free, and that unit is better or comes first.
    /// </summary>
    private static IEnumerable<Bid.Pair> Worthwhile(Bid bid, int coupons)
    {
        long units = 0;
        foreach (var pair in bid.Pairs)
        {
            yield return pair;
            units += pair.Line.Quantity;
            if (units >= coupons) yield break;
        }
    }
}

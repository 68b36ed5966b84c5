using System.Collections.Immutable;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;

namespace CoopLine.Grains.Redemptions;

/// <summary>Which coupon discounts which line of a receipt.</summary>
/// <param name="Discounts">By line, then campaign id.</param>
/// <param name="Refusals">The coupons without a unit, in the order they were given.</param>
public sealed record Allocation(
    ImmutableArray<AppliedDiscount> Discounts,
    ImmutableArray<(string Campaign, RefusalReason Reason)> Refusals)
{
    /// <summary>
    /// A coupon takes one unit, and a unit takes one coupon. Of all such assignments this is the one with the largest total
    /// discount. Where several have it, it is the one whose (line, campaign id) pairs, sorted, come first.
    /// </summary>
    /// <param name="campaigns">Each once, and <see cref="Eligibility"/> has nothing against them.</param>
    /// <param name="lines">Line numbers are unique.</param>
    public static Allocation Best(IReadOnlyList<Campaign> campaigns, IReadOnlyList<SaleLine> lines)
    {
        var pairs = campaigns
            .SelectMany(campaign => Worthwhile(campaign, lines, campaigns.Count))
            .OrderBy(pair => pair.Line.Line)
            .ThenBy(pair => pair.Campaign.Id, StringComparer.Ordinal)
            .ToArray();
        var chosen = Assignment.Best(pairs).ToArray();

        var served = chosen.Select(pair => pair.Campaign.Id).ToHashSet(StringComparer.Ordinal);
        return new(
            [.. chosen.Select(pair => new AppliedDiscount(pair.Campaign.Id, pair.Line.Line, Units: 1, pair.Amount))],
            [.. campaigns.Where(campaign => !served.Contains(campaign.Id))
                .Select(campaign => (campaign.Id, WhyNot(campaign, lines)))]);
    }

    /// <summary>
    /// The coupon's best lines: just enough to hold one unit for every coupon. It never needs another line, because
    /// however the other coupons are placed, one unit among these stays free, and that unit is better or comes first.
    /// </summary>
    private static IEnumerable<Pair> Worthwhile(Campaign campaign, IReadOnlyList<SaleLine> lines, int coupons)
    {
        var best =
            from line in lines
            where Named(campaign, line) && !IsMarkedDown(campaign, line)
            let amount = campaign.Definition.Discount.AmountOff(line.UnitPrice)
            where amount > 0
            orderby amount descending, line.Line
            select new Pair(campaign, line, amount);

        long units = 0;
        foreach (var pair in best)
        {
            yield return pair;
            units += pair.Line.Quantity;
            if (units >= coupons) yield break;
        }
    }

    private static RefusalReason WhyNot(Campaign campaign, IReadOnlyList<SaleLine> lines)
    {
        var named = lines.Where(line => Named(campaign, line)).ToArray();
        if (named is []) return RefusalReason.NoEligibleItem;
        var open = named.Where(line => !IsMarkedDown(campaign, line)).ToArray();
        if (open is []) return RefusalReason.MarkedDown;
        return open.Any(line => campaign.Definition.Discount.AmountOff(line.UnitPrice) > 0)
            ? RefusalReason.TakenByAnother
            : RefusalReason.NoSaving;
    }

    private static bool Named(Campaign campaign, SaleLine line) =>
        line.Quantity > 0 && campaign.Definition.Items.Matches(line.Jan, line.Category);

    private static bool IsMarkedDown(Campaign campaign, SaleLine line) => line.Markdown switch
    {
        Markdown.No => false,
        Markdown.Unknown => campaign.Definition.UnknownMarkdown is UnknownMarkdown.Refuse,
        _ => true,
    };

    /// <summary>A coupon that could discount a unit of a line.</summary>
    internal sealed record Pair(Campaign Campaign, SaleLine Line, int Amount);
}

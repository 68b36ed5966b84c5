using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;

namespace CoopLine.Grains.Redemptions;

/// <summary>What one coupon could do on a receipt, whatever the others do.</summary>
internal sealed class Bid
{
    private readonly IReadOnlyList<SaleLine> named;
    private readonly IReadOnlyList<SaleLine> meant;
    private readonly IReadOnlyList<SaleLine> open;
    private readonly IReadOnlyList<Pair> paying;
    private readonly int missingYen;

    /// <param name="campaign"><see cref="Eligibility"/> has nothing against it.</param>
    /// <param name="lines">Of the receipt, line numbers unique.</param>
    /// <param name="receiptYen">What all of the receipt comes to.</param>
    /// <param name="room">Yen that the campaign still gives for one use.</param>
    public Bid(Campaign campaign, IReadOnlyList<SaleLine> lines, long receiptYen, long room)
    {
        var offer = campaign.Definition;
        Campaign = campaign;
        named = [.. lines.Where(line => line.Quantity > 0 && offer.Items.Matches(line.Jan, line.Category))];
        meant = offer.Conditions?.Excluded is { } excluded ? [.. named.Where(line => !excluded.Matches(line.Jan, line.Category))] : named;
        missingYen = offer.Conditions?.Missing(meant.Sum(line => (long)line.Quantity * line.UnitPrice), receiptYen) ?? 0;
        open = [.. meant.Where(line => !IsMarkedDown(offer, line))];
        paying =
        [
            .. from line in Discountable(offer.Discount)
               let amount = offer.Discount.AmountOff(line.UnitPrice)
               where amount > 0
               orderby amount descending, line.Line
               select new Pair(this, line, amount),
        ];
        Pairs = missingYen > 0 ? [] : [.. paying.Where(pair => pair.Amount <= room)];
    }

    public Campaign Campaign { get; }

    /// <summary>The lines that it could discount a unit of, best first.</summary>
    public IReadOnlyList<Pair> Pairs { get; }

    /// <summary>One of these bids gets a unit: those of one exclusive group, or this one.</summary>
    public (string? Group, string? Campaign) Bidder =>
        Campaign.Definition.Conditions?.ExclusiveGroup is { } group ? (group, null) : (null, Campaign.Id);

    /// <summary>Why it has got no unit.</summary>
    /// <param name="groupHasOne">Another coupon of its group has.</param>
    public Refusal WhyNot(bool groupHasOne)
    {
        return this switch
        {
            { named: [] } => Because(RefusalReason.NoEligibleItem),
            { meant: [] } => Because(RefusalReason.ExcludedItem),
            { missingYen: > 0 } => Because(RefusalReason.BelowMinimum) with { MissingYen = missingYen },
            { open: [] } => Because(RefusalReason.MarkedDown),
            _ when MissingUnits is > 0 and var units => Because(RefusalReason.BelowMinimum) with { MissingUnits = units },
            { paying: [] } => Because(RefusalReason.NoSaving),
            { Pairs: [] } => Because(RefusalReason.SoldOut),
            _ => Because(groupHasOne ? RefusalReason.Exclusive : RefusalReason.TakenByAnother),
        };

        Refusal Because(RefusalReason reason) => new(Campaign.Id, reason);
    }

    private int MissingUnits =>
        Campaign.Definition.Discount.Units is { } units ? (int)Math.Max(0, units - open.Sum(line => (long)line.Quantity)) : 0;

    /// <summary>
    /// Of "buy n, one of them free" only units beside which n − 1 others are bought that cost as much at least: the free one is not
    /// the dearest.
    /// </summary>
    private IEnumerable<SaleLine> Discountable(Discount discount)
    {
        if (discount.Units is not { } units) return open;

        long bought = 0;
        return open.GroupBy(line => line.UnitPrice).OrderByDescending(price => price.Key)
            .Where(price => (bought += price.Sum(line => (long)line.Quantity)) >= units)
            .SelectMany(price => price);
    }

    private static bool IsMarkedDown(CampaignDefinition offer, SaleLine line) => line.Markdown switch
    {
        Markdown.No => false,
        Markdown.Unknown => offer.UnknownMarkdown is UnknownMarkdown.Refuse,
        _ => true,
    };

    /// <summary>A coupon that could discount a unit of a line.</summary>
    internal sealed record Pair(Bid Bid, SaleLine Line, int Amount);
}

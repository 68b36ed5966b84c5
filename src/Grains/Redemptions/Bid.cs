using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;

namespace CoopLine.Grains.Redemptions;

/// <summary>What one coupon could do on a receipt, whatever the others do.</summary>
internal sealed class Bid
{
    private readonly bool isNamed, isMeant, isPaying;
    private readonly List<SaleLine> open = [];
    private readonly int missingYen;

    /// <param name="campaign"><see cref="Eligibility"/> has nothing against it.</param>
    /// <param name="lines">Of the receipt, line numbers unique.</param>
    /// <param name="receiptYen">What all of the receipt comes to; few campaigns ask.</param>
    /// <param name="room">Yen that the campaign still gives for one use.</param>
    public Bid(Campaign campaign, IReadOnlyList<SaleLine> lines, Func<long> receiptYen, long room)
    {
        var offer = campaign.Definition;
        Campaign = campaign;
        long meantYen = 0;
        foreach (var line in lines)
        {
            if (line.Quantity <= 0 || !offer.Items.Matches(line.Jan, line.Category)) continue;
            isNamed = true;
            if (offer.Conditions?.Excluded?.Matches(line.Jan, line.Category) is true) continue;
            isMeant = true;
            meantYen += (long)line.Quantity * line.UnitPrice;
            if (!IsMarkedDown(offer, line)) open.Add(line);
        }

        missingYen = offer.Conditions?.Missing(meantYen, receiptYen) ?? 0;
        Pair[] paying =
        [
            .. from line in Discountable(offer.Discount)
               let amount = offer.Discount.AmountOff(line.UnitPrice)
               where amount > 0
               orderby amount descending, line.Line
               select new Pair(this, line, amount),
        ];
        isPaying = paying is not [];
        Pairs = missingYen > 0 ? [] : paying is [var best, ..] && best.Amount > room ? [.. paying.Where(pair => pair.Amount <= room)] : paying;
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
            { isNamed: false } => Because(RefusalReason.NoEligibleItem),
            { isMeant: false } => Because(RefusalReason.ExcludedItem),
            { missingYen: > 0 } => Because(RefusalReason.BelowMinimum) with { MissingYen = missingYen, MissingOn = Campaign.Definition.Conditions!.MinimumSpendOn },
            { open: [] } => Because(RefusalReason.MarkedDown),
            _ when MissingUnits is > 0 and var units => Because(RefusalReason.BelowMinimum) with { MissingUnits = units },
            { isPaying: false } => Because(RefusalReason.NoSaving),
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

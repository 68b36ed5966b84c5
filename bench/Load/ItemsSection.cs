using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Redemptions;

namespace CoopLine.Load;

/// <summary>
/// The longest receipt against campaigns with the longest lists: how long the rules take to find the items, and to decide between
/// coupons that compete under every kind of condition.
/// </summary>
internal static class ItemsSection
{
    public const string Title = "Items of campaigns";

    private const int Lines = 1_000;
    private const int Campaigns = 20;
    private const int Entries = 5_000;
    private const string Category = "1201";
    private const int WantedMilliseconds = 50;
    private const string Milliseconds = "ms";
    private const string First = "first receipt";
    private const string Later = "each later one";
    private const string FirstOfConditions = "first receipt, with conditions";
    private const string LaterOfConditions = "each later one, with conditions";

    private static readonly DateTimeOffset Now = new(2026, 11, 22, 10, 0, 0, TimeSpan.FromHours(9)); // a Sunday

    public static Task Run(Options options, Results results)
    {
        var lines = Enumerable.Range(1, Lines)
            .Select(line => new SaleLine(line, Digits("49", line), Category, 1, 198, Markdown.No)).ToArray();
        var purchase = new Purchase(
            new(DateOnly.FromDateTime(Now.DateTime), "0123", "05", "000481"), Now, Sale.Code(0),
            [.. lines.Select(line => line with { Quantity = 1 + (line.Line % 3), UnitPrice = 98 + (line.Line % 400) })], Hash: "");
        var times = options.Quick ? 5 : 50;
        foreach (var entries in (int[])[1, Entries])
        {
            for (var time = 0; time < times; time++)
            {
                // As read from the database: nothing is known of their items yet.
                Campaign[] campaigns = [.. Enumerable.Range(0, Campaigns).Select(campaign => Campaign(campaign, entries))];
                Measure(First, entries, () => NothingFound(campaigns, lines));
                Measure(Later, entries, () => NothingFound(campaigns, lines));
                var facts = WithConditions(entries);
                Measure(FirstOfConditions, entries, () => SomeUsed(facts, purchase));
                Measure(LaterOfConditions, entries, () => SomeUsed(facts, purchase));
            }
        }

        results.AtMost(
            "A receipt of 1,000 lines and 20 coupons with conditions: ms",
            results.Median(LaterOfConditions, Setting(Entries), Milliseconds), WantedMilliseconds);

        results.Table(
            ["receipt", "prefixes of each campaign", "ms", "lowest–highest"],
            from receipt in (string[])[First, Later, FirstOfConditions, LaterOfConditions]
            from entries in (int[])[1, Entries]
            let setting = Setting(entries)
            select new object?[]
            {
                receipt, entries, results.Median(receipt, setting, Milliseconds), results.Spread(receipt, setting, Milliseconds),
            });
        return Task.CompletedTask;

        void Measure(string receipt, int entries, Action decide)
        {
            var started = Stopwatch.GetTimestamp();
            decide();
            results.Add(receipt, Setting(entries), Milliseconds, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
    }

    private static void NothingFound(Campaign[] campaigns, SaleLine[] lines)
    {
        if (Allocation.Best(campaigns, lines, () => 0, Facts.NobodyLooked).Refusals.Length != Campaigns)
            throw new InvalidDataException("A coupon found an item that no campaign names.");
    }

    private static void SomeUsed(Facts facts, Purchase purchase)
    {
        if (Plan.Of(facts, purchase, Now) is not { Uses: [_, _, ..], Refusals: [_, ..] })
            throw new InvalidDataException("The coupons with conditions did not compete.");
    }

    /// <summary>All coupons are for every line, so that all of them compete for the dearest ones.</summary>
    private static Facts WithConditions(int entries)
    {
        Campaign[] campaigns = [.. Enumerable.Range(0, Campaigns).Select(campaign => WithConditions(campaign, entries))];
        return new(
            new("U", "10000001", "link", 1, [], [.. campaigns.Select(campaign => campaign.Id)], Now.AddMinutes(5)),
            Holder.Nobody with { LinkStands = true },
            campaigns.ToFrozenDictionary(campaign => campaign.Id),
            Uses: [],
            UsesAreKnown: true,
            Remembered: false,
            Facts.NobodyLooked);
    }

    private static Campaign WithConditions(int campaign, int entries)
    {
        var plain = Campaign(campaign, entries);
        return plain with
        {
            Definition = plain.Definition with
            {
                Items = plain.Definition.Items with { Categories = [Category] },
                Discount = (campaign % 4) switch
                {
                    0 => new(DiscountType.Yen, 30 + campaign),
                    1 => new(DiscountType.Percent, 10 + campaign),
                    2 => new(DiscountType.Price, 100 - campaign),
                    _ => new(DiscountType.BuyNGetOne, 0, 3),
                },
                Conditions = new(
                    MinimumSpend: 1_000,
                    campaign % 2 == 0 ? SpendOn.Items : SpendOn.Receipt,
                    [DayOfWeek.Saturday, DayOfWeek.Sunday],
                    new(new(9, 0), new(21, 0)),
                    Excluded: new([], Prefixes(Campaigns + campaign, entries), []),
                    campaign % 5 == 0 ? "weekend" : null),
            },
        };
    }

    private static string Setting(int entries) => entries.ToString(CultureInfo.InvariantCulture);

    /// <summary>Its prefixes begin no code on the receipt, so that all of them have to be ruled out.</summary>
    private static Campaign Campaign(int campaign, int entries) => new(
        Sale.Campaign(campaign), 1, CampaignStatus.Published,
        new(
            "とうふ", null, new(DiscountType.Yen, Sale.YenOff), new([], Prefixes(campaign, entries), []), null, null,
            DateTimeOffset.MinValue, DateTimeOffset.MaxValue),
        StoppedAt: null);

    private static ImmutableArray<string> Prefixes(int campaign, int entries) =>
        [.. Enumerable.Range(0, entries).Select(i => Digits("45", (campaign * Entries) + i)[..(7 + (i % 7))])];

    private static string Digits(string first, int number) => first + number.ToString("D11", CultureInfo.InvariantCulture);
}

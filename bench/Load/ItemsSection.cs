using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Redemptions;

namespace CoopLine.Load;

/// <summary>The longest receipt against campaigns with the longest lists: how long the rules take to find the items.</summary>
internal static class ItemsSection
{
    public const string Title = "Items of campaigns";

    private const int Lines = 1_000;
    private const int Campaigns = 20;
    private const int Entries = 5_000;
    private const string Milliseconds = "ms";

    public static Task Run(Options options, Results results)
    {
        var lines = Enumerable.Range(1, Lines)
            .Select(line => new SaleLine(line, Digits("49", line), "1201", 1, 198, Markdown.No)).ToArray();
        var times = options.Quick ? 5 : 50;
        foreach (var entries in (int[])[1, Entries])
        {
            for (var time = 0; time < times; time++)
            {
                // As read from the database: nothing is known of their items yet.
                Campaign[] campaigns = [.. Enumerable.Range(0, Campaigns).Select(campaign => Campaign(campaign, entries))];
                Measure("first receipt", entries, campaigns);
                Measure("each later one", entries, campaigns);
            }
        }

        results.Table(
            ["receipt", "prefixes of each campaign", "ms", "lowest–highest"],
            from receipt in (string[])["first receipt", "each later one"]
            from entries in (int[])[1, Entries]
            let setting = Setting(entries)
            select new object?[]
            {
                receipt, entries, results.Median(receipt, setting, Milliseconds), results.Spread(receipt, setting, Milliseconds),
            });
        return Task.CompletedTask;

        void Measure(string receipt, int entries, Campaign[] campaigns)
        {
            var started = Stopwatch.GetTimestamp();
            if (Allocation.Best(campaigns, lines, 0, Facts.NobodyLooked).Refusals.Length != Campaigns)
                throw new InvalidDataException("A coupon found an item that no campaign names.");
            results.Add(receipt, Setting(entries), Milliseconds, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
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

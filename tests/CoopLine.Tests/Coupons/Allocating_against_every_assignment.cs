using System.Collections.Immutable;
using System.Diagnostics;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Redemptions;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Coupons;

/// <summary>Tries every assignment of small random receipts; the rules must have found the best one.</summary>
[NoDatabase]
[Trait("Speed", "random")]
public sealed class Allocating_against_every_assignment
{
    private const int Cases = 6000;

    [Fact]
    public void The_best_of_all_assignments_is_found()
    {
        var contested = 0;
        var met = new HashSet<RefusalReason>();
        var random = Chance.New(out var seed);
        var since = Stopwatch.GetTimestamp();
        var cases = 0;
        for (; cases < Cases || Stopwatch.GetElapsedTime(since) < Chance.Time; cases++)
        {
            var (campaigns, lines) = Draw(random);
            var otherYen = random.Next(3) * 100;
            var rooms = campaigns.Where(_ => random.Next(5) == 0).ToDictionary(campaign => campaign.Id, _ => new Room(random.Next(120), Counted.All));
            var receiptYen = otherYen + lines.Sum(line => line.Quantity * line.UnitPrice);
            var expected = new Search(campaigns, lines, receiptYen, rooms).Best();

            var answer = Allocation.Best(campaigns, lines, () => receiptYen, rooms);

            Assert.True(
                expected.SequenceEqual(answer.Discounts),
                $"seed {seed}, case {cases}: expected {string.Join(' ', expected)}, got {string.Join(' ', answer.Discounts)}");
            Assert.Equal(
                campaigns.Select(campaign => campaign.Id).Except(expected.Select(discount => discount.Campaign)),
                answer.Refusals.Select(refusal => refusal.Campaign));
            if (expected.Count > 1 && answer.Refusals.Length > 0) contested++;
            met.UnionWith(answer.Refusals.Select(refusal => refusal.Reason));
        }

        Assert.Superset(
            new HashSet<RefusalReason> { RefusalReason.BelowMinimum, RefusalReason.ExcludedItem, RefusalReason.Exclusive, RefusalReason.SoldOut },
            met);

        Assert.True(contested > cases / 10, $"Only {contested} receipts had coupons competing: draw others.");
    }

    private static (Campaign[] Campaigns, SaleLine[] Lines) Draw(Random random)
    {
        string[] categories = ["milk", "tofu", "rice"];
        int[] prices = [0, 1, 98, 100, 100, 198, 300];
        var ids = new[] { "a", "B", "c", "D", "e" };
        random.Shuffle(ids);
        var numbers = Enumerable.Range(1, 9).ToArray();
        random.Shuffle(numbers);

        var campaigns = ids.Take(random.Next(1, 6)).Select(id => new Campaign(
            id,
            Version: 1,
            CampaignStatus.Published,
            new(
                id,
                null,
                random.Next(4) switch
                {
                    0 => new(DiscountType.Yen, random.Next(1, 4) * 50),
                    1 => new(DiscountType.Percent, random.Next(1, 4) * 25),
                    2 => new(DiscountType.Price, random.Next(0, 4) * 50),
                    _ => new(DiscountType.BuyNGetOne, random.Next(0, 4) * 50, random.Next(2, 4)),
                },
                new([], [], [.. categories.Where(_ => random.Next(2) == 0)]),
                null,
                null,
                DateTimeOffset.MinValue,
                DateTimeOffset.MaxValue,
                (UnknownMarkdown)random.Next(2),
                Conditions: random.Next(2) == 0 ? null : new(
                    random.Next(3) == 0 ? random.Next(1, 8) * 50 : null,
                    (SpendOn)random.Next(2),
                    [],
                    null,
                    random.Next(3) == 0 ? new([], [], [categories[random.Next(3)]]) : null,
                    random.Next(3) switch { 0 => "g", 1 => "h", _ => null })),
            StoppedAt: null));
        var lines = numbers.Take(random.Next(1, 7)).Select(number => new SaleLine(
            number,
            null,
            categories[random.Next(3)],
            Quantity: random.Next(4) == 0 ? 2 : 1,
            prices[random.Next(prices.Length)],
            random.Next(5) switch { 0 => Markdown.Yes, 1 => Markdown.Unknown, _ => Markdown.No }));
        return ([.. campaigns], [.. lines]);
    }

    /// <summary>Each coupon in turn on every line with a unit left, and on none.</summary>
    private sealed class Search(Campaign[] campaigns, SaleLine[] lines, int receiptYen, Dictionary<string, Room> rooms)
    {
        private static readonly Room NoLimit = new(long.MaxValue, Counted.Nowhere);

        private readonly int[] unitsLeft = [.. lines.Select(line => line.Quantity)];
        private ImmutableList<AppliedDiscount> best = [];

        public ImmutableList<AppliedDiscount> Best()
        {
            Try(0, []);
            return best;
        }

        private void Try(int coupon, ImmutableList<AppliedDiscount> placed)
        {
            if (coupon == campaigns.Length)
            {
                var sorted = placed.Sort(Compare);
                if (IsBetter(sorted)) best = sorted;
                return;
            }

            Try(coupon + 1, placed);
            var group = campaigns[coupon].Definition.Conditions?.ExclusiveGroup;
            if (group is not null && placed.Any(one => campaigns.Single(other => other.Id == one.Campaign).Definition.Conditions?.ExclusiveGroup == group))
                return;

            for (var i = 0; i < lines.Length; i++)
            {
                var amount = AmountOff(campaigns[coupon].Definition, lines[i]);
                if (amount == 0 || unitsLeft[i] == 0 || amount > rooms.GetValueOrDefault(campaigns[coupon].Id, NoLimit).Yen) continue;

                unitsLeft[i]--;
                Try(coupon + 1, placed.Add(new(campaigns[coupon].Id, lines[i].Line, 1, amount)));
                unitsLeft[i]++;
            }
        }

        private bool IsBetter(ImmutableList<AppliedDiscount> found)
        {
            var gain = found.Sum(discount => discount.Amount) - best.Sum(discount => discount.Amount);
            return gain > 0 || (gain == 0 && found.Zip(best, Compare).FirstOrDefault(order => order != 0) < 0);
        }

        private static int Compare(AppliedDiscount one, AppliedDiscount other) =>
            one.Line != other.Line ? one.Line - other.Line : string.CompareOrdinal(one.Campaign, other.Campaign);

        private static bool IsFor(CampaignDefinition offer, SaleLine line) =>
            offer.Items.Categories.Contains(line.Category!) && offer.Conditions?.Excluded?.Categories.Contains(line.Category!) is not true;

        private static bool IsOpen(CampaignDefinition offer, SaleLine line) =>
            IsFor(offer, line)
            && (line.Markdown == Markdown.No || (line.Markdown == Markdown.Unknown && offer.UnknownMarkdown == UnknownMarkdown.Allow));

        private int AmountOff(CampaignDefinition offer, SaleLine line)
        {
            if (!IsOpen(offer, line)) return 0;
            var spent = offer.Conditions?.MinimumSpendOn == SpendOn.Receipt
                ? receiptYen
                : lines.Where(one => IsFor(offer, one)).Sum(one => one.Quantity * one.UnitPrice);
            if (spent < (offer.Conditions?.MinimumSpend ?? 0)) return 0;

            // The discounted unit and n - 1 others that cost as much at least.
            var dear = lines.Where(one => IsOpen(offer, one) && one.UnitPrice >= line.UnitPrice).Sum(one => one.Quantity);
            if (dear < (offer.Discount.Units ?? 1)) return 0;
            return offer.Discount.Type switch
            {
                DiscountType.Yen => Math.Min(offer.Discount.Value, line.UnitPrice),
                DiscountType.Percent => (int)Math.Floor(line.UnitPrice * (offer.Discount.Value / 100m)),
                _ => Math.Max(0, line.UnitPrice - offer.Discount.Value),
            };
        }
    }
}

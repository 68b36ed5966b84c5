using System.Collections.Immutable;
using System.Globalization;
using CoopLine.Grains.Campaigns;
using CoopLine.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace CoopLine.Tests.Campaigns;

[NoDatabase]
public sealed class Finding_items
{
    private const int ListMax = 5_000;

    [Fact]
    public void An_item_takes_a_look_up_for_each_length_of_a_prefix_however_many_prefixes_there_are()
    {
        ImmutableArray<string> prefixes =
        [
            .. Enumerable.Range(0, ListMax).Select(i => i.ToString("D13", CultureInfo.InvariantCulture)[..(1 + (i % 13))]),
        ];

        var items = new ItemSelector(prefixes, prefixes, prefixes);

        // In each of the three spellings of an item: EAN-13, UPC-A, EAN-8.
        Assert.InRange(items.Index.LookupsMax, 1, (3 * Jan.Digits) + 2);
    }

    [Fact]
    public void The_index_names_what_reading_the_lists_through_names()
    {
        var chance = Chance.New(out _);
        for (var round = 0; round < 50; round++)
        {
            var items = new ItemSelector(Some(20, 8, 13), Some(20, 1, 13), Some(5, 1, 3));
            foreach (var (jan, category) in Some(200, 8, 13).Select(jan => jan.PadLeft(Jan.Digits, '0')).Zip(Some(200, 1, 3)))
            {
                string[] spellings = [jan, .. Without(1, jan), .. Without(5, jan)];
                var named = items.Jans.Any(one => one.PadLeft(Jan.Digits, '0') == jan)
                    || items.JanPrefixes.Any(prefix => spellings.Any(one => one.StartsWith(prefix, StringComparison.Ordinal)))
                    || items.Categories.Contains(category);

                Assert.Equal(named, items.Matches(jan, category));
            }
        }

        static IEnumerable<string> Without(int zeros, string jan) => jan[..zeros].All(digit => digit == '0') ? [jan[zeros..]] : [];

        // Of three digits only, so that many begin alike.
        ImmutableArray<string> Some(int count, int shortest, int longest) =>
            [.. Enumerable.Range(0, count).Select(_ => new string(chance.GetItems("012".AsSpan(), chance.Next(shortest, longest + 1))))];
    }

    [Fact]
    public void A_copy_with_other_lists_names_the_items_of_the_other_lists()
    {
        var tofu = new ItemSelector(["4901234567894"], [], []);
        Assert.True(tofu.Matches("4901234567894", null));

        var milk = tofu with { Jans = ["4901234567924"] };

        Assert.True(milk.Matches("4901234567924", null));
        Assert.False(milk.Matches("4901234567894", null));
    }

    [Fact]
    public async Task A_campaign_that_is_read_again_unchanged_keeps_its_index_and_a_changed_one_does_not()
    {
        var (clock, stored) = (new FakeTimeProvider(), new Stored());
        var cache = new CampaignCache(stored, clock);
        var first = (await cache.Current())["tofu"];

        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.Same(first, (await cache.Current())["tofu"]);

        stored.Jan = "4901234567924";
        clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True((await cache.Current())["tofu"].Definition.Items.Matches("4901234567924", null));
    }

    private sealed class Stored : ICampaignReader
    {
        public string Jan { get; set; } = "4901234567894";

        public Task<ImmutableArray<Campaign>> All(CancellationToken cancellation = default) =>
            Task.FromResult<ImmutableArray<Campaign>>(
            [
                new("tofu", 1, CampaignStatus.Published, new(
                    "とうふ", null, new(DiscountType.Yen, 30), new([Jan], [], []), null, null,
                    DateTimeOffset.MinValue, DateTimeOffset.MaxValue), null),
            ]);
    }
}

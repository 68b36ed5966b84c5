using System.Collections.Immutable;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Registry;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Campaigns;

[NoDatabase]
public sealed class Defining_campaigns
{
    private static CampaignDefinition Tofu() => new(
        "豆腐30円引き",
        "冷蔵コーナーの豆腐1点",
        new(DiscountType.Yen, 30),
        new(["4901234567894"], ["491"], ["1201"]),
        ["0123", "0124"],
        [Business.Store],
        new(2026, 11, 1, 0, 0, 0, TimeSpan.FromHours(9)),
        new(2026, 12, 1, 0, 0, 0, TimeSpan.FromHours(9)));

    [Fact]
    public void The_same_definition_sent_twice_is_equal()
    {
        Assert.Equal(Tofu(), Tofu());
        Assert.Equal(Tofu().GetHashCode(), Tofu().GetHashCode());
        Assert.Equal(Tofu(), Tofu() with { StartsAt = Tofu().StartsAt.ToUniversalTime() });
    }

    [Fact]
    public void Any_change_makes_it_another_definition()
    {
        CampaignDefinition[] changed =
        [
            Tofu() with { Title = "豆腐" },
            Tofu() with { Description = null },
            Tofu() with { Discount = new(DiscountType.Yen, 31) },
            Tofu() with { Items = Tofu().Items with { Jans = [] } },
            Tofu() with { Items = Tofu().Items with { JanPrefixes = ["492"] } },
            Tofu() with { Items = Tofu().Items with { Categories = ["1201", "1202"] } },
            Tofu() with { Stores = ["0123"] },
            Tofu() with { Stores = null },
            Tofu() with { Businesses = [Business.GroupBuying] },
            Tofu() with { Businesses = null },
            Tofu() with { StartsAt = Tofu().StartsAt.AddTicks(1) },
            Tofu() with { EndsAt = Tofu().EndsAt.AddTicks(1) },
            Tofu() with { UnknownMarkdown = UnknownMarkdown.Allow },
        ];

        Assert.All(changed, other => Assert.NotEqual(Tofu(), other));
    }

    [Fact]
    public void Limits_may_rise_but_none_may_sink_go_or_be_new()
    {
        var before = Everywhere(new(10, 1000));
        Assert.All(before.Zip(Everywhere(new(11, 1000))), one => Assert.True(one.Second.RaisesOnly(one.First)));
        Assert.All(before.Zip(Everywhere(new(10, 1001))), one => Assert.True(one.Second.RaisesOnly(one.First)));

        Assert.All(before.Zip(Everywhere(new(9, 1000))), one => Assert.False(one.Second.RaisesOnly(one.First)));
        Assert.All(before.Zip(Everywhere(new(10, 999))), one => Assert.False(one.Second.RaisesOnly(one.First)));
        Assert.All(before.Zip(Everywhere(new(null, 1001))), one => Assert.False(one.Second.RaisesOnly(one.First)));
        Assert.All(before, one => Assert.False(one.RaisesOnly(CampaignLimits.None)));
        Assert.All(before, one => Assert.False(CampaignLimits.None.RaisesOnly(one)));
        Assert.All(before.Zip(Everywhere(new(10, null))), one => Assert.False(one.First.RaisesOnly(one.Second)));

        static CampaignLimits[] Everywhere(Limit limit) =>
        [
            CampaignLimits.None with { Total = limit },
            CampaignLimits.None with { EachStore = limit },
            CampaignLimits.None with { Stores = Of(limit) },
            CampaignLimits.None with { EachDay = limit },
        ];
    }

    [Fact]
    public void A_store_without_a_limit_of_its_own_any_more_has_that_of_each_store()
    {
        var before = CampaignLimits.None with { EachStore = new(5, null), Stores = Of(new(7, null)) };

        Assert.False((before with { Stores = null }).RaisesOnly(before));
        Assert.True((before with { Stores = null, EachStore = new(7, null) }).RaisesOnly(before));
    }

    private static ImmutableSortedDictionary<string, Limit> Of(Limit limit) =>
        ImmutableSortedDictionary<string, Limit>.Empty.Add("0123", limit);

    [Fact]
    public void All_stores_is_not_no_store() =>
        Assert.NotEqual(Tofu() with { Stores = null }, Tofu() with { Stores = [] });

    [Theory]
    [InlineData("4901234567894", null, true)]
    [InlineData("4912345678904", null, true)]
    [InlineData("4987654321098", "1201", true)]
    [InlineData(null, "1201", true)]
    [InlineData("4987654321098", "120", false)]
    [InlineData("4987654321098", null, false)]
    [InlineData(null, null, false)]
    public void An_item_belongs_when_code_prefix_or_category_names_it(string? jan, string? category, bool belongs) =>
        Assert.Equal(belongs, Tofu().Items.Matches(jan, category));

    [Fact]
    public void Lists_that_were_left_out_name_nothing()
    {
        var nothing = new ItemSelector(default, default, default);

        Assert.False(nothing.Matches("4901234567894", "1201"));
        Assert.Equal(new ItemSelector([], [], []), nothing);
    }
}

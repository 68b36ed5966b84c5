using System.Collections.Immutable;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Redemptions;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Coupons;

[NoDatabase]
public sealed class Allocating
{
    private static Campaign Coupon(string id, Discount discount, params ImmutableArray<string> categories) => new(
        id,
        Version: 1,
        CampaignStatus.Published,
        new(id, null, discount, new([], [], categories), null, null, DateTimeOffset.MinValue, DateTimeOffset.MaxValue),
        StoppedAt: null);

    private static Campaign YenOff(string id, int yen, params ImmutableArray<string> categories) =>
        Coupon(id, new(DiscountType.Yen, yen), categories);

    private static SaleLine Line(
        int line, string category, int price, int quantity = 1, Markdown markdown = Markdown.No) =>
        new(line, null, category, quantity, price, markdown);

    private static Allocation Best(
        IReadOnlyList<Campaign> campaigns, IReadOnlyList<SaleLine> lines, long otherYen = 0, Dictionary<string, Room>? rooms = null) =>
        Allocation.Best(
            campaigns, lines, () => otherYen + lines.Sum(line => (long)line.Quantity * line.UnitPrice), rooms ?? []);

    private static Campaign With(Campaign campaign, CampaignConditions conditions) =>
        campaign with { Definition = campaign.Definition with { Conditions = conditions } };

    private static Campaign Allowing(Campaign campaign) =>
        campaign with { Definition = campaign.Definition with { UnknownMarkdown = UnknownMarkdown.Allow } };

    [Fact]
    public void One_coupon_discounts_one_unit_of_two()
    {
        var answer = Best([YenOff("tofu", 30, "tofu")], [Line(1, "tofu", 198, quantity: 2)]);

        Assert.Equal([new("tofu", 1, 1, 30)], answer.Discounts);
        Assert.Empty(answer.Refusals);
    }

    [Fact]
    public void Two_coupons_share_a_line_of_two_units()
    {
        var answer = Best(
            [YenOff("b", 30, "tofu"), YenOff("a", 20, "tofu")], [Line(1, "tofu", 198, quantity: 2)]);

        Assert.Equal([new("a", 1, 1, 20), new("b", 1, 1, 30)], answer.Discounts);
    }

    [Fact]
    public void Two_coupons_never_share_one_unit()
    {
        var answer = Best([YenOff("a", 20, "tofu"), YenOff("b", 30, "tofu")], [Line(1, "tofu", 198)]);

        Assert.Equal([new("b", 1, 1, 30)], answer.Discounts);
        Assert.Equal([new("a", RefusalReason.TakenByAnother)], answer.Refusals);
    }

    [Fact]
    public void A_coupon_makes_way_when_the_receipt_gains()
    {
        // Alone, "any" would take the dearer milk; "milk" can go nowhere else.
        var answer = Best(
            [Coupon("any", new(DiscountType.Percent, 10), "milk", "tofu"), YenOff("milk", 25, "milk")],
            [Line(1, "milk", 300), Line(2, "tofu", 200)]);

        Assert.Equal([new("milk", 1, 1, 25), new("any", 2, 1, 20)], answer.Discounts);
    }

    [Fact]
    public void One_large_discount_beats_two_small_ones()
    {
        var answer = Best(
            [YenOff("big", 100, "milk"), YenOff("small", 40, "milk"), YenOff("tofu", 5, "tofu")],
            [Line(1, "milk", 300), Line(2, "tofu", 200)]);

        Assert.Equal([new("big", 1, 1, 100), new("tofu", 2, 1, 5)], answer.Discounts);
        Assert.Equal([new("small", RefusalReason.TakenByAnother)], answer.Refusals);
    }

    [Fact]
    public void A_chain_of_three_coupons_moves_up_for_a_fourth()
    {
        var answer = Best(
            [YenOff("a", 10, "1", "2"), YenOff("b", 10, "2", "3"), YenOff("c", 10, "3", "4"), YenOff("d", 10, "1")],
            [Line(1, "1", 100), Line(2, "2", 100), Line(3, "3", 100), Line(4, "4", 100)]);

        Assert.Equal(
            [new("d", 1, 1, 10), new("a", 2, 1, 10), new("b", 3, 1, 10), new("c", 4, 1, 10)], answer.Discounts);
    }

    [Fact]
    public void Equal_discounts_go_to_the_lowest_line_whatever_the_order_on_the_receipt()
    {
        var answer = Best(
            [YenOff("tofu", 30, "tofu")], [Line(10, "tofu", 198), Line(9, "tofu", 298), Line(11, "tofu", 98)]);

        Assert.Equal([new("tofu", 9, 1, 30)], answer.Discounts);
    }

    [Fact]
    public void Equal_discounts_on_one_line_go_to_the_first_campaign_id_by_code_point()
    {
        var answer = Best(
            [YenOff("a", 30, "tofu"), YenOff("B", 30, "tofu"), YenOff("_", 30, "tofu")], [Line(1, "tofu", 198)]);

        Assert.Equal([new("B", 1, 1, 30)], answer.Discounts);
        Assert.Equal([new("a", RefusalReason.TakenByAnother), new("_", RefusalReason.TakenByAnother)], answer.Refusals);
    }

    [Fact]
    public void Of_equal_totals_the_whole_list_of_pairs_decides()
    {
        // a-1 b-2 and a-2 b-1 both take 40 yen off.
        var answer = Best(
            [YenOff("b", 20, "tofu"), YenOff("a", 20, "tofu")], [Line(2, "tofu", 198), Line(1, "tofu", 198)]);

        Assert.Equal([new("a", 1, 1, 20), new("b", 2, 1, 20)], answer.Discounts);
    }

    [Fact]
    public void A_yen_outweighs_every_tie_break()
    {
        var answer = Best(
            [Coupon("tofu", new(DiscountType.Percent, 10), "tofu")],
            [.. Enumerable.Range(1, 99).Select(line => Line(line, "tofu", 190)), Line(100, "tofu", 200)]);

        Assert.Equal([new("tofu", 100, 1, 20)], answer.Discounts);
    }

    [Fact]
    public void A_marked_down_item_is_never_discounted()
    {
        var answer = Best(
            [Allowing(YenOff("tofu", 30, "tofu"))], [Line(1, "tofu", 198, markdown: Markdown.Yes)]);

        Assert.Empty(answer.Discounts);
        Assert.Equal([new("tofu", RefusalReason.MarkedDown)], answer.Refusals);
    }

    [Fact]
    public void The_same_item_without_a_sticker_is_discounted_instead()
    {
        var answer = Best(
            [YenOff("tofu", 30, "tofu")],
            [Line(1, "tofu", 198, quantity: 3, markdown: Markdown.Yes), Line(2, "tofu", 198)]);

        Assert.Equal([new("tofu", 2, 1, 30)], answer.Discounts);
    }

    [Fact]
    public void An_unknown_sticker_follows_the_campaign()
    {
        SaleLine[] unknown = [Line(1, "tofu", 198, markdown: Markdown.Unknown)];

        Assert.Equal(
            [new("tofu", RefusalReason.MarkedDown)], Best([YenOff("tofu", 30, "tofu")], unknown).Refusals);
        Assert.Equal(
            [new("tofu", 1, 1, 30)], Best([Allowing(YenOff("tofu", 30, "tofu"))], unknown).Discounts);
    }

    [Fact]
    public void A_coupon_that_takes_nothing_off_is_not_used_up()
    {
        var answer = Best(
            [Coupon("price", new(DiscountType.Price, 198), "tofu"), YenOff("yen", 10, "tofu")],
            [Line(1, "tofu", 198), Line(2, "tofu", 0)]);

        Assert.Equal([new("yen", 1, 1, 10)], answer.Discounts);
        Assert.Equal([new("price", RefusalReason.NoSaving)], answer.Refusals);
    }

    [Fact]
    public void A_coupon_for_other_items_is_refused_as_such_even_beside_marked_down_ones()
    {
        var answer = Best(
            [YenOff("milk", 30, "milk")], [Line(1, "tofu", 198), Line(2, "tofu", 98, markdown: Markdown.Yes)]);

        Assert.Equal([new("milk", RefusalReason.NoEligibleItem)], answer.Refusals);
    }

    [Fact]
    public void A_coupon_that_lost_its_only_plain_unit_to_another_is_not_told_of_stickers()
    {
        var answer = Best(
            [YenOff("a", 30, "tofu"), YenOff("b", 20, "tofu")],
            [Line(1, "tofu", 198), Line(2, "tofu", 198, markdown: Markdown.Yes)]);

        Assert.Equal([new("b", RefusalReason.TakenByAnother)], answer.Refusals);
    }

    [Fact]
    public void No_coupons_or_no_lines_is_an_answer()
    {
        Assert.Empty(Best([], [Line(1, "tofu", 198)]).Discounts);
        Assert.Equal(
            [new("tofu", RefusalReason.NoEligibleItem)], Best([YenOff("tofu", 30, "tofu")], []).Refusals);
    }

    [Fact]
    public void Fifty_coupons_find_their_units_on_five_hundred_lines()
    {
        // Every coupon fits every line. Coupon k is worth its whole 1000 + k yen on line 10·k and the later tens only,
        // so that nothing but k on 10·k takes every coupon whole.
        var coupons = Enumerable.Range(1, 50).Select(k => YenOff($"c{k:00}", 1000 + k, "any"));
        var lines = Enumerable.Range(1, 500)
            .Select(line => Line(line, "any", line % 10 == 0 ? 1000 + line / 10 : 1000)).ToArray();

        var answer = Best([.. coupons], lines);

        Assert.Equal(50 * 1000 + 50 * 51 / 2, answer.Discounts.Sum(discount => discount.Amount));
        Assert.Equal(
            Enumerable.Range(1, 50).Select(k => ($"c{k:00}", 10 * k)),
            answer.Discounts.Select(discount => (discount.Campaign, discount.Line)));
    }

    [Fact]
    public void Of_an_exclusive_group_the_coupon_that_gives_most_is_taken()
    {
        var weekend = CampaignConditions.None with { ExclusiveGroup = "weekend" };
        var answer = Best(
            [With(YenOff("a", 20, "tofu"), weekend), With(YenOff("b", 30, "milk"), weekend), YenOff("c", 5, "milk")],
            [Line(1, "tofu", 198), Line(2, "milk", 250, quantity: 2)]);

        Assert.Equal([new("b", 2, 1, 30), new("c", 2, 1, 5)], answer.Discounts);
        Assert.Equal([new("a", RefusalReason.Exclusive)], answer.Refusals);
    }

    [Fact]
    public void A_coupon_of_a_group_that_could_not_be_used_anyway_says_so()
    {
        var weekend = CampaignConditions.None with { ExclusiveGroup = "weekend" };
        var answer = Best(
            [With(YenOff("a", 20, "tofu"), weekend), With(YenOff("b", 30, "rice"), weekend)], [Line(1, "tofu", 198)]);

        Assert.Equal([new("b", RefusalReason.NoEligibleItem)], answer.Refusals);
    }

    [Theory]
    [InlineData(SpendOn.Items, 396, 0)]
    [InlineData(SpendOn.Items, 397, 1)]
    [InlineData(SpendOn.Receipt, 646, 0)]
    [InlineData(SpendOn.Receipt, 700, 54)]
    public void The_smallest_amount_is_that_of_its_items_or_of_the_receipt(SpendOn of, int yen, int missing)
    {
        var answer = Best(
            [With(YenOff("tofu", 30, "tofu"), CampaignConditions.None with { MinimumSpend = yen, MinimumSpendOn = of })],
            [Line(1, "tofu", 198, markdown: Markdown.Yes), Line(2, "tofu", 198), Line(3, "milk", 250)]);

        if (missing == 0) Assert.Equal([new("tofu", 2, 1, 30)], answer.Discounts);
        else Assert.Equal([new Refusal("tofu", RefusalReason.BelowMinimum, MissingYen: missing, MissingOn: of)], answer.Refusals);
    }

    [Fact]
    public void What_was_weighed_counts_for_the_receipt_and_what_was_taken_off_does_not()
    {
        var campaign = With(
            YenOff("tofu", 30, "tofu"), CampaignConditions.None with { MinimumSpend = 500, MinimumSpendOn = SpendOn.Receipt });

        Assert.Single(Best([campaign], [Line(1, "tofu", 198)], otherYen: 302).Discounts);
        Assert.Equal(
            [new Refusal("tofu", RefusalReason.BelowMinimum, MissingYen: 1, MissingOn: SpendOn.Receipt)], Best([campaign], [Line(1, "tofu", 198)], otherYen: 301).Refusals);
    }

    [Fact]
    public void An_excluded_item_is_passed_over()
    {
        var noMilk = With(
            YenOff("any", 30, "tofu", "milk"), CampaignConditions.None with { Excluded = new([], [], ["milk"]) });

        Assert.Equal([new("any", 2, 1, 30)], Best([noMilk], [Line(1, "milk", 250), Line(2, "tofu", 198)]).Discounts);
        Assert.Equal([new("any", RefusalReason.ExcludedItem)], Best([noMilk], [Line(1, "milk", 250)]).Refusals);
    }

    [Fact]
    public void Of_three_units_the_cheapest_is_free_and_of_five_the_third()
    {
        var third = Coupon("three", new(DiscountType.BuyNGetOne, 0, Units: 3), "tofu");

        Assert.Equal(
            [new("three", 2, 1, 100)], Best([third], [Line(1, "tofu", 198, quantity: 2), Line(2, "tofu", 100)]).Discounts);
        Assert.Equal(
            [new("three", 3, 1, 150)],
            Best([third], [Line(1, "tofu", 198), Line(2, "tofu", 180), Line(3, "tofu", 150), Line(4, "tofu", 100, quantity: 2)]).Discounts);
        Assert.Equal(
            [new Refusal("three", RefusalReason.BelowMinimum, MissingUnits: 1)],
            Best([third], [Line(1, "tofu", 198, quantity: 2), Line(2, "tofu", 150, markdown: Markdown.Yes)]).Refusals);
        Assert.Equal(
            [new("x", 1, 1, 50)],
            Best([Coupon("x", new(DiscountType.BuyNGetOne, 148, Units: 2), "tofu")], [Line(1, "tofu", 198, quantity: 2)]).Discounts);
    }

    [Fact]
    public void Where_the_campaign_has_less_room_than_the_best_line_takes_a_lesser_one_is_discounted()
    {
        var tenth = Coupon("tenth", new(DiscountType.Percent, 10), "tofu");
        SaleLine[] lines = [Line(1, "tofu", 300), Line(2, "tofu", 200)];

        Assert.Equal([new("tenth", 2, 1, 20)], Best([tenth], lines, rooms: new() { ["tenth"] = new(29, Counted.All) }).Discounts);
        Assert.Equal([new("tenth", RefusalReason.SoldOut)], Best([tenth], lines, rooms: new() { ["tenth"] = new(19, Counted.All) }).Refusals);
    }
}

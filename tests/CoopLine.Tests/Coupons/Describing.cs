using CoopLine.Grains;
using CoopLine.Grains.Campaigns;
using CoopLine.Tests.Fixtures;
using CoopLine.Webhook.Coupons;
using CoopLine.Webhook.Pages;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CoopLine.Tests.Coupons;

/// <summary>What a coupon gives and asks, in the member's words (Q2-1 … Q2-4).</summary>
[NoDatabase]
public sealed class Describing
{
    private static readonly SiteOptions Site = new()
    {
        PublicBaseUrl = new("https://line.coop.example"),
        Stores = new() { ["0123"] = "さくら中央店" },
    };

    private static readonly CouponSentences Sentences = new(
        new MemberClock(new FakeTimeProvider(), new CoopTime()),
        Options.Create(new MemberPageOptions { PictureHosts = ["pictures.coop.example"] }),
        Options.Create(Site));

    [Theory]
    [InlineData("2026-11-01T00:00:00+09:00", "2026-12-01T00:00:00+09:00", "11月1日(日)から11月30日(月)まで")]
    [InlineData("2026-10-31T15:00:00Z", "2026-11-30T15:00:00Z", "11月1日(日)から11月30日(月)まで")]
    [InlineData("2026-11-01T09:30:00+09:00", "2026-11-01T18:05:00+09:00", "11月1日(日) 9時30分から11月1日(日) 18時05分まで")]
    [InlineData("2026-12-20T00:00:00+09:00", "2027-01-08T00:00:00+09:00", "2026年12月20日(日)から2027年1月7日(木)まで")]
    [InlineData("2026-12-01T00:00:00+09:00", "2027-01-01T00:00:00+09:00", "12月1日(火)から12月31日(木)まで")]
    public void Given_a_period_then_it_reads_as_people_count_days_in_Tokyo(string starts, string ends, string sentence)
    {
        var conditions = Sentences.Conditions(Offer(starts: starts, ends: ends));

        Assert.Equal(sentence, conditions[0]);
    }

    [Fact]
    public void Given_no_stores_then_all_take_it() =>
        Assert.Equal("すべての店舗で使えます。", Sentences.Conditions(Offer(stores: null))[1]);

    [Fact]
    public void Given_stores_then_they_are_named_and_a_store_without_a_name_shows_its_number() =>
        Assert.Equal("使える店舗:さくら中央店、0456", Sentences.Conditions(Offer(stores: ["0123", "0456"]))[1]);

    [Fact]
    public void Given_any_offer_then_the_rules_of_the_register_are_told() =>
        Assert.Equal(
            [
                "1点につき1枚", "値引シール品は対象外", "値引きされた品かどうかがレジで分からない品も対象外", "お一人様1回限り",
                "ほかのクーポンや金券と併用できます",
            ],
            Sentences.Conditions(Offer()).Skip(2));

    [Fact]
    public void Given_an_offer_that_takes_items_of_which_the_till_does_not_know_then_only_stickers_are_excluded() =>
        Assert.Equal(
            ["1点につき1枚", "値引シール品は対象外", "お一人様1回限り", "ほかのクーポンや金券と併用できます"],
            Sentences.Conditions(Offer() with { UnknownMarkdown = UnknownMarkdown.Allow }).Skip(2));

    [Theory]
    [InlineData("2026-12-01T00:00:00+09:00", null, "11月30日(月)に終わりました。")]
    [InlineData("2026-11-30T18:05:00+09:00", null, "11月30日(月) 18時05分に終わりました。")]
    [InlineData("2026-12-01T00:00:00+09:00", "2026-11-22T10:05:00+09:00", "11月22日(日) 10時05分に終わりました。")]
    public void Given_an_offer_that_is_over_then_it_tells_when(string ends, string? stopped, string sentence)
    {
        DateTimeOffset? stoppedAt = stopped is null ? null : DateTimeOffset.Parse(stopped, null);

        Assert.Equal(sentence, Sentences.Ended(new("tofu", 1, CampaignStatus.Published, Offer(ends: ends), stoppedAt)));
    }

    [Theory]
    [InlineData("2026-11-22T00:00:00+09:00", "2026-11-23T00:00:00+09:00", "1201", "今日だけのクーポン")]
    [InlineData("2026-11-22T09:00:00+09:00", "2026-11-22T18:00:00+09:00", "1201", "今日だけのクーポン")]
    [InlineData("2026-11-21T00:00:00+09:00", "2026-11-23T00:00:00+09:00", "1201", "もうすぐ終わるクーポン")]
    [InlineData("2026-11-01T00:00:00+09:00", "2026-11-25T00:00:00+09:00", "1201", "もうすぐ終わるクーポン")]
    [InlineData("2026-11-01T00:00:00+09:00", "2026-11-25T00:00:01+09:00", "1201", "豆腐・納豆")]
    [InlineData("2026-11-01T00:00:00+09:00", "2026-12-01T00:00:00+09:00", "9999 1201", "豆腐・納豆")]
    [InlineData("2026-11-01T00:00:00+09:00", "2026-12-01T00:00:00+09:00", "9999", "そのほかのクーポン")]
    public void Given_an_offer_then_it_stands_under_today_soon_or_its_category(string starts, string ends, string categories, string section)
    {
        var sentences = new CouponSentences(
            new MemberClock(new FakeTimeProvider(new(2026, 11, 22, 10, 0, 0, TimeSpan.FromHours(9))), new CoopTime()),
            Options.Create(new MemberPageOptions { Categories = new() { ["1201"] = "豆腐・納豆" } }),
            Options.Create(Site));
        var offer = Offer(starts: starts, ends: ends) with { Items = new([], [], [.. categories.Split(' ')]) };

        Assert.Equal(section, sentences.Section(offer).Title);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("https://pictures.coop.example/tofu.jpg", true)]
    [InlineData("https://elsewhere.example/tofu.jpg", false)]
    public void Given_a_picture_then_it_is_shown_from_the_hosts_in_the_settings_only(string? picture, bool shown) =>
        Assert.Equal(shown ? picture : null, Sentences.Picture(Offer() with { Picture = picture }));

    [Theory]
    [InlineData(DiscountType.Yen, 30, "30円引き")]
    [InlineData(DiscountType.Percent, 10, "10%引き")]
    [InlineData(DiscountType.Price, 98, "1点 98円")]
    public void Given_a_discount_then_it_is_put_in_words(DiscountType type, int value, string words) =>
        Assert.Equal(words, CouponSentences.Discount(new(type, value)));

    [Fact]
    public void Given_a_use_then_it_tells_when_where_and_how_much()
    {
        var campaign = new Campaign("tofu", 1, CampaignStatus.Published, Offer(), null);
        var at = new DateTimeOffset(2026, 11, 22, 1, 5, 0, TimeSpan.Zero);

        Assert.Equal("11月22日 10時05分 さくら中央店 30円引き", Sentences.Used(new(campaign, at, "0123", 30)));
    }

    [Fact]
    public void Given_any_refusal_then_it_has_a_sentence_of_its_own()
    {
        var sentences = Enum.GetValues<RefusalReason>().Select(CouponSentences.Refusal).ToArray();

        Assert.All(sentences, sentence => Assert.EndsWith("。", sentence, StringComparison.Ordinal));
        Assert.Equal(sentences.Length, sentences.Distinct().Count());
    }

    private static CampaignDefinition Offer(
        string starts = "2026-11-01T00:00:00+09:00", string ends = "2026-12-01T00:00:00+09:00", string[]? stores = null) =>
        new(
            "とうふ", null, new(DiscountType.Yen, 30), new([], [], ["1201"]), stores is null ? null : [.. stores], null,
            DateTimeOffset.Parse(starts, null), DateTimeOffset.Parse(ends, null));
}

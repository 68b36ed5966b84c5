using System.Text.RegularExpressions;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Tests.Fixtures;
using CoopLine.Webhook.Pos;

namespace CoopLine.Tests.Pos;

/// <summary>
/// All that a cashier may have to read to a customer, in one list. Whoever changes a sentence reads it aloud first: it says why,
/// in words that a customer of eighty understands, and then what to do.
/// </summary>
[NoDatabase]
public sealed partial class Refusal_sentences
{
    private static readonly DateTimeOffset UsedOn = new(2026, 11, 20, 9, 5, 0, TimeSpan.FromHours(9));

    private static readonly Dictionary<RefusalReason, string> Reviewed = new()
    {
        [RefusalReason.CodeUnknown] =
            "このコードは使えません。クーポンの画面を開き直して、新しいコードをお見せください。",
        [RefusalReason.CodeMistyped] =
            "コードの数字に誤りがあるようです。クーポンの画面の数字を、もう一度お確かめください。",
        [RefusalReason.CodeExpired] =
            "コードの有効時間が過ぎています。クーポンの画面で新しいコードを出して、お見せください。",
        [RefusalReason.NotLinked] =
            "組合員番号の連携が解除されているため、このクーポンは使えません。LINEのメニューから、もう一度組合員番号を連携してください。",
        [RefusalReason.NotInAudience] =
            "このクーポンは、別のサービスをご利用の組合員さまのためのものなので、使えません。くわしくはサービスカウンターでおたずねください。",
        [RefusalReason.NotStarted] =
            "このクーポンは、お使いいただける期間がまだ始まっていません。期間が始まってから、もう一度お見せください。",
        [RefusalReason.Ended] =
            "このクーポンは、お使いいただける期間が終わったため、使えません。クーポンの画面で、いま使えるクーポンをお確かめください。",
        [RefusalReason.Stopped] =
            "このクーポンは、ただいまご利用を停止しています。くわしくはサービスカウンターでおたずねください。",
        [RefusalReason.StoreNotEligible] =
            "このクーポンは、この店舗では使えません。クーポンは残っていますので、クーポンの画面で使える店舗をお確かめください。",
        [RefusalReason.NoEligibleItem] =
            "このお買い物には、このクーポンを使える商品がありません。クーポンは残っていますので、対象の商品をお買い上げのときにお使いください。",
        [RefusalReason.MarkedDown] =
            "値引シールの付いた商品や、シールの有無を確かめられない商品には、このクーポンは使えません。クーポンは残っていますので、シールのない商品にお使いください。",
        [RefusalReason.NoSaving] =
            "この商品は、このクーポンを使ってもお値段が変わりません。クーポンは残っていますので、ほかの商品や別の機会にお使いください。",
        [RefusalReason.TakenByAnother] =
            "このクーポンを使える商品には、別のクーポンをお使いいただきました。クーポンは商品ひとつに1枚までです。このクーポンは残っていますので、次のお買い物でお使いください。",
        [RefusalReason.AlreadyUsed] =
            "このクーポンはご利用済みです。お使いいただけるのは、おひとりさま1回です。お心当たりがないときは、サービスカウンターでおたずねください。",
        [RefusalReason.SoldOut] =
            "このクーポンは、ご用意した数に達したため、お使いいただけません。クーポンの画面で、いま使えるクーポンをお確かめください。",
        [RefusalReason.BelowMinimum] =
            "お買い上げの金額か点数が足りないため、このクーポンは使えません。クーポンは残っていますので、次のお買い物でお使いください。",
        [RefusalReason.NotToday] =
            "このクーポンは、今日はお使いいただけません。クーポンは残っていますので、クーポンの画面で使える曜日をお確かめください。",
        [RefusalReason.NotNow] =
            "このクーポンは、いまの時間はお使いいただけません。クーポンは残っていますので、クーポンの画面で使える時間をお確かめください。",
        [RefusalReason.ExcludedItem] =
            "お買い上げの商品は、このクーポンの対象から除かれています。クーポンは残っていますので、対象の商品をお買い上げのときにお使いください。",
        [RefusalReason.Exclusive] =
            "このクーポンは、今回お使いいただいた別のクーポンといっしょには使えません。クーポンは残っていますので、次のお買い物でお使いください。",
        [RefusalReason.NotIssued] =
            "このクーポンは、ご案内をお送りした組合員さまのためのものなので、使えません。くわしくはサービスカウンターでおたずねください。",
    };

    /// <summary>Those that say more than their reason.</summary>
    private static readonly Dictionary<Refusal, string> ReviewedInDetail = new()
    {
        [Because(RefusalReason.BelowMinimum) with { MissingYen = 1250 }] =
            "お買い上げの金額があと1,250円足りないため、このクーポンは使えません。クーポンは残っていますので、次のお買い物でお使いください。",
        [Because(RefusalReason.BelowMinimum) with { MissingYen = 604, MissingOn = SpendOn.Items }] =
            "対象の商品のお買い上げがあと604円足りないため、このクーポンは使えません。クーポンは残っていますので、次のお買い物でお使いください。",
        [Because(RefusalReason.BelowMinimum) with { MissingUnits = 2 }] =
            "対象の商品があと2点足りないため、このクーポンは使えません。クーポンは残っていますので、次のお買い物でお使いください。",
        [Because(RefusalReason.NotToday) with { Weekdays = [DayOfWeek.Friday, DayOfWeek.Saturday] }] =
            "このクーポンは、金曜日と土曜日にお使いいただけます。クーポンは残っていますので、その曜日にお使いください。",
        [Because(RefusalReason.NotToday) with { Weekdays = [DayOfWeek.Friday], Hours = new(new(18, 0), new(20, 0)) }] =
            "このクーポンは、金曜日の18時から20時までにお使いいただけます。クーポンは残っていますので、その曜日にお使いください。",
        [Because(RefusalReason.NotNow) with { Weekdays = [DayOfWeek.Monday], Hours = new(new(8, 0), new(9, 0)) }] =
            "このクーポンは、月曜日の8時から9時までお使いいただけます。クーポンは残っていますので、その時間にお使いください。",
        [Because(RefusalReason.SoldOut) with { SoldOutIn = Counted.Store }] =
            "このクーポンは、この店舗でご用意した数に達したため、お使いいただけません。クーポンの画面で、いま使えるクーポンをお確かめください。",
        [Because(RefusalReason.SoldOut) with { SoldOutIn = Counted.Day }] =
            "このクーポンは、本日ご用意した数に達したため、お使いいただけません。クーポンは残っていますので、別の日にお使いください。",
        [Because(RefusalReason.NotNow) with { Hours = new(new(9, 0), new(13, 30)) }] =
            "このクーポンは、9時から13時30分までお使いいただけます。クーポンは残っていますので、その時間にお使いください。",
    };

    private static string[] All =>
    [
        .. Enum.GetValues<RefusalReason>().Select(Sentence),
        .. ReviewedInDetail.Keys.Select(refusal => RefusalTexts.Sentence(refusal, null, null)),
        RefusalTexts.Sentence(Because(RefusalReason.AlreadyUsed), UsedOn, null),
        RefusalTexts.Sentence(Because(RefusalReason.AlreadyUsed), UsedOn, "みどり店"),
        RefusalTexts.Sentence(Because(RefusalReason.AlreadyUsed), UsedOn, RefusalTexts.StoreByNumber("0456")),
    ];

    [Fact]
    public void What_is_known_besides_the_reason_is_said() => Assert.All(
        ReviewedInDetail, one => Assert.Equal(one.Value, RefusalTexts.Sentence(one.Key, null, null)));

    [Fact]
    public void Every_reason_has_the_sentence_that_was_reviewed() => Assert.Equal(
        Reviewed.OrderBy(one => one.Key),
        Enum.GetValues<RefusalReason>().ToDictionary(reason => reason, Sentence).OrderBy(one => one.Key));

    [Fact]
    public void Every_sentence_can_be_read_aloud_and_no_two_are_the_same()
    {
        Assert.All(All, sentence => Assert.Matches(Spoken(), sentence));
        Assert.Equal(All.Length, All.Distinct().Count());
    }

    [Fact]
    public void Every_sentence_says_why_and_ends_with_what_to_do() => Assert.All(All, sentence =>
    {
        Assert.True(sentence.Split('。', StringSplitOptions.RemoveEmptyEntries).Length >= 2, sentence);
        Assert.EndsWith("ください。", sentence, StringComparison.Ordinal);
    });

    [Theory]
    [InlineData(RefusalReason.StoreNotEligible)]
    [InlineData(RefusalReason.NoEligibleItem)]
    [InlineData(RefusalReason.MarkedDown)]
    [InlineData(RefusalReason.NoSaving)]
    [InlineData(RefusalReason.TakenByAnother)]
    [InlineData(RefusalReason.BelowMinimum)]
    [InlineData(RefusalReason.NotToday)]
    [InlineData(RefusalReason.NotNow)]
    [InlineData(RefusalReason.ExcludedItem)]
    [InlineData(RefusalReason.Exclusive)]
    public void A_coupon_that_can_be_used_another_time_is_said_to_be_there_still(RefusalReason reason) =>
        Assert.Contains("クーポンは残っています", Reviewed[reason], StringComparison.Ordinal);

    [Theory]
    [InlineData(true, "みどり店", "このクーポンは11月20日にみどり店でご利用済みです。")]
    [InlineData(true, null, "このクーポンは11月20日にご利用済みです。")]
    [InlineData(false, null, "このクーポンはご利用済みです。")]
    public void A_used_coupon_says_when_and_where_as_far_as_known(bool dayKnown, string? store, string sentence) => Assert.StartsWith(
        sentence, RefusalTexts.Sentence(Because(RefusalReason.AlreadyUsed), dayKnown ? UsedOn : null, store), StringComparison.Ordinal);

    private static Refusal Because(RefusalReason reason) => new("tofu", reason);

    private static string Sentence(RefusalReason reason) => RefusalTexts.Sentence(Because(reason), null, null);

    /// <summary>Japanese words, numbers and pauses: nothing that the eye sees and the voice cannot say.</summary>
    [GeneratedRegex(@"^([\p{IsHiragana}\p{IsKatakana}\p{IsCJKUnifiedIdeographs}0-9、。]|LINE|(?<=[0-9]),(?=[0-9]))+\z")]
    private static partial Regex Spoken();
}

using CoopLine.Grains.Campaigns;
using CoopLine.Tests.Fixtures;
using CoopLine.Webhook.Pos;

namespace CoopLine.Tests.Pos;

[NoDatabase]
public sealed class Refusal_sentences
{
    private static readonly DateTimeOffset UsedOn = new(2026, 11, 20, 9, 5, 0, TimeSpan.FromHours(9));

    [Fact]
    public void Every_reason_has_its_own_sentence()
    {
        var sentences = Enum.GetValues<RefusalReason>().Select(reason => RefusalTexts.Sentence(reason, null, null)).ToArray();

        Assert.All(sentences, sentence => Assert.EndsWith("。", sentence, StringComparison.Ordinal));
        Assert.Equal(sentences.Length, sentences.Distinct().Count());
    }

    [Theory]
    [InlineData(true, "みどり店", "このクーポンは11月20日にみどり店でご利用済みです。")]
    [InlineData(true, null, "このクーポンは11月20日にご利用済みです。")]
    [InlineData(false, null, "このクーポンはご利用済みです。")]
    public void A_used_coupon_says_when_and_where_as_far_as_known(bool dayKnown, string? store, string sentence) =>
        Assert.Equal(sentence, RefusalTexts.Sentence(RefusalReason.AlreadyUsed, dayKnown ? UsedOn : null, store));
}

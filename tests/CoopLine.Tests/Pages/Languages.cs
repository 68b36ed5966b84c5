using System.Globalization;
using System.Resources;
using System.Text.RegularExpressions;
using CoopLine.Grains.Ledger;
using CoopLine.Tests.Fixtures;
using CoopLine.Webhook.Console;
using CoopLine.Webhook.Coupons;
using CoopLine.Webhook.Linking;
using CoopLine.Webhook.Ops;
using CoopLine.Webhook.Pages;

namespace CoopLine.Tests.Pages;

/// <summary>Members and staff read Japanese, or English when their browser asks for it first.</summary>
[NoDatabase]
public sealed partial class Languages
{
    public static TheoryData<Type> Features() => [typeof(CouponTexts), typeof(LinkTexts), typeof(PageTexts), typeof(ConsoleTexts), typeof(OpsTexts)];

    [Theory, MemberData(nameof(Features))]
    public void Every_sentence_exists_in_both_languages_with_the_same_values_in_it(Type feature)
    {
        var japanese = Sentences(feature, CultureInfo.InvariantCulture);
        var english = Sentences(feature, CultureInfo.GetCultureInfo("en"));

        Assert.NotEmpty(japanese);
        Assert.Equal(japanese.Keys.Order(), english.Keys.Order());
        Assert.All(japanese, one => Assert.Equal(Values(one.Value), Values(english[one.Key])));
        Assert.All(english, one => Assert.False(string.IsNullOrWhiteSpace(one.Value)));
        Assert.All(japanese.Where(one => one.Key is not "Language" and not "Comma" and not "Weekdays"), one =>
            Assert.True(one.Value.Any(c => c > 0x2fff) || Values(one.Value).Length > 0, one.Key));
    }

    [Theory]
    [InlineData(null, "ja")]
    [InlineData("", "ja")]
    [InlineData("ja", "ja")]
    [InlineData("ja-JP,en;q=0.9", "ja")]
    [InlineData("en-US,en;q=0.9,ja;q=0.8", "en")]
    [InlineData("ja;q=0.5,en;q=0.8", "en")]
    [InlineData("zh-CN,zh;q=0.9,en;q=0.8", "en")]
    [InlineData("fr,de;q=0.5", "ja")]
    [InlineData("enm", "ja")]
    [InlineData("*", "ja")]
    [InlineData(";;;,=", "ja")]
    public void The_first_of_the_two_that_the_browser_names_is_the_pages(string? accepted, string language)
    {
        var request = new DefaultHttpContext().Request;
        if (accepted is not null) request.Headers.AcceptLanguage = accepted;

        Assert.Equal(language, PageLanguage.For(request).Name is "en" ? "en" : "ja");
    }

    [Theory]
    [InlineData("")]
    [InlineData("en")]
    public void Whatever_the_ledger_has_can_be_told(string language)
    {
        var sentences = Sentences(typeof(OpsTexts), CultureInfo.GetCultureInfo(language));

        Assert.All(Enum.GetNames<LedgerKind>(), kind => Assert.Contains(kind, sentences.Keys));
    }

    private static Dictionary<string, string> Sentences(Type feature, CultureInfo culture)
    {
        var set = new ResourceManager(feature).GetResourceSet(culture, createIfNotExists: true, tryParents: false)!;
        return set.Cast<System.Collections.DictionaryEntry>().ToDictionary(one => (string)one.Key, one => (string)one.Value!);
    }

    private static int[] Values(string sentence) =>
        [.. Value().Matches(sentence).Select(value => int.Parse(value.Groups[1].Value, CultureInfo.InvariantCulture)).Distinct().Order()];

    [GeneratedRegex(@"\{(\d)[^}]*\}")]
    private static partial Regex Value();
}

using System.Net;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Stories;

/// <summary>The eight digits of the birth date: western year, month, day. 1 April 1971 is 19710401.</summary>
[Collection(typeof(StoryHost))]
public sealed class Q1_4(RunningSystem coop)
{
    [Fact]
    public async Task The_page_gives_the_example_and_the_example_is_taken()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.TapLink(phone);

        var form = await coop.Visit(page);
        var answer = await coop.Answer(page, member, birthDate: "19710401");

        Assert.Contains("1971年(昭和46年)4月1日は 19710401", form.Text, StringComparison.Ordinal);
        Assert.NotNull(answer.Location);
    }

    [Fact]
    public async Task Whatever_else_gets_the_example_again_and_costs_no_attempt()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);
        string[] others =
        [
            "710401", "1971041", "197104010", "S460401", "昭和46年4月1日", "平成1年4月1日", "H01-04-01", "19710231", "19711301",
            "19710400", "00000000", "20991231", "4月1日", "abcdefgh", "",
        ];

        foreach (var other in others)
        {
            var answer = await coop.Answer(page, member, birthDate: other);
            Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
            Assert.Matches("id=\"birthDate-error\">[^<]*19710401", answer.Text);
        }

        Assert.Empty((await coop.Look(member.Number)).GetProperty("mismatches").EnumerateArray());
        Assert.NotNull((await coop.Answer(page, member)).Location);
    }

    [Theory]
    [InlineData("１９７１０４０１")]
    [InlineData("1971/04/01")]
    [InlineData("1971年04月01日")]
    [InlineData(" 1971-04-01 ")]
    public async Task The_same_eight_digits_may_be_typed_in_other_ways(string birthDate)
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);

        Assert.NotNull((await coop.Answer(page, member, birthDate: birthDate)).Location);
    }
}

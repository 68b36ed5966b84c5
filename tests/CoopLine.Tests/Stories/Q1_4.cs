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
            "710401", "1971041", "197104010", "S4604", "昭和46年4月", "S65.4.1", "19710231", "19711301",
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
    [InlineData("1971/4/1")]
    [InlineData("1971年4月1日")]
    [InlineData("S460401")]
    [InlineData("昭和46年4月1日")]
    public async Task The_same_day_may_be_typed_in_other_ways(string birthDate)
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);

        Assert.NotNull((await coop.Answer(page, member, birthDate: birthDate)).Location);
    }

    [Theory]
    [InlineData("19710401")]
    [InlineData("S460401")]
    [InlineData("昭和46年4月1日")]
    [InlineData("1971/4/1")]
    public async Task The_day_is_read_back_as_it_was_understood(string birthDate)
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);
        using var typed = new FormUrlEncodedContent([new("birthDate", birthDate)]);

        using var asked = await coop.Http.PostAsync(new Uri(page + "/birth-date"), typed);
        var refused = await coop.Answer(page, member, number: "", birthDate: birthDate);

        Assert.Contains("「1971年4月1日」", await asked.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Contains("「1971年4月1日」", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_year_that_can_mean_several_is_asked_and_the_answer_is_taken()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);

        var asked = await coop.Answer(page, member, birthDate: "46.4.1");
        using var chosen = new FormUrlEncodedContent(
        [
            new("memberNumber", member.Number), new("phone", member.Phone), new("birthDate", "46.4.1"),
            new("birthDateIs", "19710401"),
        ]);
        using var taken = await coop.PostForm(page, chosen);

        Assert.Equal(HttpStatusCode.BadRequest, asked.Status);
        Assert.Contains("1946年(昭和21年)4月1日", asked.Text, StringComparison.Ordinal);
        Assert.Contains("1971年(昭和46年)4月1日", asked.Text, StringComparison.Ordinal);
        Assert.Empty((await coop.Look(member.Number)).GetProperty("mismatches").EnumerateArray());
        Assert.Equal(HttpStatusCode.SeeOther, taken.StatusCode);
    }

    [Fact]
    public async Task A_choice_that_does_not_belong_to_what_is_typed_is_left_alone()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);
        using var changed = new FormUrlEncodedContent(
        [
            new("memberNumber", member.Number), new("phone", member.Phone), new("birthDate", member.BirthDate),
            new("birthDateIs", "19460401"),
        ]);

        using var taken = await coop.PostForm(page, changed);

        Assert.Equal(HttpStatusCode.SeeOther, taken.StatusCode);
    }
}

using System.Net;
using System.Text;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Linking;

/// <summary>Whatever is sent to the link page gets a clear answer, and nothing changes.</summary>
[OneDatabase]
[Collection(typeof(RequestHost))]
public sealed class Bad_forms(RunningSystem coop)
{
    private static readonly string[] Fields = ["memberNumber", "phone", "birthDate"];

    [Theory]
    [InlineData("memberNumber", "")]
    [InlineData("memberNumber", "   ")]
    [InlineData("memberNumber", "A123456")]
    [InlineData("memberNumber", "123456789012345678901")]
    [InlineData("memberNumber", "一二三四")]
    [InlineData("memberNumber", "<script>alert(1)</script>")]
    [InlineData("memberNumber", "' OR 1=1 --")]
    [InlineData("memberNumber", "1234\u001b567")]
    [InlineData("phone", "")]
    [InlineData("phone", "電話なし")]
    [InlineData("phone", "9012345678")]
    [InlineData("phone", "090123456")]
    [InlineData("phone", "090123456789")]
    [InlineData("phone", "+1 212 555 0100")]
    [InlineData("birthDate", "")]
    [InlineData("birthDate", "S46.4")]
    [InlineData("birthDate", "昭和46年4月31日")]
    [InlineData("birthDate", "710401")]
    [InlineData("birthDate", "19710231")]
    [InlineData("birthDate", "18991231")]
    [InlineData("birthDate", "20261123")]
    [InlineData("birthDate", "4/1/1971")]
    public async Task A_field_that_cannot_be_read_is_named_and_the_others_stay_as_typed(string field, string value)
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);

        var answer = await coop.Answer(
            page, member,
            number: field == "memberNumber" ? value : null,
            phone: field == "phone" ? value : null,
            birthDate: field == "birthDate" ? value : null);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Matches($"id=\"{field}-error\">[^<]+<", answer.Text);
        foreach (var fine in Fields.Where(name => name != field))
            Assert.Contains($"id=\"{fine}-error\"></p>", answer.Text, StringComparison.Ordinal);
        if (field != "birthDate") Assert.Contains($"value=\"{member.BirthDate}\"", answer.Text, StringComparison.Ordinal);
        if (field != "memberNumber") Assert.Contains($"value=\"{member.Number}\"", answer.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>alert", answer.Text, StringComparison.Ordinal);
        Assert.NotNull((await coop.Answer(page, member)).Location);
    }

    [Fact]
    public async Task A_body_that_is_no_form_is_a_form_with_nothing_in_it()
    {
        var page = await coop.OpenPage(await coop.NewFriend());
        using var json = new StringContent("{\"memberNumber\":\"1\"}", Encoding.UTF8, "application/json");
        using var nothing = new ByteArrayContent([]);

        foreach (var body in new HttpContent[] { json, nothing })
        {
            using var answer = await coop.PostForm(page, body);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Contains("組合員番号を入力してください", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("memberNumber")]
    [InlineData("phone")]
    [InlineData("birthDate")]
    public async Task A_null_character_makes_the_form_unreadable_and_the_session_goes_on(string field)
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);

        var answer = await coop.Answer(
            page, member,
            number: field == "memberNumber" ? "1234\0" : null,
            phone: field == "phone" ? "0901234567\0" : null,
            birthDate: field == "birthDate" ? "1971040\0" : null);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.NotNull((await coop.Answer(page, member)).Location);
    }

    [Fact]
    public async Task A_field_sent_twice_is_not_read_as_either_value()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);
        using var twice = new FormUrlEncodedContent(
        [
            new("memberNumber", member.Number), new("memberNumber", Some.Member().Number),
            new("phone", member.Phone), new("birthDate", member.BirthDate),
        ]);

        using var answer = await coop.PostForm(page, twice);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task A_huge_or_broken_form_is_refused_and_the_session_goes_on()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);
        using var huge = new FormUrlEncodedContent([new("memberNumber", new string('1', 100_000))]);
        using var broken = new ByteArrayContent([(byte)'-', 0xFF]);
        broken.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=x");
        using var tooMany = new StringContent(
            string.Concat(Enumerable.Repeat("a&", 2000)), Encoding.UTF8, "application/x-www-form-urlencoded");

        using var tooLarge = await coop.PostForm(page, huge);
        using var unreadable = await coop.PostForm(page, broken);
        using var full = await coop.PostForm(page, tooMany);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, tooLarge.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, unreadable.StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, full.StatusCode);
        Assert.NotNull((await coop.Answer(page, member)).Location);
    }

    [Theory]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("short")]
    [InlineData("..%2F..%2Fetc%2Fpasswd00000000000")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAA'--AAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public async Task A_page_that_nobody_was_sent_is_not_found_and_says_what_to_do(string session)
    {
        var page = new Uri(coop.Host.Address, $"/link/{session}");

        var shown = await coop.Visit(page);
        var sent = await coop.Answer(page, Some.Member());

        Assert.Equal(HttpStatusCode.NotFound, shown.Status);
        Assert.Equal(HttpStatusCode.NotFound, sent.Status);
        Assert.Contains("「組合員番号で連携する」を押してください", shown.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_finished_page_says_that_it_is_finished()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);
        await coop.Line.OpenAccountLinkDialog((await coop.Answer(page, member)).Location!, phone.UserId);
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);

        foreach (var shown in new[] { await coop.Visit(page), await coop.Answer(page, member) })
        {
            Assert.Equal(HttpStatusCode.Gone, shown.Status);
            Assert.Contains("手続きは終わっています", shown.Text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Pages_are_kept_by_no_cache_and_told_to_nobody()
    {
        var page = await coop.TapLink(await coop.NewFriend());

        using var shown = await coop.Http.GetAsync(page);

        Assert.True(shown.Headers.CacheControl!.NoStore);
        Assert.Equal("no-referrer", shown.Headers.GetValues("Referrer-Policy").Single());
        Assert.StartsWith("default-src 'none'", shown.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task While_storage_fails_the_answer_is_503_and_sending_again_works()
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);
        coop.Faults.Order("link-session", Fault.BeforeTheWrite);

        var failed = await coop.Answer(page, member);
        var again = await coop.Answer(page, member);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, failed.Status);
        Assert.NotNull(again.Location);
    }
}

using System.Net;
using System.Text;
using CoopLine.Tests.Fixtures;
using CoopLine.Webhook.Coupons;

namespace CoopLine.Tests.Linking;

/// <summary>Whatever goes wrong, a member reads a page in Japanese, and nobody keeps or frames it.</summary>
[OneDatabase]
[Collection(typeof(RequestHost))]
public sealed class Pages_in_trouble(RunningSystem coop)
{
    private const string NoSession = "/link/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    [Fact]
    public async Task A_crowd_reads_that_it_is_crowded()
    {
        await using var small = await OnePageASecond();

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => small.Http.GetAsync(new Uri(small.Host.Address, NoSession))));

        var crowded = answers.First(answer => answer.StatusCode == HttpStatusCode.TooManyRequests);
        await AssertPage(crowded, "混み合って");
        Assert.NotNull(crowded.Headers.RetryAfter);
    }

    [Theory]
    [InlineData("/link/")]
    [InlineData("/link/a/b")]
    public async Task An_address_that_is_none_is_explained(string path)
    {
        using var answer = await Get(path);

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        await AssertPage(answer, "開けません");
    }

    [Fact]
    public async Task A_body_that_is_too_large_or_unreadable_is_explained()
    {
        using var large = await Post(new string('x', 20_000), "application/x-www-form-urlencoded");
        using var strange = await Post("memberNumber=1", "application/x-www-form-urlencoded; charset=bogus");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, large.StatusCode);
        await AssertPage(large, "開けません");
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, strange.StatusCode);
        await AssertPage(strange, "開けません");
    }

    [Fact]
    public async Task JSON_in_an_unknown_character_set_is_no_defect_of_ours()
    {
        using var body = new StringContent("{}", Encoding.UTF8);
        body.Headers.ContentType = new("application/json") { CharSet = "bogus" };

        using var answer = await coop.Till().PostAsync("/pos/v1/redemptions", body);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Id_tokens_that_are_none_are_asked_about_no_faster_than_pages_are_served()
    {
        await using var small = await OnePageASecond();
        using var stranger = new HttpClient { BaseAddress = small.Host.Address };
        stranger.DefaultRequestHeaders.Authorization = new("Bearer", "a.b");

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => stranger.GetAsync("/coupons/available")));

        var crowded = answers.First(answer => answer.StatusCode == HttpStatusCode.TooManyRequests);
        Assert.NotNull(crowded.Headers.RetryAfter);
        Assert.Equal("application/problem+json", crowded.Content.Headers.ContentType?.MediaType);
        Assert.Equal(answers.Count(answer => answer.StatusCode == HttpStatusCode.Unauthorized), Asked());
        Assert.InRange(Asked(), 1, answers.Length - 1);

        int Asked() => small.Line.Calls.Count(call => call.Name == CoopLine.Simulator.LineCall.VerifyIdToken);
    }

    [Fact]
    public async Task Following_a_code_counts_as_asking_for_a_page_too()
    {
        await using var small = await OnePageASecond();
        using var friend = new HttpClient { BaseAddress = small.Host.Address };
        friend.DefaultRequestHeaders.Authorization =
            new("Bearer", small.Host.Services.GetRequiredService<CouponSessions>().Start(small.Line.Phone().UserId));

        await Eventually.Holds(async () => await Follow() == HttpStatusCode.TooManyRequests, "one asks too often");

        async Task<HttpStatusCode> Follow()
        {
            using var answer = await friend.GetAsync("/coupons/codes/2512345678908/events");
            return answer.StatusCode;
        }
    }

    private static async Task AssertPage(HttpResponseMessage answer, string words)
    {
        Assert.Equal("text/html", answer.Content.Headers.ContentType?.MediaType);
        Assert.Contains(words, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.True(answer.Headers.CacheControl?.NoStore);
        Assert.Contains("frame-ancestors", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal("no-referrer", answer.Headers.GetValues("Referrer-Policy").Single());
    }

    private static async Task<RunningSystem> OnePageASecond()
    {
        var small = new RunningSystem { Also = { ["CoopLine:RateLimits:PagesPerSecond"] = "1" } };
        await small.InitializeAsync();
        return small;
    }

    private Task<HttpResponseMessage> Get(string path) => coop.Http.GetAsync(new Uri(coop.Host.Address, path));

    private async Task<HttpResponseMessage> Post(string body, string type)
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type);
        return await coop.Http.PostAsync(new Uri(coop.Host.Address, NoSession), content);
    }
}

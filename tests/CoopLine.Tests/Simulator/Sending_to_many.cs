using System.Net;
using System.Text.Json;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace CoopLine.Tests.Simulator;

/// <summary>The simulator keeps LINE's contract of messages to many, and of what LINE tells about them.</summary>
[NoDatabase]
public sealed class Sending_to_many : IAsyncLifetime
{
    private readonly FakeTimeProvider clock = new(new(2026, 11, 30, 14, 0, 0, TimeSpan.Zero)); // an hour before December in Japan
    private readonly HttpClient client = new();
    private LineSimulator line = null!;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        line = await LineSimulator.Start(new() { WebhookUrl = new("http://127.0.0.1:9"), EnvironmentName = "Testing" }, clock); // nobody listens
        client.BaseAddress = line.BaseAddress;
        client.DefaultRequestHeaders.Authorization = new("Bearer", line.Options.ChannelAccessToken);
    }

    public async ValueTask DisposeAsync()
    {
        client.Dispose();
        await line.DisposeAsync();
    }

    [Fact]
    public async Task Everybody_who_is_reachable_gets_it_once_and_only_they_count()
    {
        var friends = await Friends(3);
        await friends[0].Block();

        using var answer = await Multicast([.. Ids(friends), friends[1].UserId, line.Phone().UserId]);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal([0, 1, 1], friends.Select(friend => friend.Messages.Count));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(2, await Consumption());
    }

    [Fact]
    public async Task One_bad_id_fails_the_whole_call_and_is_named()
    {
        var friends = await Friends(2);

        using var answer = await Multicast([friends[0].UserId, "Uxyz", friends[1].UserId]);

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("to[1]", await answer.Content.ReadAsStringAsync(Cancelled));
        Assert.All(friends, friend => Assert.Empty(friend.Messages));
    }

    [Fact]
    public async Task What_does_not_fit_into_the_month_is_refused_whole_and_its_key_can_be_used_in_the_next()
    {
        var friends = await Friends(3);
        line.MonthlyLimit = 4;
        var key = Guid.NewGuid();

        using var first = await Multicast(Ids(friends));
        using var second = await Multicast(Ids(friends), key);
        using var one = await Multicast([friends[0].UserId]);
        using var push = await Post("/v2/bot/message/push", new { to = friends[0].UserId, messages = Messages }, Guid.NewGuid());
        clock.Advance(TimeSpan.FromHours(1));
        using var again = await Multicast(Ids(friends), key);
        using var repeated = await Multicast(Ids(friends), key);

        Assert.Equal([200, 429, 200, 429, 200, 409], new[] { first, second, one, push, again, repeated }.Select(answer => (int)answer.StatusCode));
        Assert.Equal("""{"message":"You have reached your monthly limit."}""", await second.Content.ReadAsStringAsync(Cancelled));
        Assert.Equal([3, 2, 2], friends.Select(friend => friend.Messages.Count));
        Assert.Equal("""{"type":"limited","value":4}""", await client.GetStringAsync("/v2/bot/message/quota", Cancelled));
    }

    [Fact]
    public async Task The_consumption_follows_slowly_and_begins_anew_with_each_month()
    {
        var friends = await Friends(3);
        Assert.Equal("""{"type":"none"}""", await client.GetStringAsync("/v2/bot/message/quota", Cancelled));
        line.ConsumptionIsToldAfter = TimeSpan.FromMinutes(10);
        using var sent = await Multicast(Ids(friends));

        Assert.Equal(0, await Consumption());
        clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal(3, await Consumption());
        clock.Advance(TimeSpan.FromMinutes(50));
        Assert.Equal(0, await Consumption());
    }

    [Fact]
    public async Task Friends_are_listed_in_pages_and_nobody_is_passed_over_who_stays()
    {
        var friends = (await Friends(7)).OrderBy(friend => friend.UserId, StringComparer.Ordinal).ToArray();
        line.Phone(); // no friend
        var listed = new List<string>();
        string? start = null;
        do
        {
            var page = await client.GetFromJsonAsync<JsonElement>($"/v2/bot/followers/ids?limit=3{start}", Cancelled);
            listed.AddRange(page.GetProperty("userIds").EnumerateArray().Select(id => id.GetString()!));
            if (start is null) await friends[0].Block(); // a list walked by numbers would pass somebody over
            start = page.TryGetProperty("next", out var next) ? "&start=" + next.GetString() : null;
        }
        while (start is not null);

        Assert.Equal(Ids(friends), listed);
        foreach (var bad in new[] { "limit=0", "limit=1001", "start=x", "start=eHl6" })
        {
            using var refused = await client.GetAsync("/v2/bot/followers/ids?" + bad, Cancelled);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }
    }

    [Fact]
    public async Task Opened_and_clicked_is_told_of_twenty_persons_or_more()
    {
        var friends = await Friends(21);
        using var sent = await Multicast(Ids(friends), unit: "tofu");
        foreach (var friend in friends.Take(20)) friend.Open(friend.Messages.Single());
        friends[0].Open(friends[0].Messages.Single()); // once a person
        foreach (var friend in friends.Take(19)) friend.Click(friend.Messages.Single());

        Assert.Equal("20,", await Insight("tofu"));
        friends[20].Click(friends[20].Messages.Single());
        Assert.Equal("21,20", await Insight("tofu"));
        Assert.Equal(",", await Insight("other"));
        Assert.Equal("""{"customAggregationUnits":["tofu"]}""", await client.GetStringAsync("/v2/bot/message/aggregation/list", Cancelled));
        Assert.Equal("""{"numOfCustomAggregationUnits":1}""", await client.GetStringAsync("/v2/bot/message/aggregation/info", Cancelled));
    }

    [Theory]
    [InlineData("""["a","b"]""")]
    [InlineData("[]")]
    [InlineData("""["とうふ"]""")]
    [InlineData("[1]")]
    [InlineData("\"a\"")]
    public async Task A_name_that_LINE_would_not_take_is_refused(string units)
    {
        var friend = (await Friends(1))[0];

        using var answer = await Post(
            "/v2/bot/message/multicast",
            new { to = new[] { friend.UserId }, messages = Messages, customAggregationUnits = JsonElement.Parse(units) }, Guid.NewGuid());

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Empty(friend.Messages);
    }

    private static object[] Messages => [new { type = "text", text = "お知らせ" }];

    private static string[] Ids(IEnumerable<SimulatedPhone> phones) => [.. phones.Select(phone => phone.UserId)];

    private async Task<SimulatedPhone[]> Friends(int number)
    {
        var friends = Enumerable.Range(0, number).Select(_ => line.Phone()).ToArray();
        foreach (var friend in friends) await friend.Follow();
        return friends;
    }

    private Task<HttpResponseMessage> Multicast(string[] to, Guid? key = null, string? unit = null) => Post(
        "/v2/bot/message/multicast",
        unit is null ? new { to, messages = Messages } : new { to, messages = Messages, customAggregationUnits = new[] { unit } },
        key ?? Guid.NewGuid());

    private async Task<HttpResponseMessage> Post(string path, object body, Guid retryKey)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Add("X-Line-Retry-Key", retryKey.ToString("D"));
        return await client.SendAsync(request, Cancelled);
    }

    private async Task<int> Consumption() =>
        (await client.GetFromJsonAsync<JsonElement>("/v2/bot/message/quota/consumption", Cancelled)).GetProperty("totalUsage").GetInt32();

    /// <returns>Opened and clicked, with nothing where LINE tells none.</returns>
    private async Task<string> Insight(string unit)
    {
        var told = await client.GetFromJsonAsync<JsonElement>(
            $"/v2/bot/insight/message/event/aggregation?customAggregationUnit={unit}&from=20261130&to=20261201", Cancelled);
        return $"{told.GetProperty("overview").GetProperty("uniqueImpression")},{told.GetProperty("overview").GetProperty("uniqueClick")}";
    }
}

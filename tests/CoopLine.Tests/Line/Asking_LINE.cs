using System.Text;
using System.Text.Json.Nodes;
using CoopLine.Grains.Line;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Line;

/// <summary>What LINE tells of limits, friends, content and effect, and what becomes of answers that it would not give.</summary>
[NoDatabase]
public sealed class Asking_LINE : IClassFixture<LineAlone>
{
    private const string Hanako = "U1234567890abcdef1234567890abcdef";

    private static readonly DateOnly First = new(2026, 11, 30);
    private static readonly DateOnly Last = new(2026, 12, 1);

    private readonly LineAlone coop;
    private readonly int before;

    public Asking_LINE(LineAlone coop)
    {
        (this.coop, before) = (coop, coop.Line.Calls.Count);
        coop.Line.Trouble.Clear();
    }

    /// <summary>Each question, with answers that are none of 200, and refusals that mean nothing to it.</summary>
    public static MatrixTheoryData<LineCall, string> Nonsense => new(
        [LineCall.Quota, LineCall.Consumption, LineCall.FollowerIds, LineCall.Validate, LineCall.Insight],
        [
            "200 <html>Wi-Fi login</html>", "200 ", "200 []", "200 null", "200 {\"a\":", "202 {}", "302 {}", "307 {}", "401 {\"message\":\"x\"}",
            "404 {\"message\":\"x\"}", "429 {\"message\":\"x\"}", "500 {\"message\":\"x\"}",
        ]);

    [Theory, MemberData(nameof(Nonsense))]
    public async Task An_answer_that_is_not_LINE_s_word_tells_nothing(LineCall call, string answer)
    {
        coop.Line.Trouble.AnswerWith(
            call, int.Parse(answer[..3], null), answer[4..], "application/json; charset=no-such-set", "/v2/bot/elsewhere", Trouble.Always);

        await AssertUnavailable(coop, call);

        Assert.Contains(Calls, made => made.Name == call);
        Assert.DoesNotContain(Calls, made => made.Path.EndsWith("elsewhere", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(LineCall.Quota)]
    [InlineData(LineCall.Consumption)]
    [InlineData(LineCall.FollowerIds)]
    [InlineData(LineCall.Validate)]
    [InlineData(LineCall.Insight)]
    public async Task Nor_does_one_that_does_not_come(LineCall call)
    {
        await using var hasty = await LineAlone.Start(timeout: TimeSpan.FromMilliseconds(500));
        using var hold = hasty.Line.Trouble.Hold(call);

        await AssertUnavailable(hasty, call);

        Assert.InRange(hasty.Line.Calls.Count(made => made.Name == call), 0, 1); // no time for a quick repeat
    }

    [Theory]
    [InlineData(LineCall.Quota, 202, """{"type":"none"}""")]
    [InlineData(LineCall.Quota, 404, """{"type":"none"}""")]
    [InlineData(LineCall.Consumption, 202, """{"totalUsage":0}""")]
    [InlineData(LineCall.FollowerIds, 202, """{"userIds":[]}""")]
    [InlineData(LineCall.FollowerIds, 404, """{"userIds":[]}""")]
    [InlineData(LineCall.Validate, 202, "{}")]
    [InlineData(LineCall.Insight, 202, """{"overview":{}}""")]
    [InlineData(LineCall.Insight, 404, """{"overview":{}}""")]
    public async Task Nor_does_a_good_one_with_another_status(LineCall call, int status, string body)
    {
        coop.Line.Trouble.AnswerWith(call, status, body);

        await AssertUnavailable(coop, call);
    }

    [Fact]
    public async Task The_month_s_limit_and_what_is_used_of_it()
    {
        await using var own = await LineAlone.Start();
        Assert.Equal(new QuotaOutcome.Known(null, 0), await own.Client.Quota());

        own.Line.MonthlyLimit = 30_000;
        var friends = await own.Friends(3);
        await own.Client.Multicast(Encoding.UTF8.GetBytes(
            $$"""{"to":["{{friends[0].UserId}}","{{friends[1].UserId}}"],"messages":[{"type":"text","text":"お知らせ"}]}"""), Guid.NewGuid());
        own.Clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal(new QuotaOutcome.Known(30_000, 2), await own.Client.Quota());
    }

    [Theory]
    [InlineData("""{"type":"none","value":5}""", """{"totalUsage":7}""", null, 7L)]
    [InlineData("""{"type":"limited","value":0}""", """{"totalUsage":0}""", 0L, 0L)]
    [InlineData("""{"new":{},"value":5000000000,"type":"limited"}""", """{"totalUsage":6000000000,"new":[]}""", 5_000_000_000, 6_000_000_000)]
    public async Task However_large_it_is(string quota, string consumption, long? limit, long used)
    {
        coop.Line.Trouble.AnswerWith(LineCall.Quota, 200, quota);
        coop.Line.Trouble.AnswerWith(LineCall.Consumption, 200, consumption);

        Assert.Equal(new QuotaOutcome.Known(limit, used), await coop.Client.Quota());
    }

    [Theory]
    [InlineData("""{"type":"limited"}""", """{"totalUsage":0}""")]
    [InlineData("""{"type":"limited","value":null}""", """{"totalUsage":0}""")]
    [InlineData("""{"type":"limited","value":-1}""", """{"totalUsage":0}""")]
    [InlineData("""{"type":"limited","value":"5"}""", """{"totalUsage":0}""")]
    [InlineData("""{"type":"limited","value":1.5}""", """{"totalUsage":0}""")]
    [InlineData("""{"type":"limited","value":99999999999999999999}""", """{"totalUsage":0}""")]
    [InlineData("""{"type":"unlimited"}""", """{"totalUsage":0}""")]
    [InlineData("""{"value":5}""", """{"totalUsage":0}""")]
    [InlineData("{}", """{"totalUsage":0}""")]
    [InlineData("""{"type":"none"}""", "{}")]
    [InlineData("""{"type":"none"}""", """{"totalUsage":-1}""")]
    [InlineData("""{"type":"none"}""", """{"totalUsage":null}""")]
    [InlineData("""{"type":"none"}""", """{"totalUsage":"7"}""")]
    public async Task Half_a_limit_is_none(string quota, string consumption)
    {
        coop.Line.Trouble.AnswerWith(LineCall.Quota, 200, quota);
        coop.Line.Trouble.AnswerWith(LineCall.Consumption, 200, consumption);

        Assert.Equal(new QuotaOutcome.Unavailable(), await coop.Client.Quota());
    }

    [Fact]
    public async Task Friends_come_in_pages()
    {
        await using var own = await LineAlone.Start();
        var friends = (await own.Friends(1001)).Select(friend => friend.UserId).Order(StringComparer.Ordinal).ToArray();

        var first = Assert.IsType<FollowersOutcome.Page>(await own.Client.Followers(null));
        var second = Assert.IsType<FollowersOutcome.Page>(await own.Client.Followers(first.Next));

        Assert.Equal(1000, first.Accounts.Length);
        Assert.Equal(friends, first.Accounts.Concat(second.Accounts));
        Assert.Null(second.Next);
    }

    [Fact]
    public async Task What_continues_a_page_is_sent_as_LINE_gave_it()
    {
        const string Odd = "a+/=&limit=1 %日";
        coop.Line.Trouble.AnswerWith(LineCall.FollowerIds, 200, $$"""{"userIds":["{{Hanako}}"],"next":"{{Odd}}"}""");
        coop.Line.Trouble.AnswerWith(LineCall.FollowerIds, 200, """{"userIds":[],"next":null}""");

        var first = Assert.IsType<FollowersOutcome.Page>(await coop.Client.Followers(null));
        var second = Assert.IsType<FollowersOutcome.Page>(await coop.Client.Followers(first.Next));

        Assert.Equal([Hanako], first.Accounts);
        Assert.Equal(Odd, first.Next);
        Assert.Empty(second.Accounts);
        Assert.Null(second.Next);
        Assert.Equal(["?limit=1000", "?limit=1000&start=" + Uri.EscapeDataString(Odd)], Calls.Select(call => call.Query));
    }

    [Fact]
    public async Task A_continuation_that_LINE_does_not_take_means_to_begin_anew()
    {
        Assert.Equal(new FollowersOutcome.Expired(), await coop.Client.Followers("long ago"));

        coop.Line.Trouble.Answer(LineCall.FollowerIds, 400, "The property, 'limit', in the request body is invalid");
        Assert.Equal(new FollowersOutcome.Unavailable(), await coop.Client.Followers(null)); // it began there already
    }

    [Theory]
    [InlineData(null)]
    [InlineData("next")]
    public async Task Not_every_account_may_ask_who_its_friends_are(string? start)
    {
        coop.Line.Trouble.Answer(LineCall.FollowerIds, 403, "Access to this API is not available for your account");

        Assert.Equal(new FollowersOutcome.NotAllowed(), await coop.Client.Followers(start));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"userIds":null}""")]
    [InlineData("""{"userIds":{"0":"U1234567890abcdef1234567890abcdef"}}""")]
    [InlineData("""{"userIds":["U1234567890abcdef1234567890abcdef","U1234567890ABCDEF1234567890ABCDEF"]}""")]
    [InlineData("""{"userIds":["U1234567890abcdef1234567890abcdef\n"]}""")]
    [InlineData("""{"userIds":["\ud800"]}""")]
    [InlineData("""{"userIds":[null]}""")]
    [InlineData("""{"userIds":[["U1234567890abcdef1234567890abcdef"]]}""")]
    [InlineData("""{"userIds":["U1234567890abcdef1234567890abcdef"],"next":""}""")]
    [InlineData("""{"userIds":["U1234567890abcdef1234567890abcdef"],"next":7}""")]
    [InlineData("""{"userIds":["U1234567890abcdef1234567890abcdef"],"next":"\ud800"}""")]
    public async Task A_page_that_cannot_be_read_whole_is_not_read(string page)
    {
        coop.Line.Trouble.AnswerWith(LineCall.FollowerIds, 200, page);

        Assert.Equal(new FollowersOutcome.Unavailable(), await coop.Client.Followers(null));
    }

    [Fact]
    public async Task Messages_are_looked_at_and_left_as_they_are()
    {
        JsonArray good = [new JsonObject { ["type"] = "text", ["text"] = "お知らせ" }];
        JsonArray bad = [new JsonObject { ["type"] = "text", ["text"] = "" }, new JsonObject { ["type"] = "hologram2027" }];
        var body = new JsonObject { ["messages"] = good };

        Assert.Equal(new ValidationOutcome.Valid(), await coop.Client.Validate(good));
        var faults = Assert.IsType<ValidationOutcome.Invalid>(await coop.Client.Validate(bad)).Faults;

        Assert.Equal(["messages[0].text", "messages[1].type"], faults.Select(fault => fault.Split(": ")[0]));
        Assert.All(faults, fault => Assert.NotEmpty(fault.Split(": ")[1]));
        Assert.Same(body, good.Parent);
        Assert.All(Calls, call => Assert.Equal("/v2/bot/message/validate/multicast", call.Path));
        Assert.All(Calls, call => Assert.Null(call.RetryKey)); // LINE refuses one here
    }

    [Theory]
    [InlineData("""{"message":"The property, 'messages', in the request body is invalid"}""", "The property, 'messages', in the request body is invalid")]
    [InlineData("""{"message":"x","details":[]}""", "x")]
    [InlineData("""{"message":"x","details":[{},{"message":"","property":null},7]}""", "x")]
    [InlineData("""{"message":"x","details":[{"message":"too long"},{"property":"messages"},{"message":"a","property":"b"}]}""", "too long|messages|b: a")]
    public async Task Faults_are_told_in_LINE_s_words(string answer, string faults)
    {
        coop.Line.Trouble.AnswerWith(LineCall.Validate, 400, answer);

        var invalid = Assert.IsType<ValidationOutcome.Invalid>(await coop.Client.Validate([]));

        Assert.Equal(faults.Split('|'), invalid.Faults);
    }

    [Theory]
    [InlineData(400, "<html>Bad Request</html>")]
    [InlineData(400, "{}")]
    [InlineData(400, """{"message":"","details":[{}]}""")]
    [InlineData(403, """{"message":"Access to this API is not available for your account"}""")]
    public async Task A_refusal_without_a_fault_says_nothing_about_the_messages(int status, string answer)
    {
        coop.Line.Trouble.AnswerWith(LineCall.Validate, status, answer);

        Assert.Equal(new ValidationOutcome.Unavailable(), await coop.Client.Validate([]));
    }

    [Fact]
    public async Task Opened_and_clicked_is_known_of_twenty_persons_or_more()
    {
        var friends = await coop.Friends(21);
        await coop.Client.Multicast(Encoding.UTF8.GetBytes(
            $$"""{"to":["{{string.Join("\",\"", friends.Select(friend => friend.UserId))}}"],"messages":[{"type":"text","text":"お知らせ"}],"customAggregationUnits":["tofu_1"]}"""), Guid.NewGuid());
        foreach (var friend in friends) friend.Open(friend.Messages.Single());
        foreach (var friend in friends.Take(19)) friend.Click(friend.Messages.Single());

        Assert.Equal(new StatisticsOutcome.Known(21, null), await coop.Client.Statistics("tofu_1", First, Last));
        friends[20].Click(friends[20].Messages.Single());
        Assert.Equal(new StatisticsOutcome.Known(21, 20), await coop.Client.Statistics("tofu_1", First, Last));
        Assert.Equal("?customAggregationUnit=tofu_1&from=20261130&to=20261201", Calls[^1].Query);
    }

    [Theory]
    [InlineData("{}", null, null)]
    [InlineData("""{"uniqueClick":0}""", null, 0L)]
    [InlineData("""{"uniqueImpression":5000000000,"uniqueClick":null}""", 5_000_000_000, null)]
    public async Task What_LINE_leaves_out_is_not_known(string overview, long? opened, long? clicked)
    {
        coop.Line.Trouble.AnswerWith(LineCall.Insight, 200, $$"""{"overview":{{overview}},"messages":[]}""");

        Assert.Equal(new StatisticsOutcome.Known(opened, clicked), await coop.Client.Statistics("a&to=1", First, Last));
        Assert.Equal("?customAggregationUnit=a%26to%3D1&from=20261130&to=20261201", Calls[^1].Query);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"overview":null}""")]
    [InlineData("""{"overview":[]}""")]
    [InlineData("""{"overview":{"uniqueImpression":-1,"uniqueClick":1}}""")]
    [InlineData("""{"overview":{"uniqueImpression":20,"uniqueClick":"20"}}""")]
    [InlineData("""{"overview":{"uniqueImpression":20.5,"uniqueClick":20}}""")]
    public async Task Numbers_that_are_none_tell_nothing(string answer)
    {
        coop.Line.Trouble.AnswerWith(LineCall.Insight, 200, answer);

        Assert.Equal(new StatisticsOutcome.Unavailable(), await coop.Client.Statistics("tofu", First, Last));
    }

    private RecordedCall[] Calls => [.. coop.Line.Calls.Skip(before)];

    private static async Task AssertUnavailable(LineAlone at, LineCall call)
    {
        object outcome = call switch
        {
            LineCall.FollowerIds => await at.Client.Followers("next"),
            LineCall.Validate => await at.Client.Validate([]),
            LineCall.Insight => await at.Client.Statistics("tofu", First, Last),
            _ => await at.Client.Quota(),
        };
        Assert.Equal("Unavailable", outcome.GetType().Name);
    }
}

using System.Text;
using CoopLine.Grains.Line;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Line;

/// <summary>A call that sends to many: what LINE gets, and what each of its answers means.</summary>
[NoDatabase]
public sealed class Sending_by_Multicast : IClassFixture<LineAlone>
{
    private const string Hanako = "U1234567890abcdef1234567890abcdef";

    private readonly LineAlone coop;
    private readonly int before;
    private readonly Guid key = Guid.NewGuid();

    public Sending_by_Multicast(LineAlone coop)
    {
        (this.coop, before) = (coop, coop.Line.Calls.Count);
        coop.Line.Trouble.Clear();
    }

    [Fact]
    public async Task The_bytes_arrive_as_they_are_with_the_key_on_the_first_try()
    {
        var friends = await coop.Friends(2);
        var body = Encoding.UTF8.GetBytes(
            $$"""{ "messages" : [{"text":"\u304a知らせ😀 \/","type":"text"}],"to":["{{friends[0].UserId}}", "{{friends[1].UserId}}"],"notificationDisabled":false }""" + "\n");

        var outcome = await coop.Client.Multicast(body, key);

        Assert.Equal(new MulticastOutcome.Accepted(), outcome);
        Assert.Equal([1, 1], friends.Select(friend => friend.Messages.Count));
        var call = Assert.Single(Calls);
        Assert.Equal(body, call.Bytes.ToArray());
        Assert.Equal(key.ToString("D"), call.RetryKey);
        Assert.Equal("application/json", call.Headers["Content-Type"]);
        Assert.Equal($"{body.Length}", call.Headers["Content-Length"]);
        Assert.DoesNotContain("Transfer-Encoding", call.Headers.Keys);
    }

    [Fact]
    public async Task Quick_repeats_change_neither_bytes_nor_key_and_it_arrives_once()
    {
        var friends = await coop.Friends(3);
        coop.Line.Trouble.Fail(LineCall.Multicast);
        coop.Line.Trouble.DropAfter(LineCall.Multicast);

        var outcome = await coop.Client.Multicast(Body(friends), key);

        Assert.Equal(new MulticastOutcome.Accepted(), outcome);
        Assert.Equal([500, 200, 409], Calls.Select(call => call.Status));
        Assert.All(Calls, call => Assert.Equal(Calls[0].Bytes.ToArray(), call.Bytes.ToArray()));
        Assert.All(Calls, call => Assert.Equal(key.ToString("D"), call.RetryKey));
        Assert.All(friends, friend => Assert.Single(friend.Messages));
    }

    [Fact]
    public async Task Nor_does_a_token_that_is_renewed()
    {
        await using var issued = await LineAlone.Start(token: null);
        var friends = await issued.Friends(1);
        issued.Line.Trouble.Answer(LineCall.Multicast, 401, "Authentication failed");

        var outcome = await issued.Client.Multicast(Body(friends), key);

        var calls = issued.Line.Calls.Where(call => call.Name == LineCall.Multicast).ToArray();
        Assert.Equal(new MulticastOutcome.Accepted(), outcome);
        Assert.Equal([401, 200], calls.Select(call => call.Status));
        Assert.NotEqual(calls[0].Headers["Authorization"], calls[1].Headers["Authorization"]);
        Assert.Equal(calls[0].Bytes.ToArray(), calls[1].Bytes.ToArray());
        Assert.All(calls, call => Assert.Equal(key.ToString("D"), call.RetryKey));
    }

    [Fact]
    public async Task One_that_was_not_answered_in_time_is_settled_by_the_same_key()
    {
        await using var hasty = await LineAlone.Start(timeout: TimeSpan.FromSeconds(2));
        var friends = await hasty.Friends(2);
        await hasty.Client.Multicast(Body([Hanako]), Guid.NewGuid()); // the connection is there
        var hold = hasty.Line.Trouble.Hold(LineCall.Multicast);

        var first = await hasty.Client.Multicast(Body(friends), key);
        Assert.Single(hasty.Line.Calls, call => call.RetryKey == $"{key:D}"); // no time for a quick repeat
        hold.Dispose(); // and LINE takes it
        await hasty.Line.WaitForCall(call => call is { Status: 200 } && call.RetryKey == $"{key:D}", "the call that nobody waited for");
        var second = await hasty.Client.Multicast(Body(friends), key);

        Assert.Equal(new MulticastOutcome.Unknown(), first);
        Assert.Equal(new MulticastOutcome.Accepted(), second);
        Assert.All(friends, friend => Assert.Single(friend.Messages));
    }

    [Fact]
    public async Task The_recipient_that_LINE_does_not_take_is_named_and_nobody_gets_it()
    {
        var friends = await coop.Friends(2);

        var outcome = await coop.Client.Multicast(Body([friends[0].UserId, "Uxyz", friends[1].UserId]), key);

        Assert.Equal(new MulticastOutcome.BadRecipient(1), outcome);
        Assert.All(friends, friend => Assert.Empty(friend.Messages));
    }

    [Theory]
    [InlineData("""{"message":"The request body has 1 error(s)","details":[{"message":"invalid","property":"to[499]"}]}""", 499)]
    [InlineData("""{"message":"The request body has 1 error(s)","details":[{"property":"to[0]"}]}""", 0)]
    [InlineData("""{"message":"The request body has 1 error(s)","details":[{"message":"Size must be between 1 and 500","property":"to"}]}""", null)]
    [InlineData("""{"message":"x","details":[{"property":"messages[0].text"},{"property":"to"},{"property":"to[7]"}]}""", 7)]
    [InlineData("""{"message":"The property, 'to[12]', in the request body is invalid (line: -, column: -)"}""", 12)]
    [InlineData("""{"message":"The property, 'to', in the request body is invalid (line: -, column: -)","details":[]}""", null)]
    [InlineData("""{"message":"The property, to[3], in the request body is invalid (line: 1, column: 9)"}""", 3)]
    public async Task However_LINE_says_it(string body, int? position)
    {
        coop.Line.Trouble.AnswerWith(LineCall.Multicast, 400, body);

        Assert.Equal(new MulticastOutcome.BadRecipient(position), await Send());
    }

    [Fact]
    public async Task Content_that_LINE_does_not_take_is_told_in_its_words()
    {
        var outcome = await coop.Client.Multicast("""{"to":["U1234567890abcdef1234567890abcdef"],"messages":[{"type":"text","text":""}]}"""u8.ToArray(), key);

        Assert.Contains("messages[0].text", Assert.IsType<MulticastOutcome.BadMessage>(outcome).Words, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(400, """{"message":"The request body has 1 error(s)","details":[{"property":"to[1000]"}]}""")]
    [InlineData(400, """{"message":"x","details":[{"property":"token"},{"property":"to[1].x"},{"property":"x.to[1]"},{"property":"to[a]"},{"property":"to[1]\n"},{"property":7},"to"]}""")]
    [InlineData(400, """{"message":"The property, 'token', in the request body is invalid","details":{"property":"to[1]"}}""")]
    [InlineData(400, """{"message":"The property, 'messages[0].to[1]', in the request body is invalid"}""")]
    [InlineData(400, """{"message":"\ud800"}""")]
    [InlineData(400, "[]")]
    [InlineData(400, "")]
    [InlineData(400, "<html>Bad Request</html>")]
    [InlineData(404, """{"message":"The property, 'to[1]', in the request body is invalid"}""")]
    [InlineData(410, "{}")]
    [InlineData(411, "{}")]
    [InlineData(413, "{}")]
    [InlineData(415, "{}")]
    public async Task Every_other_refusal_is_of_the_content(int status, string body)
    {
        coop.Line.Trouble.AnswerWith(LineCall.Multicast, status, body);

        Assert.Equal(new MulticastOutcome.BadMessage(body.Replace('\n', ' ')), await Send());
        Assert.Single(Calls);
    }

    [Fact]
    public async Task LINE_s_words_are_one_line_without_anybody_s_data_and_not_too_long()
    {
        coop.Line.Trouble.AnswerWith(LineCall.Multicast, 400, $"a\0b\r\n{Hanako} 090-1234-5678 {new string('…', 600)}");
        coop.Line.Trouble.AnswerWith(LineCall.Multicast, 400, new string('…', 490) + Hanako);
        coop.Line.Trouble.AnswerWith(LineCall.Multicast, 400, new string('…', 499) + "😀");

        Assert.Equal(new MulticastOutcome.BadMessage("a b  *** *** " + new string('…', 487)), await Send());
        Assert.Equal(new MulticastOutcome.BadMessage(new string('…', 490) + "***"), await Send());
        Assert.Equal(new MulticastOutcome.BadMessage(new string('…', 499)), await Send());
    }

    [Fact]
    public async Task Too_many_calls_say_nothing_of_the_month()
    {
        coop.Line.Trouble.RateLimit(LineCall.Multicast);
        coop.Line.Trouble.AnswerWith(LineCall.Multicast, 429, "<html>Too Many Requests</html>", "text/html");

        Assert.Equal(new MulticastOutcome.RateLimited(), await Send());
        Assert.Equal(new MulticastOutcome.RateLimited(), await Send());

        Assert.False(coop.Monthly.Forbids());
        Assert.Equal(2, Calls.Length); // none of them twice
    }

    [Fact]
    public async Task Over_the_month_s_limit_LINE_is_asked_all_the_same_and_only_what_it_takes_now_lifts_it()
    {
        await using var limited = await LineAlone.Start();
        limited.Line.MonthlyLimit = 3;
        var friends = await limited.Friends(2);
        Assert.Equal(new MulticastOutcome.Accepted(), await Send(key));

        Assert.Equal(new MulticastOutcome.OverMonthlyLimit(), await Send(Guid.NewGuid()));
        Assert.True(limited.Monthly.Forbids());

        Assert.Equal(new MulticastOutcome.Accepted(), await Send(key)); // taken earlier: 409
        Assert.True(limited.Monthly.Forbids());

        limited.Line.MonthlyLimit = 4;
        Assert.Equal(new MulticastOutcome.Accepted(), await Send(Guid.NewGuid()));
        Assert.False(limited.Monthly.Forbids());

        Task<MulticastOutcome> Send(Guid one) => limited.Client.Multicast(Body(friends), one);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task An_account_that_may_not_send_is_told_apart(int status)
    {
        coop.Line.Trouble.Answer(LineCall.Multicast, status, "Access to this API is not available for your account");

        Assert.Equal(new MulticastOutcome.NotAuthorized(), await Send());
    }

    [Fact]
    public async Task As_is_a_token_that_LINE_does_not_know()
    {
        await using var other = await LineAlone.Start(token: "another");

        Assert.Equal(new MulticastOutcome.NotAuthorized(), await other.Client.Multicast(Body([Hanako]), key));
    }

    [Theory]
    [InlineData(200, "<html>Wi-Fi login</html>", "text/html; charset=no-such-set")]
    [InlineData(200, "", "application/json")]
    [InlineData(200, "[]", "application/json")]
    [InlineData(200, "{\"a\":", "application/json")]
    [InlineData(202, "{}", "application/json")]
    [InlineData(301, "{}", "application/json")]
    [InlineData(302, "{}", "application/json")]
    [InlineData(307, "{}", "application/json")]
    [InlineData(408, "{}", "application/json")]
    [InlineData(500, "{}", "application/json")]
    [InlineData(503, "<html>Service Unavailable</html>", "text/html")]
    public async Task Of_an_answer_that_is_not_LINE_s_word_nobody_knows_what_it_means(int status, string body, string contentType)
    {
        coop.Line.Trouble.AnswerWith(LineCall.Multicast, status, body, contentType, location: "/v2/bot/elsewhere", times: Trouble.Always);

        Assert.Equal(new MulticastOutcome.Unknown(), await Send());

        Assert.DoesNotContain(Calls, call => call.Path.EndsWith("elsewhere", StringComparison.Ordinal));
        Assert.False(coop.Monthly.Forbids());
    }

    [Fact]
    public async Task Nor_when_every_connection_is_cut()
    {
        coop.Line.Trouble.DropBefore(LineCall.Multicast, Trouble.Always);

        Assert.Equal(new MulticastOutcome.Unknown(), await Send());
    }

    [Fact]
    public async Task Whoever_stops_waiting_himself_is_told_nothing()
    {
        await using var own = await LineAlone.Start(); // LINE takes the call when the test is over
        var friends = await own.Friends(1);
        using var stop = new CancellationTokenSource();
        using var hold = own.Line.Trouble.Hold(LineCall.Multicast);
        var sending = own.Client.Multicast(Body(friends), key, stop.Token);
        await own.Line.WaitForCall(call => call.RetryKey == $"{key:D}", "the call");

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
    }

    private RecordedCall[] Calls => [.. coop.Line.Calls.Skip(before)];

    private Task<MulticastOutcome> Send() => coop.Client.Multicast(Body([Hanako]), key);

    private static byte[] Body(SimulatedPhone[] to) => Body([.. to.Select(phone => phone.UserId)]);

    private static byte[] Body(string[] to) => Encoding.UTF8.GetBytes(
        $$"""{"to":["{{string.Join("\",\"", to)}}"],"messages":[{"type":"text","text":"お知らせ"}]}""");
}

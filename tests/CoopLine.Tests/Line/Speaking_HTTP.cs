using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoopLine.Grains.Line;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Line;

/// <summary>What LINE sees of our calls, and what becomes of answers that LINE would not give.</summary>
[Collection(typeof(RequestHost))]
public sealed class Speaking_HTTP(RunningSystem coop)
{
    private const string Html = "<html><body>Wi-Fi login</body></html>";

    /// <summary>Answers of 200 that are none.</summary>
    public static TheoryData<string, string> Nonsense() => new()
    {
        { Html, "text/html" },
        { Html, "text/html; charset=no-such-set" },
        { "[]", "application/json" },
        { "{}", "application/json" },
        { "", "application/json" },
        { "null", "application/json" },
        { "{\"sub\":null,\"linkToken\":null}", "application/json" },
        { "{\"sub\":7,\"linkToken\":7}", "application/json" },
        { "{\"sub\":\"\\ud800\",\"linkToken\":\"\\ud800\"}", "application/json" },
        { "{\"sub\":\"\",\"linkToken\":\"\"}", "application/json" },
        { Padded(LineCaller.AnswerLimitBytes), "application/json" },
    };

    [Fact]
    public async Task A_call_is_written_whole_says_who_calls_and_keeps_our_traces_to_itself()
    {
        var (phone, member) = await coop.Newcomer();
        await coop.Link(phone, member);
        await phone.WaitForMessage("連携が完了しました");
        using (await coop.Member(phone).GetAsync("/coupons/available")) { }

        var calls = coop.Line.Calls.Where(call => Concerns(call, phone) || call.Name == LineCall.VerifyIdToken).ToArray();

        Assert.Superset(
            new HashSet<LineCall> { LineCall.Reply, LineCall.Push, LineCall.LinkToken, LineCall.LinkRichMenu, LineCall.VerifyIdToken },
            calls.Select(call => call.Name).ToHashSet());
        foreach (var call in calls)
        {
            Assert.DoesNotContain("Transfer-Encoding", call.Headers.Keys);
            if (call.Method == "POST") Assert.Equal($"{call.Bytes.Length}", call.Headers["Content-Length"]);
            Assert.Matches("^CoopLine/[0-9.]+$", call.Headers["User-Agent"]);
            Assert.Empty(call.Headers.Keys.Intersect(["traceparent", "tracestate", "baggage", "Request-Id", "Correlation-Context"], StringComparer.OrdinalIgnoreCase));
        }
    }

    [Theory]
    [InlineData(301)]
    [InlineData(307)]
    public async Task A_redirect_is_not_followed_and_what_it_answers_is_not_done(int status)
    {
        var (phone, member) = await coop.Newcomer();
        var dialog = await coop.FillInForm(phone, member);
        coop.Line.Trouble.AnswerWith(LineCall.Push, status, "", location: "/v2/bot/elsewhere");

        await coop.Line.OpenAccountLinkDialog(dialog, phone.UserId);
        await coop.Line.WaitForCall(call => call.Name == LineCall.Push && Concerns(call, phone), "the push that is redirected");
        await coop.SenderIsIdle(phone);
        coop.Clock.Advance(TimeSpan.FromSeconds(61));
        await phone.WaitForMessage("連携が完了しました");

        Assert.DoesNotContain(coop.Line.Calls, call => call.Path.EndsWith("elsewhere", StringComparison.Ordinal));
        Assert.Equal(1, phone.Count("連携が完了しました"));
    }

    [Theory, MemberData(nameof(Nonsense))]
    public async Task An_id_token_that_nobody_verified_is_503(string body, string contentType)
    {
        var (phone, _) = await coop.LinkedFriend();
        coop.Line.Trouble.AnswerWith(LineCall.VerifyIdToken, 200, body, contentType, times: Trouble.Always);

        var (status, reason) = await SignIn(phone);
        coop.Line.Trouble.Clear();

        Assert.Equal((HttpStatusCode.ServiceUnavailable, "lineUnavailable"), (status, reason));
    }

    [Theory]
    [InlineData(302, HttpStatusCode.ServiceUnavailable)]
    [InlineData(403, HttpStatusCode.ServiceUnavailable)]
    [InlineData(404, HttpStatusCode.ServiceUnavailable)]
    [InlineData(400, HttpStatusCode.Unauthorized)]
    public async Task Only_LINE_s_own_refusal_of_a_token_makes_the_member_sign_in_again(int status, HttpStatusCode expected)
    {
        var (phone, _) = await coop.LinkedFriend();
        coop.Line.Trouble.AnswerWith(LineCall.VerifyIdToken, status, Html, "text/html; charset=no-such-set");

        Assert.Equal(expected, (await SignIn(phone)).Status);
    }

    [Theory]
    [InlineData("aud", "\"9999999999\"", HttpStatusCode.Unauthorized)]
    [InlineData("aud", "null", HttpStatusCode.ServiceUnavailable)]
    [InlineData("exp", "1", HttpStatusCode.Unauthorized)]
    [InlineData("exp", "\"soon\"", HttpStatusCode.ServiceUnavailable)]
    [InlineData("exp", "99999999999999999999", HttpStatusCode.ServiceUnavailable)]
    [InlineData("sub", "\"u1234567890abcdef1234567890abcdef\"", HttpStatusCode.ServiceUnavailable)]
    [InlineData("sub", "\"U1234567890abcdef1234567890abcdef\\n\"", HttpStatusCode.ServiceUnavailable)]
    [InlineData("sub", "\"somebody\"", HttpStatusCode.ServiceUnavailable)]
    [InlineData("name", "\"\\ud800\"", HttpStatusCode.OK)]
    public async Task Claims_are_looked_at_here_too(string claim, string value, HttpStatusCode expected)
    {
        var (phone, _) = await coop.LinkedFriend();
        var claims = new JsonObject
        {
            ["sub"] = phone.UserId,
            ["aud"] = coop.Line.Options.LoginChannelId,
            ["exp"] = coop.Clock.GetUtcNow().AddHours(1).ToUnixTimeSeconds(),
        };
        claims.Remove(claim);
        var body = claims.ToJsonString()[..^1] + $",\"{claim}\":{value}}}";
        coop.Line.Trouble.AnswerWith(LineCall.VerifyIdToken, 200, body);

        Assert.Equal(expected, (await SignIn(phone)).Status);
    }

    [Theory, MemberData(nameof(Nonsense))]
    public async Task A_link_token_that_cannot_be_read_is_503_and_the_form_stays(string body, string contentType)
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);
        coop.Line.Trouble.AnswerWith(LineCall.LinkToken, 200, body, contentType, times: Trouble.Always);

        var answer = await coop.Answer(page, member);
        coop.Line.Trouble.Clear();
        var again = await coop.Answer(page, member);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.Status);
        Assert.Contains("LINEにつながりませんでした", answer.Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.SeeOther, again.Status);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(403)]
    [InlineData(404)]
    public async Task A_member_who_has_blocked_the_account_is_told_how_to_unblock_it(int status)
    {
        var (phone, member) = await coop.Newcomer();
        var page = await coop.OpenPage(phone);
        coop.Line.Trouble.Answer(LineCall.LinkToken, status, "Not found");

        var blocked = await coop.Answer(page, member);
        var again = await coop.Answer(page, member);

        Assert.Equal(HttpStatusCode.Conflict, blocked.Status);
        Assert.Contains("ブロック解除", blocked.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("少し待ってから", blocked.Text, StringComparison.Ordinal);
        Assert.Contains(member.Number, blocked.Text, StringComparison.Ordinal); // what was typed is still there
        Assert.Equal(HttpStatusCode.SeeOther, again.Status); // it costs no try, and the session stands
    }

    private async Task<(HttpStatusCode Status, string? Reason)> SignIn(SimulatedPhone phone)
    {
        using var answer = await coop.Member(phone).GetAsync("/coupons/available");
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return (answer.StatusCode, body.TryGetProperty("reason", out var reason) ? reason.GetString() : null);
    }

    private static bool Concerns(RecordedCall call, SimulatedPhone phone) =>
        call.Path.Contains(phone.UserId, StringComparison.Ordinal) || call.Body.Contains(phone.UserId, StringComparison.Ordinal)
        || call.Name == LineCall.Reply;

    private static string Padded(int bytes) =>
        $$"""{"sub":"U1234567890abcdef1234567890abcdef","aud":"1","exp":99999999999,"linkToken":"a","pad":"{{new string('x', bytes)}}"}""";
}

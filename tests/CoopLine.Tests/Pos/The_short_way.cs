using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Pos;

/// <summary>
/// A request that is in order takes a short way to its answer, and every other the long one. From outside the two differ in one
/// thing: the short way tells the answer's length before it.
/// </summary>
[OneDatabase]
[Collection(typeof(RequestHost))]
public sealed partial class The_short_way(RunningSystem coop)
{
    /// <summary>JSON like any other, said in a way that only the long way knows.</summary>
    private const string Long = "application/json; charset=UTF-8";

    private static readonly string[] Short = ["application/json", "application/json; charset=utf-8"];

    [Fact]
    public async Task Both_ways_answer_the_same()
    {
        var (phone, _) = await coop.LinkedFriend();
        var (tofu, used) = (await coop.Publish(), await coop.Publish());
        await coop.Use(phone, used);
        var sale = coop.Sale(await coop.ShowCode(phone, tofu));
        var another = coop.Sale(await coop.ShowCode(phone, tofu)) with { receipt = sale.receipt };
        var late = coop.Sale(sale.code, purchased: TimeSpan.FromMinutes(-11));
        var elsewhere = coop.Sale(sale.code, "0456");

        await Compare("/pos/v1/evaluations", sale, HttpStatusCode.OK);
        await coop.Redeem(sale);
        await Compare("/pos/v1/redemptions", sale, HttpStatusCode.OK);
        await Compare("/pos/v1/evaluations", sale, HttpStatusCode.OK);
        await Compare("/pos/v1/redemptions", coop.Sale("2912345678906"), HttpStatusCode.OK);
        await Compare("/pos/v1/redemptions", coop.Sale(sale.code), HttpStatusCode.OK);
        await Compare("/pos/v1/redemptions", coop.Sale(sale.code, lines: [Sale.Line(1, unitPrice: 0), Sale.Line(2)]), HttpStatusCode.OK);
        await Compare("/pos/v1/redemptions", another with { lines = [Sale.Line(7)] }, HttpStatusCode.UnprocessableEntity);
        await Compare("/pos/v1/redemptions", late, HttpStatusCode.BadRequest);
        await Compare("/pos/v1/redemptions", elsewhere, HttpStatusCode.Forbidden);
    }

    [Theory]
    [InlineData("\"code\":\"2912345678906\"", "\"code\":\"291234567890\"")]
    [InlineData("\"code\":\"2912345678906\"", "\"code\":2912345678906")]
    [InlineData("\"code\":\"2912345678906\"", "\"code\":\"2912345678906\",\"code\":\"2912345678906\"")]
    [InlineData("\"code\":\"2912345678906\"", "\"code\":\"2912345678906\\ud800\"")]
    [InlineData("\"quantity\":2", "\"quantity\":null")]
    [InlineData("\"quantity\":2", "\"quantity\":2,\"training\":true")]
    [InlineData("{", "{\"training\":true,")]
    [InlineData("\"quantity\":2", "\"quantity\":\"2\"")]
    [InlineData("\"quantity\":2", "\"quantity\":[2]")]
    [InlineData("\"lines\":[", "\"lines\":[null,")]
    [InlineData("{", "")]
    [InlineData("{", "[{")]
    [InlineData("{", "{/* */")]
    [InlineData("{", "{\n\n,")]
    [InlineData("\"receipt\":{", "\"receipt\":{},\"receit\":{")]
    public async Task What_is_wrong_is_told_in_the_same_words(string good, string bad)
    {
        var body = JsonSerializer.Serialize(coop.Sale("2912345678906"));
        Assert.Contains(good, body, StringComparison.Ordinal);
        body = new Regex(Regex.Escape(good)).Replace(body, bad.Replace("$", "$$", StringComparison.Ordinal), 1);

        foreach (var type in Short)
        {
            var (quick, slow) = (await Ask("/pos/v1/redemptions", body, type), await Ask("/pos/v1/redemptions", body, Long));
            Assert.Equal(HttpStatusCode.BadRequest, quick.Status);
            Assert.Equal(slow, quick);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Bearer")]
    [InlineData("Bearer wrong")]
    [InlineData("Basic dGVzdDp0ZXN0")]
    [InlineData("Bearer " + RunningSystem.StaffKey)]
    public async Task A_request_in_order_without_the_key_of_a_till_uses_nothing(string? authorization)
    {
        var (phone, _) = await coop.LinkedFriend();
        var sale = coop.Sale(await coop.ShowCode(phone, await coop.Publish()));
        using var http = new HttpClient { BaseAddress = coop.Host.Address };
        if (authorization is not null) http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);

        foreach (var path in new[] { "/pos/v1/redemptions", "/pos/v1/evaluations" })
        {
            using var content = new StringContent(JsonSerializer.Serialize(sale), Encoding.UTF8, "application/json");
            using var response = await http.PostAsync(path, content);
            await response.AssertProblem(HttpStatusCode.Unauthorized);
            Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
        }

        Assert.Empty(await coop.LedgerOf(sale));
    }

    [Fact]
    public async Task Requests_in_order_are_limited_too()
    {
        var settings = new Dictionary<string, string?>(coop.Settings("coopline-short-limited"))
        {
            ["CoopLine:RateLimits:TillPerSecond"] = "1",
        };
        await using var limited = await Fixtures.Host.Start(settings, coop.Clock);
        var body = JsonSerializer.Serialize(coop.Sale("2912345678906"));

        var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(async _ =>
        {
            using var content = new StringContent(body, Encoding.UTF8, "application/json");
            return await coop.Till(host: limited).PostAsync("/pos/v1/evaluations", content);
        }));

        Assert.Contains(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        var refused = answers.First(answer => answer.StatusCode == HttpStatusCode.TooManyRequests);
        await refused.AssertProblem(HttpStatusCode.TooManyRequests);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
    }

    [Theory]
    [InlineData("")] // in order
    [InlineData("x")] // not
    public async Task A_body_may_come_in_pieces(string digit)
    {
        var body = JsonSerializer.Serialize(coop.Sale("2912345678906" + digit));
        using var till = await Connect();
        await using var stream = till.GetStream();
        using var answer = new StreamReader(stream, Encoding.UTF8);

        await Send(stream, Head(Short[0], $"Content-Length: {body.Length}\r\nExpect: 100-continue") + body[..20]);
        Assert.Equal("HTTP/1.1 100 Continue", await answer.ReadLineAsync()); // it has begun to read
        Assert.Equal("", await answer.ReadLineAsync());
        await Send(stream, body[20..]);

        Assert.StartsWith(digit is "" ? "HTTP/1.1 200 " : "HTTP/1.1 400 ", await answer.ReadLineAsync(), StringComparison.Ordinal);
        Assert.Contains(digit is "" ? "codeUnknown" : "A code has 13 digits.", await answer.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_that_no_server_can_read_gets_the_same_answer()
    {
        var slow = await Broken(Long);
        Assert.StartsWith("HTTP/1.1 400 ", slow, StringComparison.Ordinal);
        foreach (var type in Short) Assert.Equal(slow, await Broken(type));

        async Task<string> Broken(string type)
        {
            using var till = await Connect();
            await using var stream = till.GetStream();
            await Send(stream, Head(type, "Transfer-Encoding: chunked") + "not a length\r\n");
            using var answer = new StreamReader(stream, Encoding.UTF8);
            return Date().Replace(TraceId().Replace(await answer.ReadToEndAsync(), "trace"), "date");
        }
    }

    [Theory]
    [InlineData(60 * 1024, true)]
    [InlineData(70 * 1024, false)]
    public async Task Long_receipts_are_answered_too(int length, bool quick)
    {
        var body = JsonSerializer.Serialize(coop.Sale("2912345678906")).PadRight(length);

        Assert.Equal(quick, await IsQuick("/pos/v1/evaluations", body, Short[0]));
    }

    [Fact]
    public async Task A_client_that_does_not_tell_the_length_takes_it_as_well()
    {
        using var response = await coop.Till().PostAsJsonAsync("/pos/v1/evaluations", coop.Sale("2912345678906"));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Null(response.Headers.TransferEncodingChunked);
    }

    private async Task Compare(string path, Sale sale, HttpStatusCode status)
    {
        var body = JsonSerializer.Serialize(sale);
        foreach (var type in Short)
        {
            var (quick, slow) = (await Ask(path, body, type), await Ask(path, body, Long));
            Assert.Equal(status, quick.Status);
            Assert.Equal(slow, quick);
            if (status != HttpStatusCode.OK) continue;
            Assert.True(await IsQuick(path, body, type));
            Assert.False(await IsQuick(path, body, Long));
        }
    }

    /// <summary>Everything but the trace's id, which is another one for each call.</summary>
    private async Task<(HttpStatusCode Status, string? Type, string Body)> Ask(string path, string body, string type)
    {
        using var response = await Post(path, body, type);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, response.Content.Headers.ContentType?.ToString(), TraceId().Replace(text, "trace"));
    }

    private async Task<bool> IsQuick(string path, string body, string type)
    {
        using var response = await Post(path, body, type);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return response.Headers.TransferEncodingChunked is not true;
    }

    private async Task<HttpResponseMessage> Post(string path, string body, string type)
    {
        using var content = new StringContent(body);
        content.Headers.Remove("Content-Type");
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        return await coop.Till().PostAsync(path, content);
    }

    private async Task<TcpClient> Connect()
    {
        var till = new TcpClient { NoDelay = true };
        await till.ConnectAsync(coop.Host.Address.Host, coop.Host.Address.Port);
        return till;
    }

    private static string Head(string type, string more) =>
        $"POST /pos/v1/evaluations HTTP/1.1\r\nHost: till\r\nAuthorization: Bearer {RunningSystem.TillKey("0123")}\r\n"
        + $"Content-Type: {type}\r\nConnection: close\r\n{more}\r\n\r\n";

    private static async Task Send(NetworkStream stream, string text) => await stream.WriteAsync(Encoding.UTF8.GetBytes(text));

    [GeneratedRegex("(?<=Date: ).*")]
    private static partial Regex Date();

    [GeneratedRegex("(?<=\"traceId\":\")[0-9a-f]{32}(?=\")")]
    private static partial Regex TraceId();
}

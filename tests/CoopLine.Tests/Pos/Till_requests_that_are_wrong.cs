using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Pos;

/// <summary>Bad input from a till gets a clear answer, and nothing changes.</summary>
[OneDatabase]
[Collection(typeof(RequestHost))]
public sealed class Till_requests_that_are_wrong(RunningSystem coop)
{
    [Theory]
    [InlineData("receipt", "null", "receipt")]
    [InlineData("receipt.businessDate", "\"2026-02-30\"", "receipt.businessDate")]
    [InlineData("receipt.businessDate", "\"22.11.2026\"", "receipt.businessDate")]
    [InlineData("receipt.businessDate", "null", "receipt.businessDate")]
    [InlineData("receipt.businessDate", "\"0001-01-01\"", "receipt.businessDate")]
    [InlineData("receipt.businessDate", "\"9999-12-31\"", "receipt.businessDate")]
    [InlineData("receipt.businessDate", "\"2025-11-20\"", "receipt.businessDate")]
    [InlineData("receipt.businessDate", "\"2027-11-24\"", "receipt.businessDate")]
    [InlineData("receipt.store", "\"\"", "receipt.store")]
    [InlineData("receipt.store", "\"0123\\u0000\"", "receipt.store")]
    [InlineData("receipt.register", "\"05\\u0000\"", "receipt.register")]
    [InlineData("receipt.number", "\"\\u0000\"", "receipt.number")]
    [InlineData("receipt.store", "\"01/23\"", "receipt.store")]
    [InlineData("receipt.register", "\"レジ1\"", "receipt.register")]
    [InlineData("receipt.number", "\"123456789012345678901\"", "receipt.number")]
    [InlineData("receipt.number", "null", "receipt.number")]
    [InlineData("purchasedAt", "null", "purchasedAt")]
    [InlineData("purchasedAt", "\"2026-11-22T10:00:00\"", "purchasedAt")]
    [InlineData("purchasedAt", "\"yesterday\"", "purchasedAt")]
    [InlineData("purchasedAt", "\"2026-11-22T25:00:00+09:00\"", "purchasedAt")]
    [InlineData("code", "null", "code")]
    [InlineData("code", "\"291234567890\"", "code")]
    [InlineData("code", "\"29123456789065\"", "code")]
    [InlineData("code", "\"2912345678906\\n\"", "code")]
    [InlineData("code", "\"29123456789\\u00005\"", "code")]
    [InlineData("lines", "null", "lines")]
    [InlineData("lines", "[]", "lines")]
    [InlineData("lines", "[null]", "lines[0]")]
    [InlineData("lines.0.line", "0", "lines[0].line")]
    [InlineData("lines.0.line", "-1", "lines[0].line")]
    [InlineData("lines.0.line", "null", "lines[0].line")]
    [InlineData("lines.0.quantity", "null", "lines[0].quantity")]
    [InlineData("lines.0.unitPrice", "null", "lines[0].unitPrice")]
    [InlineData("lines.0.markdown", "\"maybe\"", "lines[0].markdown")]
    [InlineData("lines.0.markdown", "\"No\"", "lines[0].markdown")]
    public async Task A_value_out_of_range_is_named(string path, string value, string field) =>
        await AssertRefused(With(path, value), field);

    [Theory]
    [InlineData("2025-11-21")]
    [InlineData("2027-11-23")]
    public async Task A_business_date_may_be_366_days_from_the_purchase(string date)
    {
        using var response = await Post("/pos/v1/evaluations", With("receipt.businessDate", $"\"{date}\"").ToJsonString());

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("lines.0.quantity", "\"2\"")]
    [InlineData("lines.0.unitPrice", "true")]
    [InlineData("lines.0.jan", "4901234567894")]
    [InlineData("lines.0.markdown", "true")]
    [InlineData("lines", "{}")]
    [InlineData("receipt", "\"2026-11-22/0123/05/000481\"")]
    [InlineData("code", "2912345678906")]
    [InlineData("purchasedAt", "1763773200")]
    public async Task A_value_of_another_type_is_named(string path, string value) =>
        await AssertRefused(With(path, value), path.Replace(".0.", "[0].", StringComparison.Ordinal));

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("receipt=1")]
    [InlineData("{\"code\":\"2912345678906\",\"code\":\"2912345678906\"}")]
    public async Task What_is_no_request_at_all_is_a_400(string body)
    {
        foreach (var path in new[] { "/pos/v1/redemptions", "/pos/v1/evaluations" })
        {
            using var response = await Post(path, body);
            await response.AssertProblem(HttpStatusCode.BadRequest);
        }
    }

    [Fact]
    public async Task The_same_line_number_twice_is_refused_by_number()
    {
        var body = Good();
        body["lines"] = JsonSerializer.SerializeToNode(new[] { Sale.Line(4), Sale.Line(5), Sale.Line(4) });

        using var response = await Post("/pos/v1/redemptions", body.ToJsonString());

        Assert.Contains("4", await response.AssertBad("lines"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_thousand_lines_are_taken_and_one_more_is_not()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        object[] lines = [.. Enumerable.Range(1, 1001).Select(line => Sale.Line(line))];
        var sale = coop.Sale(await coop.ShowCode(phone, tofu), lines: lines);

        using var refused = await coop.Till().PostAsJsonAsync("/pos/v1/redemptions", sale);
        await refused.AssertBad("lines");

        Assert.Equal("redeemed", (await coop.Redeem(sale with { lines = lines[..1000] })).Outcome);
    }

    [Theory]
    [InlineData(10 * 60 * 1000, true)]
    [InlineData(-10 * 60 * 1000, true)]
    [InlineData(10 * 60 * 1000 + 1, false)]
    [InlineData(-10 * 60 * 1000 - 1, false)]
    public async Task The_tills_clock_may_be_ten_minutes_off_and_no_more(int milliseconds, bool taken)
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var sale = coop.Sale(await coop.ShowCode(phone, tofu), purchased: TimeSpan.FromMilliseconds(milliseconds));

        using var evaluated = await coop.Till().PostAsJsonAsync("/pos/v1/evaluations", sale);
        using var redeemed = await coop.Till().PostAsJsonAsync("/pos/v1/redemptions", sale);

        foreach (var response in new[] { evaluated, redeemed })
        {
            if (taken)
            {
                Assert.Equal("redeemed", (await response.Content.ReadFromJsonAsync<JsonElement>()).Outcome);
                continue;
            }

            Assert.Contains("ten minutes", await response.AssertBad("purchasedAt"), StringComparison.Ordinal);
            var problem = await response.AssertProblem(HttpStatusCode.BadRequest);
            Assert.Equal(coop.Clock.GetUtcNow(), problem.GetProperty("serverTime").GetDateTimeOffset());
        }

        Assert.Equal(taken ? 1 : 0, (await coop.LedgerOf(sale)).Length);
    }

    [Fact]
    public async Task A_key_of_another_store_is_403_and_uses_nothing()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var sale = coop.Sale(await coop.ShowCode(phone, tofu));

        foreach (var path in new[] { "/pos/v1/redemptions", "/pos/v1/evaluations" })
        {
            using var response = await coop.Till("0456").PostAsJsonAsync(path, sale);
            await response.AssertProblem(HttpStatusCode.Forbidden);
        }

        Assert.Empty(await coop.LedgerOf(sale));
    }

    [Theory]
    [InlineData("POST", "/pos/v1/redemptions")]
    [InlineData("POST", "/pos/v1/evaluations")]
    [InlineData("GET", "/pos/v1/receipts/2026-11-22/0123/05/000001")]
    [InlineData("POST", "/pos/v1/receipts/2026-11-22/0123/05/000001/void")]
    [InlineData("POST", "/pos/v1/receipts/2026-11-22/0123/05/000001/returns")]
    public async Task No_key_an_unknown_one_and_a_staff_key_are_401(string method, string path)
    {
        foreach (var authorization in new[] { null, "Bearer", "Bearer wrong", "Basic dGVzdDp0ZXN0", "Bearer " + RunningSystem.StaffKey })
        {
            using var http = new HttpClient { BaseAddress = coop.Host.Address };
            if (authorization is not null) http.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", authorization);
            using var request = new HttpRequestMessage(new(method), path);
            using var response = await http.SendAsync(request);
            await response.AssertProblem(HttpStatusCode.Unauthorized);
            Assert.Equal("Bearer", response.Headers.WwwAuthenticate.ToString());
        }
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"lines":null}""")]
    [InlineData("""{"lines":[]}""")]
    [InlineData("""{"lines":["1"]}""")]
    [InlineData("""{"lines":[null]}""")]
    [InlineData("""{"lines":1}""")]
    [InlineData("lines")]
    public async Task Returns_without_lines_are_a_400(string body)
    {
        var (phone, _) = await coop.LinkedFriend();
        var (sale, _) = await coop.Use(phone, await coop.Publish());

        using var response = await Post($"/pos/v1/receipts/{sale.Key}/returns", body);

        await response.AssertProblem(HttpStatusCode.BadRequest);
        Assert.Single(await coop.LedgerOf(sale));
    }

    [Fact]
    public async Task Other_ways_to_miss_the_interface_are_problems_too()
    {
        using var path = await coop.Till().GetAsync("/pos/v1/nothing");
        await path.AssertProblem(HttpStatusCode.NotFound);
        using var method = await coop.Till().GetAsync("/pos/v1/redemptions");
        await method.AssertProblem(HttpStatusCode.MethodNotAllowed);
        using var text = new StringContent(Good().ToJsonString(), Encoding.UTF8, "text/plain");
        using var type = await coop.Till().PostAsync("/pos/v1/redemptions", text);
        await type.AssertProblem(HttpStatusCode.UnsupportedMediaType);
        var large = Good();
        large["code"] = new string('x', 1024 * 1024);
        using var size = await Post("/pos/v1/redemptions", large.ToJsonString());
        await size.AssertProblem(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task Who_asks_too_often_is_told_to_wait_and_counted()
    {
        var settings = new Dictionary<string, string?>(coop.Settings("coopline-limited"))
        {
            ["CoopLine:RateLimits:TillPerSecond"] = "1",
            ["CoopLine:RateLimits:StaffPerSecond"] = "1",
        };
        await using var limited = await Fixtures.Host.Start(settings, coop.Clock);
        var counted = new ConcurrentQueue<object?>();
        using var counting = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Name == "coopline.edge.limited") listening.EnableMeasurementEvents(instrument);
            },
        };
        counting.SetMeasurementEventCallback<long>((_, _, tags, _) => counted.Enqueue(tags[0].Value));
        counting.Start();

        foreach (var (limit, client, path) in new[]
        {
            ("till", coop.Till(host: limited), "/pos/v1/receipts/2026-11-22/0123/05/999999"),
            ("staff", coop.Staff(limited), "/staff/v1/campaigns"),
        })
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => client.GetAsync(path)));
            var refused = answers.First(answer => answer.StatusCode == HttpStatusCode.TooManyRequests);
            var problem = await refused.AssertProblem(HttpStatusCode.TooManyRequests);
            Assert.Equal("urn:coopline:too-many-requests", problem.GetProperty("type").GetString());
            Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter?.Delta);
            Assert.Equal(
                answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests), counted.Count(limit.Equals));
        }
    }

    private async Task AssertRefused(JsonObject body, string field)
    {
        foreach (var path in new[] { "/pos/v1/redemptions", "/pos/v1/evaluations" })
        {
            using var response = await Post(path, body.ToJsonString());
            await response.AssertBad(field);
        }
    }

    private async Task<HttpResponseMessage> Post(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await coop.Till().PostAsync(path, content);
    }

    /// <summary>A request that would be answered (with codeUnknown).</summary>
    private JsonObject Good() => JsonSerializer.SerializeToNode(coop.Sale("2912345678906"))!.AsObject();

    private JsonObject With(string path, string value)
    {
        var body = Good();
        JsonNode at = body;
        var steps = path.Split('.');
        foreach (var step in steps[..^1]) at = at is JsonArray list ? list[int.Parse(step, System.Globalization.CultureInfo.InvariantCulture)]! : at[step]!;
        at[steps[^1]] = JsonNode.Parse(value);
        return body;
    }
}

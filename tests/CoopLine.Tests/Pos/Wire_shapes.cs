using System.Text;
using System.Text.Json;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Pos;

/// <summary>The interfaces that others are written against, field by field.</summary>
[OneDatabase]
[Collection(typeof(RequestHost))]
public sealed class Wire_shapes(RunningSystem coop)
{
    [Fact]
    public async Task A_redemption_as_written_in_the_agreement()
    {
        var (phone, _) = await coop.LinkedFriend();
        var id = Some.CampaignId();
        await coop.Publish(id: id, definition: JsonElement.Parse(
            """
            {"title":"とうふ","description":"もめん・きぬ","discount":{"type":"yen","value":30},"items":{"jans":["4901234567894"],"janPrefixes":[],"categories":[]},"stores":["0123"],"businesses":["store"],"startsAt":"2026-11-01T00:00:00+09:00","endsAt":"2026-12-01T00:00:00+09:00","unknownMarkdown":"refuse"}
            """));
        var code = await coop.ShowCode(phone, id);
        var request =
            $$"""
            {"receipt":{"businessDate":"2026-11-22","store":"0123","register":"05","number":"000001"},"purchasedAt":"{{coop.At()}}","code":"{{code}}","lines":[{"line":1,"jan":"4901234567894","category":"1201","quantity":2,"unitPrice":198,"markdown":"no"}]}
            """;

        var answer = await Post("/pos/v1/redemptions", request);

        var trace = answer.GetProperty("traceId").GetString();
        Assert.Matches("^[0-9a-f]{32}$", trace!);
        AssertJson(
            $$"""
            {"outcome":"redeemed","replayed":false,"discounts":[{"campaign":"{{id}}","line":1,"units":1,"amount":30}],"refusals":[],"traceId":"{{trace}}"}
            """,
            answer);
    }

    [Fact]
    public async Task Refusals()
    {
        var (phone, _) = await coop.LinkedFriend();
        var used = await coop.Publish();
        var milk = await coop.Publish(Some.Campaign(jan: "4902345678905"));
        var code = await coop.ShowCode(phone, used, milk);
        await coop.Redeem(coop.Sale(code, "0456"), "0456");

        var answer = await coop.Redeem(coop.Sale(code));
        var unknown = await coop.Redeem(coop.Sale("2912345678906"));

        AssertJson(
            $$"""
            {"outcome":"refused","replayed":false,"discounts":[],"refusals":[
              {"campaign":"{{used}}","reason":"alreadyUsed","message":"このクーポンは11月22日に0456店でご利用済みです。お使いいただけるのは、おひとりさま1回です。お心当たりがないときは、サービスカウンターでおたずねください。","usedAt":"{{Now}}","usedStore":"0456"},
              {"campaign":"{{milk}}","reason":"noEligibleItem","message":"このお買い物には、このクーポンを使える商品がありません。クーポンは残っていますので、対象の商品をお買い上げのときにお使いください。"}],
             "traceId":"{{answer.GetProperty("traceId").GetString()}}"}
            """,
            answer);
        AssertJson(
            $$"""
            {"outcome":"refused","replayed":false,"discounts":[],"refusals":[
              {"campaign":null,"reason":"codeUnknown","message":"このコードは使えません。クーポンの画面を開き直して、新しいコードをお見せください。"}],
             "traceId":"{{unknown.GetProperty("traceId").GetString()}}"}
            """,
            unknown);
    }

    [Fact]
    public async Task A_receipt_and_its_void()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var (sale, answer) = await coop.Use(phone, tofu);
        var parts = sale.Key.Split('/');
        var receipt = $$"""{"businessDate":"{{parts[0]}}","store":"{{parts[1]}}","register":"{{parts[2]}}","number":"{{parts[3]}}"}""";

        var looked = await coop.Till().GetFromJsonAsync<JsonElement>($"/pos/v1/receipts/{sale.Key}");
        var voided = await coop.Void(sale);

        AssertJson(
            $$"""
            {"receipt":{{receipt}},
             "uses":[{"campaign":"{{tofu}}","line":1,"units":1,"amount":30,"state":"used","usedAt":"{{Now}}","givenBack":false}],
             "replayed":false,"traceId":"{{looked.GetProperty("traceId").GetString()}}","answer":{{answer.GetRawText()}}}
            """,
            looked);
        AssertJson(
            $$"""
            {"receipt":{{receipt}},
             "uses":[{"campaign":"{{tofu}}","line":1,"units":1,"amount":30,"state":"voided","usedAt":"{{Now}}","changedAt":"{{Now}}","givenBack":true}],
             "replayed":false,"traceId":"{{voided.GetProperty("traceId").GetString()}}"}
            """,
            voided);
    }

    [Fact]
    public async Task A_code_for_the_phone()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();

        using var response = await coop.AskForCode(phone, tofu);
        var issued = await response.Content.ReadFromJsonAsync<JsonElement>();

        Assert.Equal(JsonValueKind.String, issued.GetProperty("code").ValueKind);
        Assert.Equal(coop.Clock.GetUtcNow().AddMinutes(5), issued.GetProperty("expiresAt").GetDateTimeOffset());
        Assert.Equal("no-store", response.Headers.CacheControl?.ToString());
    }

    [Fact]
    public async Task The_trace_id_of_an_answer_finds_its_rows_in_the_ledger()
    {
        var (phone, member) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var (sale, answer) = await coop.Use(phone, tofu);

        var page = await coop.Staff().GetFromJsonAsync<JsonElement>($"/staff/v1/ledger?traceId={answer.GetProperty("traceId").GetString()}");

        var row = Assert.Single(page.GetProperty("rows").EnumerateArray());
        Assert.Equal(sale.Key, row.GetProperty("receipt").GetString());
        Assert.Equal(member.Number, row.GetProperty("member").GetString());
        Assert.Equal("used", row.GetProperty("kind").GetString());
        Assert.Equal(30, row.GetProperty("yen").GetInt32());
        Assert.Equal(1, row.GetProperty("line").GetInt32());
        Assert.Equal("0123", row.GetProperty("store").GetString());
        Assert.Equal("till", row.GetProperty("actor").GetString());
        Assert.Equal(Now, row.GetProperty("at").GetString());
        Assert.Equal($"{phone.UserId[..5]}…{phone.UserId[^4..]}", row.GetProperty("account").GetString());
        Assert.DoesNotContain(phone.UserId, page.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(member.Phone, page.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(member.BirthDate, page.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_OpenAPI_document_lists_every_route_and_says_who_may_call_it()
    {
        var document = await coop.Http.GetFromJsonAsync<JsonElement>(new Uri(coop.Host.Address, "/openapi/v1.json"));

        var routes = from path in document.GetProperty("paths").EnumerateObject()
                     from method in path.Value.EnumerateObject()
                     select $"{method.Name} {path.Name}";
        string[] expected =
        [
            "post /pos/v1/redemptions", "post /pos/v1/evaluations",
            "get /pos/v1/receipts/{businessDate}/{store}/{register}/{number}",
            "post /pos/v1/receipts/{businessDate}/{store}/{register}/{number}/void",
            "post /pos/v1/receipts/{businessDate}/{store}/{register}/{number}/returns",
            "get /staff/v1/members/{number}", "post /staff/v1/members/{number}/unlink",
            "post /staff/v1/members/{number}/locks/clear",
            "get /staff/v1/campaigns", "get /staff/v1/campaigns/{id}", "put /staff/v1/campaigns/{id}",
            "get /staff/v1/campaigns/{id}/versions",
            "post /staff/v1/campaigns/{id}/publish", "post /staff/v1/campaigns/{id}/stop",
            "post /staff/v1/receipts/{businessDate}/{store}/{register}/{number}/restore",
            "get /staff/v1/ledger", "post /staff/v1/registry/imports",
            "get /coupons/available", "post /coupons/codes", "get /coupons/codes/{code}",
        ];
        Assert.Empty(expected.Except(routes.Select(route => route.Replace("/ ", " ", StringComparison.Ordinal).TrimEnd('/'))));
        foreach (var (path, method, key) in new[] { ("/pos/v1/redemptions", "post", "till"), ("/staff/v1/ledger", "get", "staff") })
        {
            var operation = document.GetProperty("paths").GetProperty(path).GetProperty(method);
            Assert.True(operation.GetProperty("security")[0].TryGetProperty(key, out _));
            Assert.True(operation.GetProperty("responses").TryGetProperty("401", out _));
        }

        using var browser = await coop.Http.GetAsync(new Uri(coop.Host.Address, "/scalar/"));
        Assert.Equal("text/html", browser.Content.Headers.ContentType?.MediaType);
    }

    private async Task<JsonElement> Post(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await coop.Till().PostAsync(path, content);
        Assert.Equal("application/json", response.Content.Headers.ContentType?.MediaType);
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static void AssertJson(string expected, JsonElement actual) =>
        Assert.True(JsonElement.DeepEquals(JsonElement.Parse(expected), actual), actual.GetRawText());

    /// <summary>The clock stands still between the acts of these tests, but a tap of another test may have moved it.</summary>
    private string Now => JsonSerializer.Serialize(coop.Clock.GetUtcNow().ToOffset(TimeSpan.FromHours(9))).Trim('"').Replace("\\u002B", "+", StringComparison.Ordinal);
}

using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Pos;

/// <summary>
/// Where money is decided, a property that CoopLine does not know is refused by name: whoever sends it believes that it counts.
/// </summary>
[OneDatabase]
[Collection(typeof(RequestHost))]
public sealed class Unknown_properties(RunningSystem coop)
{
    [Theory]
    [InlineData("", "training", "training")]
    [InlineData("receipt", "terminal", "receipt.terminal")]
    [InlineData("lines.0", "discount", "lines[0].discount")]
    public async Task Of_a_sale(string at, string name, string field)
    {
        var (phone, _) = await coop.LinkedFriend();
        var sale = coop.Sale(await coop.ShowCode(phone, await coop.Publish()));

        foreach (var path in new[] { "evaluations", "redemptions" })
        {
            using var response = await Post($"/pos/v1/{path}", With(JsonSerializer.SerializeToNode(sale)!, at, name));
            await response.AssertBad(field);
        }

        Assert.Empty(await coop.LedgerOf(sale));
    }

    [Theory]
    [InlineData("returns", """{"lines":[1],"quantity":1}""", "quantity")]
    [InlineData("returns", """{"lines":[{"line":1,"units":1}]}""", "lines[0]")]
    [InlineData("void", """{"lines":[1]}""", "lines")]
    public async Task Of_a_return_and_a_void(string what, string body, string field)
    {
        var (phone, _) = await coop.LinkedFriend();
        var (sale, _) = await coop.Use(phone, await coop.Publish());

        using var response = await Post($"/pos/v1/receipts/{sale.Key}/{what}", body);

        await response.AssertBad(field);
        Assert.Single(await coop.LedgerOf(sale));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    public async Task A_void_says_nothing_in_its_body(string body)
    {
        var (phone, _) = await coop.LinkedFriend();
        var (sale, _) = await coop.Use(phone, await coop.Publish());

        using var response = await Post($"/pos/v1/receipts/{sale.Key}/void", body);

        Assert.True(response.IsSuccessStatusCode);
        Assert.Equal(2, (await coop.LedgerOf(sale)).Length);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("application/json")]
    public async Task An_empty_body_in_chunks_is_no_body(string? contentType)
    {
        var (phone, _) = await coop.LinkedFriend();
        var (sale, _) = await coop.Use(phone, await coop.Publish());
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/pos/v1/receipts/{sale.Key}/void");
        request.Headers.TransferEncodingChunked = true;
        request.Content = new ByteArrayContent([]);
        if (contentType is not null) request.Content.Headers.ContentType = new(contentType);

        using var response = await coop.Till().SendAsync(request);

        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        Assert.Equal(2, (await coop.LedgerOf(sale)).Length);
    }

    [Theory]
    [InlineData("", "limits", "limits")]
    [InlineData("discount", "max", "discount.max")]
    [InlineData("items", "except", "items.except")]
    public async Task Of_a_campaign(string at, string name, string field)
    {
        var id = Some.CampaignId();
        var body = With(JsonSerializer.SerializeToNode(Some.Campaign())!, at, name);
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        using var response = await coop.Staff().PutAsync($"/staff/v1/campaigns/{id}", content);

        await response.AssertBad(field);
        using var read = await coop.Staff().GetAsync($"/staff/v1/campaigns/{id}");
        await read.AssertProblem(System.Net.HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Of_a_restored_use()
    {
        var (phone, _) = await coop.LinkedFriend();
        var campaign = await coop.Publish();
        var (sale, _) = await coop.Use(phone, campaign);

        using var response = await coop.Staff().PostAsJsonAsync(
            $"/staff/v1/receipts/{sale.Key}/restore", new { campaign, reason = "?", line = 1 });

        await response.AssertBad("line");
        Assert.Single(await coop.LedgerOf(sale));
    }

    private static string With(JsonNode body, string at, string name)
    {
        var target = at.Split('.', StringSplitOptions.RemoveEmptyEntries)
            .Aggregate(body, (node, step) => node is JsonArray list ? list[0]! : node[step]!);
        target[name] = true;
        return body.ToJsonString();
    }

    private async Task<HttpResponseMessage> Post(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await coop.Till().PostAsync(path, content);
    }
}

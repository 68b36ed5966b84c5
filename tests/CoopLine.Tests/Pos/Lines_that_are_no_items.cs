using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Pos;

/// <summary>A line that no coupon can be used on is passed over and named; it never costs the customer the other lines.</summary>
[OneDatabase]
[Collection(typeof(RequestHost))]
public sealed class Lines_that_are_no_items(RunningSystem coop)
{
    [Theory]
    [InlineData("unitPrice", "0")]
    [InlineData("unitPrice", "-198")]
    [InlineData("unitPrice", "198.5")]
    [InlineData("unitPrice", "10000000")]
    [InlineData("unitPrice", "123456789012345678")]
    [InlineData("unitPrice", "1e400")]
    [InlineData("quantity", "0")]
    [InlineData("quantity", "-1")]
    [InlineData("quantity", "0.345")]
    [InlineData("quantity", "10000")]
    [InlineData("quantity", "123456789012345678901234567890123")]
    [InlineData("jan", "\"\"")]
    [InlineData("jan", "null")]
    [InlineData("jan", "\"4901234567895\"")]
    [InlineData("jan", "\"490123456789\"")]
    [InlineData("jan", "\"49012345678a4\"")]
    [InlineData("jan", "\"490123456789\\u0000\"")]
    [InlineData("jan", "\"123456789012345678\"")]
    [InlineData("jan", "\"14901234567891\"")] // a case of it
    public async Task Such_a_line_is_named_and_the_others_count(string property, string value)
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var body = JsonSerializer.SerializeToNode(coop.Sale(await coop.ShowCode(phone, tofu), lines: [Sale.Line(2), Sale.Line(1, quantity: 1)]))!;
        var odd = body["lines"]![0]!.AsObject();
        odd.Remove("category");
        odd[property] = null;
        var text = body.ToJsonString().Replace($"\"{property}\":null", $"\"{property}\":{value}", StringComparison.Ordinal);

        foreach (var path in new[] { "evaluations", "redemptions", "redemptions" })
        {
            var answer = await Post(path, text);
            Assert.Equal("redeemed", answer.Outcome);
            Assert.Equal([$"{tofu} on 1: 30"], answer.Discounts);
            Assert.Equal("""[{"line":2,"reason":"notAnItem"}]""", answer.GetProperty("warnings").GetRawText());
        }
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"4901234567895\"")]
    [InlineData("\"123456789012345678\"")]
    public async Task A_line_whose_code_is_no_item_s_still_counts_by_its_category(string jan)
    {
        var (phone, _) = await coop.LinkedFriend();
        var weighed = await coop.Publish(new
        {
            title = "お惣菜",
            discount = new { type = "yen", value = 30 },
            items = new { categories = new[] { "1201" } },
            startsAt = coop.At(TimeSpan.FromDays(-1)),
            endsAt = coop.At(TimeSpan.FromDays(1)),
        });
        var body = JsonSerializer.SerializeToNode(coop.Sale(await coop.ShowCode(phone, weighed)))!;
        body["lines"]![0]!["jan"] = JsonNode.Parse(jan);

        var answer = await Post("redemptions", body.ToJsonString());

        Assert.Equal([$"{weighed} on 1: 30"], answer.Discounts);
        Assert.False(answer.TryGetProperty("warnings", out _));
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"123456789012345678901\"")]
    [InlineData("\"12\\n3\"")]
    public async Task A_category_that_no_campaign_can_have_is_none(string category)
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var sale = JsonSerializer.Serialize(coop.Sale(await coop.ShowCode(phone, tofu)));

        var answer = await Post("redemptions", sale.Replace("\"1201\"", category, StringComparison.Ordinal));

        Assert.Equal([$"{tofu} on 1: 30"], answer.Discounts);
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("\"123456789012345678901\"")]
    [InlineData("\"12\\n3\"")]
    public async Task A_line_with_nothing_but_such_a_category_is_named(string category)
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var body = JsonSerializer.SerializeToNode(coop.Sale(await coop.ShowCode(phone, tofu), lines: [Sale.Line(2), Sale.Line(1)]))!;
        var odd = body["lines"]![0]!.AsObject();
        odd.Remove("jan");
        odd["category"] = JsonNode.Parse(category);

        var answer = await Post("redemptions", body.ToJsonString());

        Assert.Equal("""[{"line":2,"reason":"notAnItem"}]""", answer.GetProperty("warnings").GetRawText());
    }

    [Fact]
    public async Task Whole_yen_may_be_written_with_a_decimal_point_and_are_the_same_request()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var sale = JsonSerializer.Serialize(coop.Sale(await coop.ShowCode(phone, tofu)));

        var first = await Post("redemptions", sale.Replace("\"unitPrice\":198,", "\"unitPrice\":198.00,", StringComparison.Ordinal));
        var again = await Post("redemptions", sale);

        Assert.Equal([$"{tofu} on 1: 30"], first.Discounts);
        Assert.True(again.Replayed);
    }

    [Fact]
    public async Task A_receipt_of_nothing_else_is_refused_like_one_without_the_item()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();

        var answer = await coop.Redeem(coop.Sale(await coop.ShowCode(phone, tofu), lines: [Sale.Line(7, unitPrice: 0)]));

        answer.AssertRefused(tofu, "noEligibleItem");
        Assert.Equal(7, answer.GetProperty("warnings")[0].GetProperty("line").GetInt32());
    }

    [Fact]
    public async Task Another_weight_makes_it_another_request()
    {
        var (phone, _) = await coop.LinkedFriend();
        var sale = coop.Sale(await coop.ShowCode(phone, await coop.Publish()), lines: [Sale.Line(), Weighed(0.345m)]);
        Assert.Equal("redeemed", (await coop.Redeem(sale)).Outcome);

        using var other = await coop.Till().PostAsJsonAsync("/pos/v1/redemptions", sale with { lines = [Sale.Line(), Weighed(0.346m)] });

        await other.AssertProblem(HttpStatusCode.UnprocessableEntity);

        static object Weighed(decimal quantity) => new { line = 2, jan = "4901234567894", quantity, unitPrice = 200 };
    }

    private async Task<JsonElement> Post(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await coop.Till().PostAsync("/pos/v1/" + path, content);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }
}

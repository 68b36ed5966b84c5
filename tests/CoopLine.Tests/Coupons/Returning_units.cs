using System.Net;
using System.Text;
using System.Text.Json;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Coupons;

/// <summary>Units of a line come back: its coupon does only when the units that stay cannot hold it.</summary>
[Collection(typeof(CouponHost))]
public sealed class Returning_units(RunningSystem coop)
{
    [Fact]
    public async Task Of_three_units_the_coupon_comes_back_with_the_last()
    {
        var (phone, _) = await coop.LinkedFriend();
        var (tofu, sale) = await Three(phone);

        var one = await Return(sale, (1, 1));
        var two = await coop.OnReceipt(sale, "returns", new { id = "second", lines = new[] { new { line = 1, quantity = 1 } } });

        Assert.Equal([$"{tofu} used"], States(one));
        Assert.Equal([$"{tofu} used"], States(two));
        Assert.False(one.Replayed || two.Replayed);
        Assert.Contains(tofu, (await coop.Available(phone)).Campaigns("used"));
        var three = await coop.OnReceipt(sale, "returns", new { id = "third", lines = new[] { new { line = 1, quantity = 1 } } });
        Assert.Equal([$"{tofu} returned"], States(three));
        Assert.Contains(tofu, (await coop.Available(phone)).Campaigns("usable"));
        Assert.Equal([$"used {tofu} 30", $"returned {tofu} 30 given back"], await coop.LedgerOf(sale));
    }

    [Fact]
    public async Task The_same_return_sent_again_counts_once_also_at_the_same_moment_and_after_a_restart()
    {
        var (phone, _) = await coop.LinkedFriend();
        var (tofu, sale) = await Three(phone, quantity: 2);

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Return(sale, (1, 1))));
        await coop.Restart();
        var late = await Return(sale, (1, 1));

        Assert.Single(answers, answer => !answer.Replayed);
        Assert.True(late.Replayed);
        Assert.All(answers.Append(late), answer => Assert.Equal([$"{tofu} used"], States(answer)));
    }

    [Fact]
    public async Task Another_return_under_the_name_of_an_earlier_one_brings_nothing_back()
    {
        var (phone, _) = await coop.LinkedFriend();
        var (tofu, milk) = (await coop.Publish(), await coop.Publish(Some.Campaign(jan: "4902345678905")));
        var sale = coop.Sale(await coop.ShowCode(phone, tofu, milk), lines: [Sale.Line(quantity: 2), Sale.Line(2, "4902345678905")]);
        Assert.Equal("redeemed", (await coop.Redeem(sale)).Outcome);
        await coop.OnReceipt(sale, "returns", new { id = "slip", lines = new[] { new { line = 1, quantity = 1 } } });

        var other = await coop.OnReceipt(sale, "returns", new { id = "slip", lines = new[] { new { line = 2, quantity = 1 } } });

        Assert.Equal([$"{milk} used"], States(other));
        Assert.True(other.Replayed);
    }

    [Fact]
    public async Task Units_without_a_coupon_are_not_counted()
    {
        var (phone, _) = await coop.LinkedFriend();
        var (tofu, sale) = await Three(phone);

        var nothing = await coop.OnReceipt(sale, "returns", new { id = "slip", lines = new[] { new { line = 9, quantity = 1 } } });
        var all = await coop.OnReceipt(sale, "returns", new { id = "slip", lines = new[] { new { line = 1, quantity = 3 } } });

        Assert.True(nothing.Replayed);
        Assert.Equal([$"{tofu} returned"], States(all));
    }

    [Theory]
    [InlineData("""{"lines":[{"line":1,"quantity":3}]}""")]
    [InlineData("""{"lines":[{"line":1,"quantity":9999}]}""")]
    [InlineData("""{"lines":[{"line":1,"quantity":1},{"line":1,"quantity":2}]}""")]
    [InlineData("""{"lines":[{"line":1}]}""")]
    [InlineData("""{"lines":[1]}""")]
    [InlineData("""{"lines":[1,{"line":1,"quantity":1}]}""")]
    [InlineData("""{"lines":[{"line":1,"quantity":3.0},{"line":2,"quantity":0.345}]}""")]
    public async Task All_units_bring_the_coupon_back(string body)
    {
        var (phone, _) = await coop.LinkedFriend();
        var (tofu, sale) = await Three(phone);

        var answer = await Send(sale, body);

        Assert.Equal([$"{tofu} returned"], States(answer));
        Assert.False(answer.Replayed);
        Assert.True((await Send(sale, body)).Replayed);
    }

    [Fact]
    public async Task Of_two_coupons_on_a_line_the_smaller_discount_comes_back_first()
    {
        var (phone, _) = await coop.LinkedFriend();
        var (small, large) = (await coop.Publish(Some.Campaign(20)), await coop.Publish(Some.Campaign(50)));
        var sale = coop.Sale(await coop.ShowCode(phone, small, large), lines: [Sale.Line(1, quantity: 3)]);
        Assert.Equal("redeemed", (await coop.Redeem(sale)).Outcome);

        var one = await Return(sale, (1, 1));
        var two = await Return(sale, (1, 2));

        Assert.Equal(new[] { $"{small} used", $"{large} used" }, States(one));
        Assert.Equal(new[] { $"{small} returned", $"{large} returned" }, States(two));
        var other = coop.Sale(await coop.ShowCode(phone, small, large), lines: [Sale.Line(1, quantity: 2)]);
        Assert.Equal("redeemed", (await coop.Redeem(other)).Outcome);
        Assert.Equal(new[] { $"{small} returned", $"{large} used" }, States(await Return(other, (1, 1))));
    }

    [Fact]
    public async Task A_replay_after_a_return_of_some_units_has_the_coupon_still()
    {
        var (phone, _) = await coop.LinkedFriend();
        var (tofu, sale) = await Three(phone);
        await Return(sale, (1, 1));

        var replay = await coop.Redeem(sale);

        Assert.Equal("redeemed", replay.Outcome);
        Assert.Equal([$"{tofu} on 1: 30"], replay.Discounts);
    }

    [Fact]
    public async Task A_coupon_beside_a_refused_one_knows_its_units_too()
    {
        var (phone, _) = await coop.LinkedFriend();
        var (tofu, milk) = (await coop.Publish(), await coop.Publish(Some.Campaign(jan: "4902345678905")));
        var sale = coop.Sale(await coop.ShowCode(phone, tofu, milk), lines: [Sale.Line(quantity: 2)]);
        Assert.Equal("partial", (await coop.Redeem(sale)).Outcome);

        Assert.Equal([$"{tofu} used"], States(await Return(sale, (1, 1))));
        Assert.Equal([$"{tofu} returned"], States(await Return(sale, (1, 2))));
    }

    [Theory]
    [InlineData("""{"lines":[{"line":1,"quantity":0}]}""")]
    [InlineData("""{"lines":[{"line":1,"quantity":-1}]}""")]
    [InlineData("""{"lines":[{"line":1,"quantity":-1e400}]}""")]
    [InlineData("""{"lines":[{"line":1,"quantity":"1"}]}""")]
    [InlineData("""{"lines":[{"line":0,"quantity":1}]}""")]
    [InlineData("""{"lines":[{"quantity":1}]}""")]
    [InlineData("""{"lines":[{}]}""")]
    [InlineData("""{"lines":[{"line":1,"line":2}]}""")]
    [InlineData("""{"id":"","lines":[1]}""")]
    [InlineData("""{"id":"a/b","lines":[1]}""")]
    public async Task Units_that_nobody_can_return_are_a_400(string body)
    {
        var (phone, _) = await coop.LinkedFriend();
        var (_, sale) = await Three(phone);
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        using var response = await coop.Till().PostAsync($"/pos/v1/receipts/{sale.Key}/returns", content);

        await response.AssertProblem(HttpStatusCode.BadRequest);
        Assert.Single(await coop.LedgerOf(sale));
    }

    private async Task<(string Campaign, Sale Sale)> Three(CoopLine.Simulator.SimulatedPhone phone, int quantity = 3)
    {
        var tofu = await coop.Publish();
        var sale = coop.Sale(await coop.ShowCode(phone, tofu), lines: [Sale.Line(quantity: quantity)]);
        Assert.Equal("redeemed", (await coop.Redeem(sale)).Outcome);
        return (tofu, sale);
    }

    private Task<JsonElement> Return(Sale sale, params (int Line, int Quantity)[] lines) =>
        coop.OnReceipt(sale, "returns", new { lines = lines.Select(one => new { line = one.Line, quantity = one.Quantity }) });

    private async Task<JsonElement> Send(Sale sale, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await coop.Till().PostAsync($"/pos/v1/receipts/{sale.Key}/returns", content);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return await response.Content.ReadFromJsonAsync<JsonElement>();
    }

    private static string[] States(JsonElement answer) =>
    [
        .. from use in answer.GetProperty("uses").EnumerateArray()
           select $"{use.GetProperty("campaign").GetString()} {use.GetProperty("state").GetString()}",
    ];
}

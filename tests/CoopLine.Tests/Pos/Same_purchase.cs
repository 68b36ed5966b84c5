using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoopLine.Grains.Coupons;
using CoopLine.Tests.Fixtures;
using CoopLine.Webhook.Pos;

namespace CoopLine.Tests.Pos;

[NoDatabase]
public sealed class Same_purchase
{
    private const string Request = """
        {"receipt":{"businessDate":"2026-11-22","store":"0123","register":"05","number":"000481"},
         "purchasedAt":"2026-11-22T10:15:00+09:00","code":"2512345678908","lines":[
          {"line":1,"jan":"4901234567894","category":"1201","quantity":2,"unitPrice":198,"markdown":"no"},
          {"line":2,"category":"1202","quantity":1,"unitPrice":98}]}
        """;

    [Fact] // stored with every use for ever: a change here makes old receipts refuse their own replay
    public void The_form_never_changes() => Assert.Equal(
        "a1deb81147200a8f8a89356d0b2ea73410b35be1002875a1f69afa22f4eb86b1", Hash(Request));

    [Fact]
    public void The_form_is_fields_with_their_lengths()
    {
        var random = Chance.New(out _);
        for (var i = 0; i < 5_000; i++)
        {
            var (receipt, at, code, lines) = Draw(random);

            var expected = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Form(receipt, at, code, lines))));
            Assert.True(expected == PurchaseHash.Of(receipt, at, code, lines), Form(receipt, at, code, lines));
        }
    }

    [Theory]
    [InlineData("""
        { "lines": [ {"quantity":1,"unitPrice":98,"line":2,"category":"1202"},
                     {"markdown":"no","unitPrice":198,"quantity":2,"category":"1201","jan":"4901234567894","line":1} ],
          "code" : "2512345678908", "purchasedAt": "2026-11-22T10:15:00+09:00",
          "receipt": {"number":"000481","register":"05","store":"0123","businessDate":"2026-11-22"} }
        """)]
    [InlineData("""
        {"receipt":{"businessDate":"2026-11-22","store":"0123","register":"05","number":"000481"},
         "purchasedAt":"2026-11-22T01:15:00.000Z","code":"2512345678908","lines":[
          {"line":1,"jan":"4901234567894","category":"1201","quantity":2.0,"unitPrice":198.00,"markdown":"no"},
          {"line":2,"jan":null,"category":"1202","quantity":1,"unitPrice":98,"markdown":"unknown"}]}
        """)]
    public void Spelling_does_not_matter(string again) => Assert.Equal(Hash(Request), Hash(again));

    [Theory]
    [InlineData("receipt.businessDate", "\"2026-11-23\"")]
    [InlineData("receipt.store", "\"0124\"")]
    [InlineData("receipt.register", "\"5\"")]
    [InlineData("receipt.number", "\"000482\"")]
    [InlineData("purchasedAt", "\"2026-11-22T10:15:01+09:00\"")]
    [InlineData("purchasedAt", "\"2026-11-22T10:15:00+08:00\"")]
    [InlineData("code", "\"2512345678915\"")]
    [InlineData("lines.0.line", "3")]
    [InlineData("lines.0.jan", "null")]
    [InlineData("lines.0.jan", "\"4901234567887\"")]
    [InlineData("lines.0.category", "null")]
    [InlineData("lines.0.category", "\"1203\"")]
    [InlineData("lines.0.quantity", "3")]
    [InlineData("lines.0.quantity", "0.345")]
    [InlineData("lines.0.unitPrice", "199")]
    [InlineData("lines.0.unitPrice", "1.98")]
    [InlineData("lines.0.unitPrice", "-198")]
    [InlineData("lines.0.markdown", "\"yes\"")]
    [InlineData("lines.0.markdown", "\"unknown\"")]
    [InlineData("lines.1", null)]
    public void Every_fact_matters(string path, string? value)
    {
        var changed = JsonNode.Parse(Request)!;
        var steps = path.Split('.');
        var parent = steps[..^1].Aggregate(changed, (node, step) => int.TryParse(step, out var i) ? node[i]! : node[step]!);
        if (value is null) parent.AsArray().RemoveAt(int.Parse(steps[^1], CultureInfo.InvariantCulture));
        else parent[steps[^1]] = JsonNode.Parse(value);

        Assert.NotEqual(Hash(Request), Hash(changed.ToJsonString()));
    }

    [Fact]
    public void Neighbouring_fields_cannot_be_traded()
    {
        const string One = """{"line":1,"category":"12","quantity":1,"unitPrice":98}""";
        const string Other = """{"line":1,"category":"1","quantity":21,"unitPrice":98}""";

        Assert.NotEqual(Hash(WithLine(One)), Hash(WithLine(Other)));
    }

    /// <summary>As <see cref="PurchaseHash"/> describes it, written without regard to cost.</summary>
    private static string Form(ReceiptKey receipt, DateTimeOffset at, string code, IEnumerable<SaleLineRequest> lines) => string.Concat(
        ((IEnumerable<object?>)["1", receipt, at.UtcTicks, code])
            .Concat(lines.SelectMany(line => (object?[])[line.Line, line.Jan, line.Category, line.Quantity, line.UnitPrice, Sticker(line)]))
            .Select(field => Convert.ToString(field, CultureInfo.InvariantCulture) is { Length: > 0 } text ? $"{text.Length}:{text}," : field is null ? "-," : "0:,"));

    private static string Sticker(SaleLineRequest line) => line.Markdown switch { "no" => "No", "yes" => "Yes", _ => "Unknown" };

    private static (ReceiptKey Receipt, DateTimeOffset At, string Code, SaleLineRequest[] Lines) Draw(Random random)
    {
        string?[] categories = [null, "", "1201", "とうふ", "👍👍👍👍👍👍👍👍👍👍", "\ud83d", "é", "1,2:3,", "ー12345678901234567890", new('漢', 500)];
        string?[] jans = [null, "4901234567894", "49012347", "", "049012347"];
        string?[] stickers = ["no", "yes", "unknown", null];
        decimal[] amounts = [1, 9_999, 9_999_999, int.MaxValue, 0, -1, 0.345m, -0.5m, 123456789012345678901234567m, decimal.MaxValue];
        int[] numbers = [1, 9, 10, 99, 100, 9_999, 9_999_999, int.MaxValue];
        var receipt = new ReceiptKey(
            DateOnly.FromDayNumber(random.Next(DateOnly.MaxValue.DayNumber)), One(["0123", "A"]), One(["05", "12345678901234567890"]), "000481");
        var offset = TimeSpan.FromMinutes(random.Next(-14 * 60, 14 * 60));
        var at = new DateTimeOffset(random.NextInt64(TimeSpan.TicksPerDay, DateTime.MaxValue.Ticks - TimeSpan.TicksPerDay), offset);
        SaleLineRequest[] lines =
        [
            .. Enumerable.Range(0, random.Next(20) == 0 ? 1_000 : random.Next(1, 12)).Select(_ => new SaleLineRequest
            {
                Line = One(numbers), Jan = One(jans), Category = One(categories), Quantity = One(amounts), UnitPrice = One(amounts),
                Markdown = One(stickers),
            }),
        ];
        return (receipt, at, "2512345678908", lines);

        T One<T>(T[] all) => all[random.Next(all.Length)];
    }

    private static string WithLine(string line) => $$"""
        {"receipt":{"businessDate":"2026-11-22","store":"0123","register":"05","number":"000481"},
         "purchasedAt":"2026-11-22T10:15:00+09:00","code":"2512345678908","lines":[{{line}}]}
        """;

    private static string Hash(string json) =>
        JsonSerializer.Deserialize<RedemptionRequest>(json, JsonSerializerOptions.Web)!.ToPurchase().Hash;
}

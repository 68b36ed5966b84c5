using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using CoopLine.Tests.Fixtures;
using CoopLine.Webhook;
using CoopLine.Webhook.Pos;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Validation;

namespace CoopLine.Tests.Pos;

/// <summary>The quick look at a request and the validation that names what is wrong are of one mind.</summary>
[NoDatabase]
public sealed class Requests_in_order
{
    private const int Draws = 20_000;

    private static readonly string?[] Days =
        ["2026-11-22", "2025-11-21", "2025-11-20", "2027-11-23", "2027-11-24", "2026-02-30", "2026-1-2", "0001-01-01", "9999-12-31", " ", "", null];

    private static readonly string?[] Times =
    [
        "2026-11-22T10:15:00+09:00", "2026-11-22T10:15:00.1234567Z", "2026-11-22T10:15-12:00", "2026-11-22T00:00:00+14:00",
        "2026-11-22T24:00:00Z", "2026-11-22T10:15:00", "2026-11-22T10:15:00+09:00\n", "2026-11-22T10:15:00+19:00", "0001-01-01T00:00:00+09:00",
        "2026-11-22T10:15:00.12345678Z", "٢٠٢٦-11-22T10:15:00Z", " ", "", null,
    ];

    private static readonly string?[] Parts =
        ["0123", "A-z", "12345678901234567890", "123456789012345678901", "-", "01/23", "0123\n", "０１２３", "é", "\0", " ", "", null];

    private static readonly string?[] Codes =
        ["2512345678908", "0000000000000", "251234567890", "25123456789088", "2512345678908\n", "２５１２３４５６７８９０８", "251234567890a", " ", "", null];

    private static readonly string?[] Jans =
        ["4901234567894", "49012347", "012345678905", null, "4901234567895", "490123456789", "49012345678a4", "４９０１２３４７", " ", ""];

    private static readonly string?[] Categories =
        ["1201", "とうふ", "12345678901234567890", " ", "\u3000", "👍", null, "123456789012345678901", "12\0", "\u007f", "\u0085", "a\tb", ""];

    private static readonly decimal?[] Quantities = [1, 9_999, 0, -1, 10_000, 0.345m, decimal.MaxValue, null];
    private static readonly decimal?[] Prices = [1, 9_999_999, 0, -1, 10_000_000, 198.5m, decimal.MinValue, null];
    private static readonly int?[] Numbers = [1, 2, 3, int.MaxValue, 0, -1, int.MinValue, null];
    private static readonly string?[] Markdowns = ["no", "yes", "unknown", null, "No", "maybe", " ", ""];

    [Fact]
    public async Task The_quick_look_says_yes_exactly_when_validation_finds_nothing()
    {
        var random = Chance.New(out _);
        await using var services = Services();
        var validation = new Validation(services);
        var (good, bad) = (0, 0);
        for (var i = 0; i < Draws; i++)
        {
            var request = Draw(random, chanceOfHostile: i % 2 == 0 ? 0.02 : 0.2);

            var errors = await validation.Errors(request);

            Assert.True(
                request.IsInOrder() == errors is [],
                $"{JsonSerializer.Serialize(request)}: {(errors is [] ? "valid" : string.Join(", ", errors))}");
            if (errors is []) good++;
            else bad++;
        }

        Assert.InRange(good, Draws / 20, Draws); // neither is rare
        Assert.InRange(bad, Draws / 20, Draws);
    }

    [Fact]
    public async Task Each_hostile_value_alone_is_seen_by_both()
    {
        await using var services = Services();
        var validation = new Validation(services);
        var good = Good();
        RedemptionRequest[] requests =
        [
            good, good with { Receipt = null }, good with { Lines = null }, good with { Lines = [] }, good with { Lines = [null!] },
            .. Days.Select(day => good with { Receipt = good.Receipt! with { BusinessDate = day } }),
            .. Parts.Select(part => good with { Receipt = good.Receipt! with { Store = part } }),
            .. Parts.Select(part => good with { Receipt = good.Receipt! with { Register = part } }),
            .. Parts.Select(part => good with { Receipt = good.Receipt! with { Number = part } }),
            .. Times.Select(time => good with { PurchasedAt = time }),
            .. Codes.Select(code => good with { Code = code }),
            .. Jans.Select(jan => WithLine(good, line => line with { Jan = jan })),
            .. Jans.Select(jan => WithLine(good, line => line with { Jan = jan, Category = null })),
            .. Categories.Select(category => WithLine(good, line => line with { Category = category })),
            .. Quantities.Select(quantity => WithLine(good, line => line with { Quantity = quantity })),
            .. Prices.Select(price => WithLine(good, line => line with { UnitPrice = price })),
            .. Numbers.Select(number => WithLine(good, line => line with { Line = number })),
            .. Markdowns.Select(markdown => WithLine(good, line => line with { Markdown = markdown })),
            .. ((int[][])[[1, 2, 3], [3, 2, 1], [1, 1], [1, 2, 1], [2, 1, 2], [2, 1, 1], [5, 3, 4, 3]])
                .Select(numbers => good with { Lines = [.. numbers.Select(number => Line(number))] }),
            .. ((int[])[999, 1000, 1001]).Select(count => good with { Lines = [.. Enumerable.Range(1, count).Select(Line)] }),
        ];

        foreach (var request in requests)
        {
            var errors = await validation.Errors(request);
            Assert.True(
                request.IsInOrder() == errors is [],
                $"{JsonSerializer.Serialize(request)}: {(errors is [] ? "valid" : string.Join(", ", errors))}");
        }

        Assert.True(good.IsInOrder());
    }

    private static RedemptionRequest Good() => new()
    {
        Receipt = new() { BusinessDate = "2026-11-22", Store = "0123", Register = "05", Number = "000481" },
        PurchasedAt = "2026-11-22T10:15:00+09:00",
        Code = "2512345678908",
        Lines = [Line(1), Line(2)],
    };

    private static SaleLineRequest Line(int number) => new() { Line = number, Jan = "4901234567894", Category = "1201", Quantity = 2, UnitPrice = 198 };

    private static RedemptionRequest WithLine(RedemptionRequest request, Func<SaleLineRequest, SaleLineRequest> change) =>
        request with { Lines = [change(request.Lines![0]), .. request.Lines.Skip(1)] };

    /// <summary>Each field is as usual, or with that chance anything.</summary>
    private static RedemptionRequest Draw(Random random, double chanceOfHostile)
    {
        return new()
        {
            Receipt = Odd() ? null : new()
            {
                BusinessDate = One(Days),
                Store = One(Parts),
                Register = One(Parts),
                Number = One(Parts),
            },
            PurchasedAt = One(Times),
            Code = One(Codes),
            Lines = Odd() ? null : [.. Enumerable.Range(1, random.Next(1, 8)).Select(Some)],
        };

        bool Odd() => random.NextDouble() < chanceOfHostile / 4;

        T One<T>(T[] all) => random.NextDouble() < chanceOfHostile ? all[random.Next(all.Length)] : all[0];

        SaleLineRequest Some(int usual) => Odd() ? null! : new()
        {
            Line = random.NextDouble() < chanceOfHostile ? One(Numbers) : usual,
            Jan = One(Jans),
            Category = One(Categories),
            Quantity = One(Quantities),
            UnitPrice = One(Prices),
            Markdown = One(Markdowns),
        };
    }

    private static ServiceProvider Services()
    {
        var services = new ServiceCollection();
        services.AddWebhook(new ConfigurationBuilder().Build());
        return services.BuildServiceProvider();
    }

    /// <summary>What the endpoints' filter does with a body.</summary>
    private sealed class Validation(IServiceProvider services)
    {
#pragma warning disable ASP0029 // for evaluation purposes; only this test calls it
        private readonly ValidationOptions options = services.GetRequiredService<IOptions<ValidationOptions>>().Value;

        public async Task<string[]> Errors(RedemptionRequest request)
        {
            Assert.True(options.TryGetValidatableTypeInfo(typeof(RedemptionRequest), out var type));
            var context = new ValidateContext
            {
                ValidationOptions = options,
                ValidationContext = new ValidationContext(request, "request", services, items: null),
            };
            await type.ValidateAsync(request, context, default);
            return [.. (context.ValidationErrors ?? []).Keys];
        }
#pragma warning restore ASP0029
    }
}

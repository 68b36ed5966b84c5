using System.Net;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Redemptions;
using CoopLine.Tests.Fixtures;
using CoopLine.Webhook.Edge;
using CoopLine.Webhook.Pos;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CoopLine.Tests.Pos;

/// <summary>Whoever has a till's key may not try digits until one fits, and never without a trace.</summary>
[OneDatabase]
public sealed class Trying_codes(Trying_codes.Strict strict) : IClassFixture<Trying_codes.Strict>
{
    private const int Few = 5;

    private readonly RunningSystem coop = strict.Coop;

    [Theory]
    [InlineData("redemptions")]
    [InlineData("evaluations")]
    public async Task A_till_with_many_unknown_codes_has_to_wait_and_the_next_till_has_not(string call)
    {
        var tried = 0;
        while (tried < 20 * Few && await Try(call, call[..2]) == HttpStatusCode.OK) tried++;

        Assert.InRange(tried, Few, (20 * Few) - 1); // while it tries, it gets some more

        Assert.Equal(HttpStatusCode.OK, await Try(call, "99"));
    }

    [Fact]
    public async Task Registers_that_are_made_up_do_not_help()
    {
        var tried = 0;
        while (tried < 100 * Few && await Try("evaluations", $"r{tried / 2}", "0456") == HttpStatusCode.OK) tried++;

        Assert.InRange(tried, 10 * Few, (100 * Few) - 1); // while it tries, the store gets some more
    }

    [Fact]
    public void Many_tries_at_the_same_moment_are_no_more_than_one_after_the_other()
    {
        using var codes = new UnknownCodes(Options.Create(new RateLimitOptions { UnknownCodes = 10 }), TimeProvider.System);
        var till = new ReceiptKey(new(2026, 11, 22), "0123", "05", "000481");
        Assert.All(Enumerable.Range(0, 50), _ => Assert.True(codes.Begin(till))); // nobody has made a mistake yet
        for (var i = 0; i < 50; i++) codes.End(till);

        for (var i = 0; i < 6; i++) codes.Count(till);
        var admitted = Enumerable.Range(0, 50).Count(_ => codes.Begin(till));

        Assert.InRange(admitted, 4, 9); // it has four mistakes left, and every ten seconds one more
        codes.End(till);
        Assert.True(codes.Begin(till));
    }

    [Fact]
    public void Many_registers_that_are_made_up_do_not_help_at_the_same_moment_either()
    {
        using var codes = new UnknownCodes(Options.Create(new RateLimitOptions { UnknownCodes = 10 }), TimeProvider.System);
        var till = new ReceiptKey(new(2026, 11, 22), "0123", "05", "000481");
        for (var i = 0; i < 96; i++) codes.Count(till with { Register = $"r{i}" });

        var admitted = Enumerable.Range(0, 500).Count(i => codes.Begin(till with { Register = $"s{i}" }));

        Assert.InRange(admitted, 1, 99);
        Assert.True(codes.Begin(till with { Store = "0456" }));
    }

    [Fact]
    public async Task Every_try_is_on_the_operations_page()
    {
        for (var i = 0; i < 3; i++) await Try("evaluations", "77");

        var told = await coop.Host.Services.GetRequiredService<RecentAnswers>().Find(new(null, "2026-11-22/0123/77/", 10));
        Assert.Equal(3, told.Length);
        Assert.All(told, one => Assert.Equal(TillAnswer.Evaluated, one.Outcome));
        Assert.Contains(("0123", "77", 3), coop.Host.Services.GetRequiredService<UnknownCodes>().Most(100).ToArray());
    }

    private async Task<HttpStatusCode> Try(string call, string register, string store = "0123")
    {
        var number = Guid.NewGuid().ToString("N")[..9];
        var sale = coop.Sale(Ean13.NewCode("25"), store) with { receipt = new { businessDate = "2026-11-22", store, register, number } };
        using var answer = await coop.Till(store).PostAsJsonAsync($"/pos/v1/{call}", sale);
        if (answer.StatusCode == HttpStatusCode.TooManyRequests) Assert.Equal("10", answer.Headers.RetryAfter?.ToString());
        return answer.StatusCode;
    }

    /// <summary>A system that lets a till make five mistakes.</summary>
    public sealed class Strict : IAsyncLifetime
    {
        public RunningSystem Coop { get; } = new() { Also = { ["CoopLine:RateLimits:UnknownCodes"] = $"{Few}" } };

        public ValueTask InitializeAsync() => Coop.InitializeAsync();

        public ValueTask DisposeAsync() => Coop.DisposeAsync();
    }
}

[NoDatabase]
public sealed class Counting_unknown_codes : IDisposable
{
    private readonly FakeTimeProvider clock = new();
    private readonly UnknownCodes codes;

    public Counting_unknown_codes() => codes = new(Options.Create(new RateLimitOptions()), clock);

    public void Dispose() => codes.Dispose();

    [Fact]
    public void What_a_till_tried_is_told_for_half_an_hour_at_least_and_not_after_an_hour()
    {
        Try("05");
        clock.Advance(TimeSpan.FromMinutes(29));
        Try("05");
        clock.Advance(TimeSpan.FromMinutes(1));

        Assert.Equal([("0123", "05", 2)], codes.Most(9));

        clock.Advance(TimeSpan.FromMinutes(30));
        Assert.Empty(codes.Most(9));
    }

    [Fact]
    public void However_many_tills_are_made_up_a_thousand_are_told()
    {
        for (var i = 0; i < 1_100; i++) Try($"r{i}");
        Try("r0");

        var told = codes.Most(2_000);
        Assert.Equal(1_000, told.Length);
        Assert.Equal(("0123", "r0", 2), told[0]);
    }

    private void Try(string register) => codes.Count(new(new(2026, 11, 22), "0123", register, "000001"));
}

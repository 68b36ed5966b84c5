using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;
using Host = CoopLine.Tests.Fixtures.Host;

namespace CoopLine.Tests.Races;

/// <summary>A running system that lets a crowd in, and what crowds do.</summary>
public sealed class Crowd : IAsyncLifetime
{
    public RunningSystem Coop { get; } = new();

    public ValueTask InitializeAsync() => Coop.InitializeAsync();

    public ValueTask DisposeAsync() => Coop.DisposeAsync();

    public Task<(SimulatedPhone Phone, RegisteredMember Member)[]> LinkedFriends(int count) =>
        Task.WhenAll(Enumerable.Range(0, count).Select(_ => Coop.LinkedFriend()));

    /// <summary>
    /// A campaign for each of these items; its lines of a receipt are <see cref="Line"/>. Each gives away what its members can use and
    /// no more: whatever is counted twice, or not given back, is missed by the next use.
    /// </summary>
    public async Task<string[]> Campaigns(int count, int members = 1)
    {
        var limits = new { totalUses = members, perStoreUses = members, perDayYen = 30 * members };
        var ids = new string[count];
        for (var i = 0; i < count; i++) ids[i] = await Coop.Publish(Some.Campaign(jan: Jan(i), limits: limits));
        return ids;
    }

    /// <summary>A receipt with one line for each of the first items.</summary>
    internal Sale SaleOf(string code, int items = 1, string store = "0123") =>
        Coop.Sale(code, store, [.. Enumerable.Range(0, items).Select(i => Sale.Line(i + 1, Jan(i)))]);

    internal Task<Answered> Redeem(Sale sale, Host? host = null, string store = "0123") =>
        Answered.To(() => Coop.Till(store, host).PostAsJsonAsync("/pos/v1/redemptions", sale));

    /// <param name="what">E.g. <c>/void</c>.</param>
    internal Task<Answered> OfReceipt(Sale sale, string what, object? body = null, HttpClient? caller = null) =>
        Answered.To(() => (caller ?? Coop.Till()).PostAsJsonAsync(
            $"{(caller is null ? "/pos" : "/staff")}/v1/receipts/{sale.Path}{what}", body ?? new { }));

    /// <summary>Brings events to one certain host, again and again until it takes them.</summary>
    internal async Task Deliver(Host host, params JsonObject[] events)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(new { destination = Coop.Line.Options.BotUserId, events });
        using var client = new HttpClient { BaseAddress = host.Address };
        var answer = await Answered.To(async () =>
        {
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json; charset=utf-8");
            content.Headers.Add("x-line-signature", Coop.Line.Sign(body));
            return await client.PostAsync("/line/webhook", content);
        });
        Assert.Equal(System.Net.HttpStatusCode.OK, answer.Status);
    }

    private static string Jan(int item)
    {
        var digits = $"49012345{item:D4}";
        var sum = digits.Select((digit, place) => (digit - '0') * (place % 2 == 0 ? 1 : 3)).Sum();
        return digits + ((10 - (sum % 10)) % 10);
    }
}

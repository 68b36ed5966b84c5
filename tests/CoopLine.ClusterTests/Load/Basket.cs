using System.Collections.Concurrent;
using CoopLine.Tests.Fixtures;

namespace CoopLine.ClusterTests.Load;

/// <summary>A purchase at a till, with what the till was told of it.</summary>
/// <param name="Account">Whose code it is, as staff see the account.</param>
internal sealed record Basket(Sale Sale, string Member, string Account, IReadOnlyList<string> Campaigns)
{
    private readonly ConcurrentQueue<Answer> promises = new();

    /// <summary>What these contents are called, when a receipt is sent with several.</summary>
    public string Body { get; private init; } = "sale";

    public string Store => Sale.Path.Split('/')[1];

    public string Number => Sale.Path.Split('/')[^1];

    /// <summary>Campaigns whose discount the till was promised.</summary>
    public IEnumerable<string> Promised => promises.SelectMany(Discounts).Distinct();

    public void Promise(Answer answer) => promises.Enqueue(answer);

    /// <summary>The same receipt with other contents.</summary>
    public Basket As(string body, Sale sale, IReadOnlyList<string>? campaigns = null) =>
        new(sale, Member, Account, campaigns ?? Campaigns) { Body = body };

    private static IEnumerable<string> Discounts(Answer answer) =>
        answer.Body.GetProperty("discounts").EnumerateArray().Select(one => one.GetProperty("campaign").GetString()!);
}

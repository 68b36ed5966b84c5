using System.Collections.Concurrent;
using CoopLine.Tests.Fixtures;

namespace CoopLine.ClusterTests.Load;

/// <summary>A purchase at a till, with what the till was told of it.</summary>
/// <param name="Account">Whose code it is, as staff see the account.</param>
internal sealed record Basket(Sale Sale, string Member, string Account, IReadOnlyList<string> Campaigns)
{
    private readonly ConcurrentQueue<Answer> promises = new();

    public string Number => Sale.Path.Split('/')[^1];

    /// <summary>Campaigns whose discount the till was promised.</summary>
    public IEnumerable<string> Promised => promises.SelectMany(Discounts).Distinct();

    /// <summary>Answers that differ from the first one, which all should be; refusals of everything are not remembered.</summary>
    public IEnumerable<string> Contradictions => promises.DistinctBy(What).Count() < 2
        ? []
        : [$"Receipt {Sale.Path} got different answers:\n{string.Join('\n', promises.Select(one => $"  {one.Invoked} … {one.Returned} {one}"))}"];

    public void Promise(Answer answer) => promises.Enqueue(answer);

    private static IEnumerable<string> Discounts(Answer answer) =>
        answer.Body.GetProperty("discounts").EnumerateArray().Select(one => one.GetProperty("campaign").GetString()!);

    private static string What(Answer answer) =>
        $"{answer.Outcome} {answer.Body.GetProperty("discounts")} {answer.Body.GetProperty("refusals")} {answer.Body.GetProperty("traceId")}";
}

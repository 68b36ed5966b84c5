using System.Collections.Concurrent;
using CoopLine.Tests.Fixtures;

namespace CoopLine.ClusterTests.Load;

/// <summary>A purchase at a till, with what the till was told of it.</summary>
/// <param name="Account">Whose code it is, as staff see the account.</param>
internal sealed record Basket(Sale Sale, string Member, string Account, IReadOnlyList<string> Campaigns)
{
    private readonly ConcurrentDictionary<string, string> traces = new();

    /// <summary>Campaigns whose discount the till was promised, with the trace id of the answer.</summary>
    public IReadOnlyDictionary<string, string> Promised => traces;

    public string Number => Sale.Path.Split('/')[^1];

    /// <exception cref="InvalidOperationException">The till was told two answers.</exception>
    public void Acknowledged(string campaign, string trace)
    {
        if (traces.GetOrAdd(campaign, trace) != trace)
            throw new InvalidOperationException($"Receipt {Sale.Path} got another answer than before.");
    }
}

using System.Collections.Immutable;

namespace CoopLine.Grains.Ledger;

/// <summary>The read side of the numbers that campaigns limit (<see cref="CountChange"/>), as they are on disk.</summary>
public interface ICampaignCounts
{
    /// <param name="campaigns">Their ids.</param>
    /// <param name="scopes">See <see cref="CountScope"/>; null for all.</param>
    /// <returns>Numbers that never changed are missing: they are zero.</returns>
    Task<ImmutableArray<CampaignCount>> Read(
        IReadOnlyCollection<string> campaigns, IReadOnlyCollection<string>? scopes, CancellationToken cancellation = default);
}

/// <param name="Scope">See <see cref="CountScope"/>.</param>
/// <param name="Uses">Uses that stand.</param>
/// <param name="Yen">Their discounts, whole yen.</param>
public readonly record struct CampaignCount(string Campaign, string Scope, long Uses, long Yen);

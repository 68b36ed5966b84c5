using System.Collections.Immutable;

namespace CoopLine.Grains.Storage;

/// <summary>What a crash may have left half done: states whose JSON says <c>"pending": true</c>.</summary>
public interface IUnfinishedWork
{
    /// <summary>States flagged as pending and not written since <paramref name="untouchedSince"/>, oldest first.</summary>
    /// <param name="skip">How many of the oldest are left out.</param>
    Task<ImmutableArray<UnfinishedState>> Find(
        DateTimeOffset untouchedSince, int limit, int skip = 0, CancellationToken cancellation = default);

    /// <summary>Deletes link sessions and coupon codes last written before <paramref name="before"/>.</summary>
    /// <returns>How many were deleted.</returns>
    Task<int> Prune(DateTimeOffset before, CancellationToken cancellation = default);

    /// <summary>
    /// Deletes coupon codes last written before <paramref name="before"/>, and in the week before that, whose member used no
    /// coupon in the minutes in which they were good.
    /// </summary>
    /// <returns>How many were deleted.</returns>
    Task<int> PruneUnusedCodes(DateTimeOffset before, CancellationToken cancellation = default);
}

/// <param name="StateName">One of <see cref="StateNames"/>.</param>
/// <param name="GrainKey">The grain's string key.</param>
public sealed record UnfinishedState(string StateName, string GrainKey);

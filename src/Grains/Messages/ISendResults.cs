using System.Collections.Immutable;

namespace CoopLine.Grains.Messages;

/// <summary>What became of a message, as plan, ledger and accounts have it at one moment.</summary>
public interface ISendResults
{
    /// <param name="coupons">Campaigns of the coupons that the message is about.</param>
    Task<SendEffect> Read(string campaign, IReadOnlyCollection<string> coupons, CancellationToken cancellation = default);
}

/// <param name="Accepted">Persons whose message LINE took.</param>
/// <param name="FirstSentAt">When the first of them was sent; null while there is none.</param>
/// <param name="Unfollowed">Of them, those who blocked the account within a day after LINE took theirs, and have done so still.</param>
/// <param name="Uses">
/// Uses that stand of the coupons, by members among them, from when LINE took theirs; by store number. Yen of discount.
/// </param>
public sealed record SendEffect(
    long Accepted, DateTimeOffset? FirstSentAt, long Unfollowed, ImmutableSortedDictionary<string, (long Uses, long Yen)> Uses);

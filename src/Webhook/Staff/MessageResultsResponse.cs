using System.Collections.Immutable;
using CoopLine.Grains.Messages;

namespace CoopLine.Webhook.Staff;

/// <summary>What became of a message to many.</summary>
/// <param name="Accepted">Persons whose message LINE took; whether it arrived, LINE does not tell.</param>
/// <param name="Statistics">Whether LINE said what it tells of those who opened and clicked.</param>
/// <param name="Opened">Persons, in the first 31 days; null while LINE does not tell, as of fewer than 20.</param>
/// <param name="Clicked">The same, of persons who tapped something in it.</param>
/// <param name="Unfollowed">Persons who blocked the account within a day after LINE took their message, and have not come back.</param>
public sealed record MessageResultsResponse(
    long Accepted, MessageStatistics Statistics, long? Opened, long? Clicked, long Unfollowed, MessageUsesResponse Used);

public enum MessageStatistics
{
    Available,

    /// <summary>LINE does not answer now.</summary>
    Unavailable,
}

/// <summary>Uses that stand of the coupons on the message's cards, by members whom it reached, and since then.</summary>
/// <param name="Yen">Their discounts.</param>
/// <param name="ByStore">By store number.</param>
public sealed record MessageUsesResponse(long Uses, long Yen, ImmutableSortedDictionary<string, UsesResponse> ByStore)
{
    internal static MessageUsesResponse Of(SendEffect effect) => new(
        effect.Uses.Values.Sum(store => store.Uses),
        effect.Uses.Values.Sum(store => store.Yen),
        effect.Uses.ToImmutableSortedDictionary(
            store => store.Key, store => new UsesResponse(store.Value.Uses, store.Value.Yen), StringComparer.Ordinal));
}

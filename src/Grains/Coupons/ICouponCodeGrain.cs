using System.Collections.Immutable;

namespace CoopLine.Grains.Coupons;

/// <summary>The 13 digits that the member shows: five minutes, one member. Key: <c>q-</c> + digits.</summary>
[Alias("coopline.coupon-code")]
public interface ICouponCodeGrain : IGrainWithStringKey
{
    /// <returns>False when these digits are taken: choose others.</returns>
    [Alias("issue")]
    Task<bool> Issue(CodeGrant grant);

    /// <summary>A newer code took its place: from now on it has expired.</summary>
    [Alias("end")]
    Task End();
}

/// <param name="LinkId">The link under which it was issued; the code dies with it.</param>
/// <param name="ExpiresAt">Good while now is before it.</param>
[GenerateSerializer, Immutable, Alias("coopline.code-grant")]
public sealed record CodeGrant(
    [property: Id(0)] string Account,
    [property: Id(1)] string Member,
    [property: Id(2)] string LinkId,
    [property: Id(3)] int LinkSequence,
    [property: Id(4)] ImmutableArray<string> EarlierMembers,
    [property: Id(5)] ImmutableArray<string> Campaigns,
    [property: Id(6)] DateTimeOffset ExpiresAt);

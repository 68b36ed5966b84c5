using System.Collections.Immutable;
using CoopLine.Grains.Campaigns;

namespace CoopLine.Grains.Coupons;

/// <summary>Serves the coupon page. Keeps nothing. Key: 0.</summary>
[Alias("coopline.coupon-desk")]
public interface ICouponDeskGrain : IGrainWithIntegerKey
{
    /// <param name="account">LINE user id, proven by LINE's id token.</param>
    /// <returns>What the member can use now; empty when not linked.</returns>
    [Alias("offers")]
    Task<CouponOffers> Offers(string account);

    /// <summary>One code for the chosen campaigns, good for five minutes.</summary>
    [Alias("issue")]
    Task<CodeOutcome> Issue(string account, ImmutableArray<string> campaigns);

    /// <summary>What became of a code of this account.</summary>
    /// <returns>Null when the account has no such code.</returns>
    [Alias("status")]
    Task<CodeStatus?> Status(string account, string code);

    /// <summary>As <see cref="Status"/>; and for the next minute the watcher hears when it may have changed.</summary>
    [Alias("watch")]
    Task<CodeStatus?> Watch(string account, string code, ICouponWatcher watcher);
}

/// <param name="Linked">Whether the account is linked to an active member.</param>
/// <param name="Usable">Can be used now, soonest end first.</param>
/// <param name="Used">Used up by this person, newest first.</param>
/// <param name="Ended">Over or stopped within the last month without having been used, newest first.</param>
/// <param name="Later">On, but not on this weekday or at this hour; soonest end first.</param>
/// <param name="SoldOut">On, but used up; soonest end first.</param>
/// <param name="Scarce">Ids of those in <paramref name="Usable"/> that are nearly used up.</param>
/// <param name="SoldOutToday">On, but used up until tomorrow; soonest end first.</param>
/// <remarks>A process of an older version leaves out the lists that it does not know.</remarks>
[GenerateSerializer, Immutable, Alias("coopline.coupon-offers")]
public sealed record CouponOffers(
    [property: Id(0)] bool Linked,
    [property: Id(1)] ImmutableArray<Campaign> Usable,
    [property: Id(2)] ImmutableArray<UsedCoupon> Used,
    [property: Id(3)] ImmutableArray<Campaign> Ended,
    [property: Id(4)] ImmutableArray<Campaign> Later,
    [property: Id(5)] ImmutableArray<Campaign> SoldOut,
    [property: Id(6)] ImmutableArray<string> Scarce,
    [property: Id(7)] ImmutableArray<Campaign> SoldOutToday)
{
    /// <summary>With empty lists in the place of those that were left out.</summary>
    public CouponOffers Whole => this with
    {
        Later = Later.IsDefault ? [] : Later,
        SoldOut = SoldOut.IsDefault ? [] : SoldOut,
        Scarce = Scarce.IsDefault ? [] : Scarce,
        SoldOutToday = SoldOutToday.IsDefault ? [] : SoldOutToday,
    };
}

[GenerateSerializer, Immutable, Alias("coopline.used-coupon")]
public sealed record UsedCoupon(
    [property: Id(0)] Campaign Campaign,
    [property: Id(1)] DateTimeOffset At,
    [property: Id(2)] string? Store,
    [property: Id(3)] int Amount);

[GenerateSerializer, Immutable, Alias("coopline.code-outcome")]
public abstract record CodeOutcome
{
    private protected CodeOutcome()
    {
    }

    [GenerateSerializer, Immutable, Alias("coopline.code-outcome.issued")]
    public sealed record Issued([property: Id(0)] string Code, [property: Id(1)] DateTimeOffset ExpiresAt) : CodeOutcome;

    [GenerateSerializer, Immutable, Alias("coopline.code-outcome.not-linked")]
    public sealed record NotLinked : CodeOutcome;

    /// <summary>These cannot be used by this member now.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.code-outcome.not-usable")]
    public sealed record NotUsable([property: Id(0)] ImmutableArray<Refusal> Refusals) : CodeOutcome;
}

/// <param name="Discounts">What the till took off, once used.</param>
/// <param name="Refusals">Coupons of the code that the till refused, or would refuse now.</param>
[GenerateSerializer, Immutable, Alias("coopline.code-status")]
public sealed record CodeStatus(
    [property: Id(0)] DateTimeOffset ExpiresAt,
    [property: Id(1)] bool Expired,
    [property: Id(2)] ImmutableArray<AppliedDiscount> Discounts,
    [property: Id(3)] ImmutableArray<Refusal> Refusals);

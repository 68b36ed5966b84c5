using System.Text.Json.Serialization;

namespace CoopLine.Webhook.Coupons;

/// <param name="Linked">Whether the account is linked to an active member.</param>
/// <param name="Usable">Can be used now, soonest end first.</param>
/// <param name="Conditions">Sentences that hold for every coupon in <paramref name="Usable"/>.</param>
/// <param name="Used">Used up by this person, newest first.</param>
/// <param name="Later">Used up for today; and good on other weekdays or at other hours.</param>
/// <param name="Ended">Used up; and over or stopped within the last month, unused, newest first.</param>
/// <param name="Session">Given for an id token: send it as the bearer from now on, for 30 minutes.</param>
public sealed record AvailableCoupons(
    bool Linked,
    IReadOnlyList<UsableCoupon> Usable,
    IReadOnlyList<string> Conditions,
    IReadOnlyList<SpentCoupon> Used,
    IReadOnlyList<ListedCoupon> Later,
    IReadOnlyList<ListedCoupon> Ended,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Session);

/// <param name="Conditions">Sentences to show as they are: the period, and what does not hold for all of the usable coupons.</param>
/// <param name="EndsAt">First moment after the offer.</param>
/// <param name="Until">The last day or moment, in words.</param>
/// <param name="Section">The heading under which the page lists it.</param>
/// <param name="Picture">Its address; absent when there is none that the page may show.</param>
/// <param name="Scarce">Says that it is nearly used up; absent when it is not.</param>
public sealed record UsableCoupon(
    string Campaign, string Title, string? Description, CouponDiscount Discount, IReadOnlyList<string> Conditions,
    DateTimeOffset StartsAt, DateTimeOffset EndsAt, string Until, CouponSection Section,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Picture,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Scarce);

/// <param name="Order">Sections come in this order, then by their titles.</param>
public sealed record CouponSection(int Order, string Title);

/// <param name="Address">Of a link page for this account; every older one is over.</param>
public sealed record LinkPage(string Address);

/// <param name="Type"><c>yen</c>, <c>percent</c>, <c>price</c> or <c>buyNGetOne</c>.</param>
/// <param name="Text">The same in words: <c>30円引き</c>.</param>
public sealed record CouponDiscount(string Type, int Value, string Text);

/// <param name="Store">Store number.</param>
/// <param name="StoreName">The store as members know it.</param>
/// <param name="Amount">Yen taken off.</param>
/// <param name="Text">The same in words.</param>
public sealed record SpentCoupon(
    string Campaign, string Title, DateTimeOffset UsedAt, string? Store, string? StoreName, int Amount, string Text);

/// <param name="Text">Until when it was good, or when it is, in words.</param>
public sealed record ListedCoupon(string Campaign, string Title, CouponDiscount Discount, string Text);

/// <param name="Campaigns">1 to 20 campaign ids.</param>
public sealed record CodeRequest(IReadOnlyList<string>? Campaigns);

/// <param name="Code">13 digits (EAN-13).</param>
/// <param name="ExpiresAt">Good while now is before it.</param>
/// <param name="Now">The server's time, because phones' clocks differ.</param>
/// <param name="Barcode">The digits as EAN-13, an SVG of 113 × 55 modules with its quiet zones.</param>
/// <param name="Qr">The digits as a QR code, an SVG with its quiet zone.</param>
public sealed record IssuedCode(string Code, DateTimeOffset ExpiresAt, DateTimeOffset Now, string Barcode, string Qr);

/// <param name="Discounts">What the till took off; empty until then, and again after a void.</param>
/// <param name="Refusals">Coupons of the code that the till refused, or would refuse now.</param>
public sealed record CodeProgress(
    DateTimeOffset ExpiresAt, bool Expired, IReadOnlyList<CodeDiscount> Discounts, IReadOnlyList<CouponRefusal> Refusals,
    DateTimeOffset Now);

/// <param name="Line">The till's number of the receipt line.</param>
/// <param name="Amount">Yen off.</param>
public sealed record CodeDiscount(string Campaign, int Line, int Units, int Amount);

/// <param name="Reason">As on the till: <c>ended</c>, <c>stopped</c>, <c>alreadyUsed</c> …</param>
public sealed record CouponRefusal(string? Campaign, string Reason, string Message);

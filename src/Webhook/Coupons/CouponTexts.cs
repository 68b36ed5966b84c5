using CoopLine.Webhook.Pages;

namespace CoopLine.Webhook.Coupons;

/// <summary>What the coupon page says.</summary>
internal sealed class CouponTexts
{
    public static readonly Texts All = new(typeof(CouponTexts));
}

namespace CoopLine.Grains.Coupons;

/// <summary>Who wants to know at once when a coupon is used or given back: the page that shows its code.</summary>
[Alias("coopline.coupon-watcher")]
public interface ICouponWatcher : IGrainObserver
{
    /// <summary>Something was decided. It may come too often, late or never: what is true is read from the desk.</summary>
    [Alias("changed")]
    void Changed();
}

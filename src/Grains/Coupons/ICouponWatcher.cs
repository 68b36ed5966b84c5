namespace CoopLine.Grains.Coupons;

/// <summary>Who wants to know at once when a coupon is used or given back: the page that shows its code.</summary>
[Alias("coopline.coupon-watcher")]
public interface ICouponWatcher : IGrainObserver
{
    /// <summary>Something was decided. This call may come too often, too late or never, so ask the desk what is true.</summary>
    [Alias("changed")]
    void Changed();
}

using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Webhook.Pages;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Coupons;

/// <summary>Puts into words what a campaign gives and asks (Q2-1 … Q2-4).</summary>
internal sealed class CouponSentences(MemberClock clock, IOptions<MemberPageOptions> pages)
{
    private static Texts Text => CouponTexts.All;

    public static string Discount(Discount discount) => discount.Type switch
    {
        DiscountType.Yen => Text["DiscountYen", discount.Value],
        DiscountType.Percent => Text["DiscountPercent", discount.Value],
        DiscountType.Price => Text["DiscountPrice", discount.Value],
        _ => throw new InvalidOperationException($"Unknown discount type {discount.Type}."),
    };

    public IReadOnlyList<string> Conditions(CampaignDefinition offer) =>
    [
        Period(offer.StartsAt, offer.EndsAt),
        offer.Stores is { } stores ? Text["Stores", string.Join('、', stores.Select(StoreName))] : Text["AllStores"],
        Text["OneUnit"],
        Text["NotOnMarkdown"],
        Text["OnceAPerson"],
        Text["WithOthers"],
    ];

    public string StoreName(string store) => pages.Value.StoreName(store);

    public string Used(UsedCoupon use)
    {
        var store = use.Store is { } number ? StoreName(number) : "";
        return Text["UsedLine", clock.Read(use.At), store, use.Amount];
    }

    public static string Refusal(RefusalReason reason) => Text[$"Refused{reason}"];

    /// <summary>An end at midnight belongs to the day before, as people count days.</summary>
    private string Period(DateTimeOffset startsAt, DateTimeOffset endsAt)
    {
        var (start, end) = (clock.Local(startsAt).DateTime, clock.Local(endsAt).DateTime);
        var wholeDays = end.TimeOfDay == TimeSpan.Zero && end > start;
        var last = wholeDays ? end.AddDays(-1) : end;
        var withYear = start.Year != last.Year;
        return Text["Period",
            start.TimeOfDay == TimeSpan.Zero ? Day(start, withYear) : DayAndTime(start, withYear),
            wholeDays ? Day(last, withYear) : DayAndTime(last, withYear)];
    }

    private static string DayAndTime(DateTime moment, bool withYear) =>
        Text["DayAndTime", Day(moment, withYear), moment.Hour, moment.Minute];

    private static string Day(DateTime day, bool withYear)
    {
        var weekday = Text["Weekdays"][(int)day.DayOfWeek];
        return withYear
            ? Text["DayOfYear", day.Year, day.Month, day.Day, weekday]
            : Text["Day", day.Month, day.Day, weekday];
    }
}

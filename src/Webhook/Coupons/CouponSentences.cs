using CoopLine.Grains;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Webhook.Pages;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Coupons;

/// <summary>Puts into words what a campaign gives and asks (Q2-1 … Q2-4).</summary>
internal sealed class CouponSentences(MemberClock clock, IOptions<MemberPageOptions> pages, IOptions<SiteOptions> site)
{
    private const int EndingSoonDays = 3;

    private static Texts Text => CouponTexts.All;

    public static string Discount(Discount discount) => discount.Type switch
    {
        DiscountType.Yen => Text["DiscountYen", discount.Value],
        DiscountType.Percent => Text["DiscountPercent", discount.Value],
        DiscountType.Price => Text["DiscountPrice", discount.Value],
        DiscountType.BuyNGetOne when discount.Value == 0 => Text["DiscountBuyNGetOneFree", discount.Units],
        DiscountType.BuyNGetOne => Text["DiscountBuyNGetOne", discount.Units, discount.Value],
        _ => throw new InvalidOperationException($"Unknown discount type {discount.Type}."),
    };

    public static string Scarce => Text["Scarce"];

    public static string SoldOut => Text["SoldOutLine"];

    public static string SoldOutToday => Text["SoldOutTodayLine"];

    public IReadOnlyList<string> Conditions(CampaignDefinition offer) =>
    [
        Period(offer.StartsAt, offer.EndsAt),
        .. offer.Conditions is { } conditions ? Conditions(conditions) : [],
        offer.Stores is { } stores ? Text["Stores", string.Join(Text["Comma"], stores.Select(StoreName))] : Text["AllStores"],
        Text["OneUnit"],
        Text["NotOnMarkdown"],
        .. offer.UnknownMarkdown is UnknownMarkdown.Refuse ? [Text["UnknownMarkdown"]] : Array.Empty<string>(),
        Text["OnceAPerson"],
        Text["WithOthers"],
    ];

    /// <summary>When a coupon is good that is not good just now.</summary>
    public static string Later(CampaignDefinition offer) => string.Join(Text["Comma"], Times(offer.Conditions!));

    /// <summary>What holds for all of these alike; never their period.</summary>
    public IReadOnlyList<string> Common(IEnumerable<CampaignDefinition> offers) =>
        offers.Select(offer => Conditions(offer).Skip(1)).Aggregate((one, other) => one.Intersect(other)).ToArray();

    public string Until(CampaignDefinition offer) =>
        Text["UntilDay", Last(clock.Local(offer.EndsAt).DateTime, withYear: false)];

    /// <summary>Only good today; ending within three days; the rest by the category that is named first, and without one last.</summary>
    public CouponSection Section(CampaignDefinition offer)
    {
        var (start, end) = (clock.Local(offer.StartsAt).DateTime, clock.Local(offer.EndsAt).DateTime);
        var today = clock.Today.ToDateTime(TimeOnly.MinValue);
        if (start >= today && end <= today.AddDays(1)) return new(0, Text["SectionToday"]);
        if (end <= today.AddDays(EndingSoonDays)) return new(1, Text["SectionSoon"]);
        return pages.Value.CategoryName(offer.Items.Categories) is { } category ? new(2, category) : new(3, Text["SectionOther"]);
    }

    /// <summary>Null when there is none, or none that the page may show.</summary>
    public string? Picture(CampaignDefinition offer) =>
        offer.Picture is { } address && pages.Value.Allows(new(address)) ? address : null;

    public string StoreName(string store) => site.Value.StoreName(store);

    public string Used(UsedCoupon use)
    {
        var store = use.Store is { } number ? StoreName(number) : "";
        return Text["UsedLine", clock.Read(use.At), store, use.Amount];
    }

    /// <summary>When it was stopped, or the last day or moment of its period.</summary>
    public string Ended(Campaign campaign) =>
        Text["EndedLine", Last(clock.Local(campaign.Until).DateTime, withYear: false)];

    public static string Refusal(RefusalReason reason) => Text[$"Refused{reason}"];

    private static IEnumerable<string> Conditions(CampaignConditions conditions) =>
    [
        .. Times(conditions),
        .. conditions.MinimumSpend is { } yen ? [Text[$"MinimumSpendOn{conditions.MinimumSpendOn}", yen]] : Array.Empty<string>(),
        .. conditions.Excluded is null ? Array.Empty<string>() : [Text["SomeExcluded"]],
        .. conditions.ExclusiveGroup is null ? Array.Empty<string>() : [Text["OneOfGroup"]],
    ];

    private static IEnumerable<string> Times(CampaignConditions conditions) =>
    [
        .. conditions.Weekdays.IsDefaultOrEmpty
            ? Array.Empty<string>()
            : [Text["OnWeekdays", string.Join(Text["WeekdayDot"], conditions.Weekdays.Select(Weekday))]],
        .. conditions.Hours is { } hours ? [Text["AtHours", hours.From, hours.To]] : Array.Empty<string>(),
    ];

    private static string Weekday(DayOfWeek day) => Text["Weekdays"].Split(',')[(int)day];

    /// <summary>An end at midnight belongs to the day before, as people count days.</summary>
    private string Period(DateTimeOffset startsAt, DateTimeOffset endsAt)
    {
        var (start, end) = (clock.Local(startsAt).DateTime, clock.Local(endsAt).DateTime);
        var withYear = start.Year != (end - TimeSpan.FromTicks(1)).Year;
        return Text["Period",
            start.TimeOfDay == TimeSpan.Zero ? Day(start, withYear) : DayAndTime(start, withYear),
            Last(end, withYear)];
    }

    private static string Last(DateTime end, bool withYear) =>
        end.TimeOfDay == TimeSpan.Zero ? Day(end.AddDays(-1), withYear) : DayAndTime(end, withYear);

    private static string DayAndTime(DateTime moment, bool withYear) =>
        Text["DayAndTime", Day(moment, withYear), moment];

    private static string Day(DateTime day, bool withYear) => Text[withYear ? "DayOfYear" : "Day", day, Weekday(day.DayOfWeek)];
}

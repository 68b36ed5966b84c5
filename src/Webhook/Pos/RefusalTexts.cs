using System.Globalization;
using System.Resources;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;

namespace CoopLine.Webhook.Pos;

/// <summary>What the cashier reads to the customer when a coupon is refused.</summary>
internal static class RefusalTexts
{
    private static readonly ResourceManager Texts = new(typeof(RefusalTexts));

    /// <param name="usedOn">The co-op's day of the earlier use, where known.</param>
    /// <param name="usedStore">The store's name, as the customer knows it.</param>
    public static string Sentence(Refusal refusal, DateTimeOffset? usedOn, string? usedStore) => refusal switch
    {
        { Reason: RefusalReason.AlreadyUsed } when usedOn is { } day && usedStore is { } store => Format("AlreadyUsedOnAt", Day(day), store),
        { Reason: RefusalReason.AlreadyUsed } when usedOn is { } day => Format("AlreadyUsedOn", Day(day)),
        { Reason: RefusalReason.BelowMinimum, MissingYen: { } yen } =>
            Format(refusal.MissingOn == SpendOn.Items ? "BelowMinimumYenOfItems" : "BelowMinimumYen", yen.ToString("N0", CultureInfo.InvariantCulture)),
        { Reason: RefusalReason.BelowMinimum, MissingUnits: { } units } => Format("BelowMinimumUnits", units.ToString(CultureInfo.InvariantCulture)),
        { Reason: RefusalReason.NotToday, Weekdays: { IsDefaultOrEmpty: false } days } =>
            Format("NotTodayBut", Days(days) + (refusal.Hours is { } at ? Format("OnlyAt", Time(at.From), Time(at.To)) : "")),
        { Reason: RefusalReason.NotNow, Hours: { } hours } => Format(
            "NotNowBut",
            refusal.Weekdays is { IsDefaultOrEmpty: false } on ? Format("OnDays", Days(on)) : "", Time(hours.From), Time(hours.To)),
        { Reason: RefusalReason.SoldOut, SoldOutIn: Counted.Store } => Text("SoldOutInStore"),
        { Reason: RefusalReason.SoldOut, SoldOutIn: Counted.Day } => Text("SoldOutToday"),
        _ => Text(refusal.Reason.ToString()),
    };

    /// <summary>For a store that has no name in the settings.</summary>
    public static string StoreByNumber(string number) => Format("StoreByNumber", number);

    private static string Day(DateTimeOffset at) => at.ToString("M月d日", CultureInfo.InvariantCulture);

    private static string Days(IEnumerable<DayOfWeek> days) => string.Join(Text("And"), days.Select(Weekday));

    private static string Weekday(DayOfWeek day) => Text("Weekdays").Split(',')[(int)day];

    private static string Time(TimeOnly time) => time.ToString(time.Minute == 0 ? "H時" : "H時m分", CultureInfo.InvariantCulture);

    private static string Format(string name, params string[] values) =>
        string.Format(CultureInfo.InvariantCulture, Text(name), values);

    private static string Text(string name) =>
        Texts.GetString(name, CultureInfo.InvariantCulture)
        ?? throw new MissingManifestResourceException($"There is no sentence for {name}.");
}

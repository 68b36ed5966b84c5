using System.Collections.Immutable;

namespace CoopLine.Grains.Campaigns;

/// <summary>What else must be so for a coupon to be taken. Null and an empty list mean: nothing.</summary>
/// <param name="MinimumSpend">Yen that the purchase comes to at least, before LINE coupons.</param>
/// <param name="MinimumSpendOn">Of which lines.</param>
/// <param name="Weekdays">
/// In the co-op's time zone, when the purchase was made. Hours past midnight belong to the day on which they began.
/// </param>
/// <param name="Hours">As <paramref name="Weekdays"/>.</param>
/// <param name="Excluded">Items that it is not for, whatever names them else.</param>
/// <param name="ExclusiveGroup">One coupon of a group is taken on one receipt.</param>
[GenerateSerializer, Immutable, Alias("coopline.campaign-conditions")]
public sealed record CampaignConditions(
    [property: Id(0)] int? MinimumSpend,
    [property: Id(1)] SpendOn MinimumSpendOn,
    [property: Id(2)] ImmutableArray<DayOfWeek> Weekdays,
    [property: Id(3)] Hours? Hours,
    [property: Id(4)] ItemSelector? Excluded,
    [property: Id(5)] string? ExclusiveGroup)
{
    public static readonly CampaignConditions None = new(null, SpendOn.Items, [], null, null, null);

    /// <summary>Yen that are missing to the smallest amount; 0 for none.</summary>
    /// <param name="itemsYen">What the items that the campaign is for come to.</param>
    /// <param name="receiptYen">What all of the receipt comes to.</param>
    public int Missing(long itemsYen, Func<long> receiptYen) =>
        (int)Math.Clamp((MinimumSpend ?? 0) - (MinimumSpendOn == SpendOn.Receipt ? receiptYen() : itemsYen), 0, int.MaxValue);

    /// <param name="at">At the co-op's offset.</param>
    public bool IsOnDay(DateTimeOffset at)
    {
        if (Weekdays.IsDefaultOrEmpty) return true;
        var isPastMidnight = Hours is { } hours && hours.ArePastMidnight(TimeOnly.FromTimeSpan(at.TimeOfDay));
        return Weekdays.Contains((isPastMidnight ? at.AddDays(-1) : at).DayOfWeek);
    }

    /// <param name="at">At the co-op's offset.</param>
    public bool IsOnTime(DateTimeOffset at) => Hours is not { } hours || hours.Contain(TimeOnly.FromTimeSpan(at.TimeOfDay));

    public bool Equals(CampaignConditions? other) =>
        other is not null && MinimumSpend == other.MinimumSpend && MinimumSpendOn == other.MinimumSpendOn
        && Weekdays.AsSpan().SequenceEqual(other.Weekdays.AsSpan()) && Hours == other.Hours
        && Excluded == other.Excluded && ExclusiveGroup == other.ExclusiveGroup;

    public override int GetHashCode() => HashCode.Combine(MinimumSpend, MinimumSpendOn, Hours, Excluded, ExclusiveGroup);
}

[GenerateSerializer, Alias("coopline.spend-on")]
public enum SpendOn
{
    /// <summary>The items that the campaign is for.</summary>
    Items,

    /// <summary>Every line of the receipt.</summary>
    Receipt,
}

/// <summary>Hours of a day. Where they end before they begin, they go past midnight.</summary>
/// <param name="From">The first moment.</param>
/// <param name="To">The first moment after them.</param>
[GenerateSerializer, Immutable, Alias("coopline.hours")]
public sealed record Hours([property: Id(0)] TimeOnly From, [property: Id(1)] TimeOnly To)
{
    public bool Contain(TimeOnly time) => From < To ? From <= time && time < To : time >= From || time < To;

    /// <summary>Whether it is the end of hours that began the day before.</summary>
    public bool ArePastMidnight(TimeOnly time) => To < From && time < To;
}

using CoopLine.Grains.Campaigns;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Campaigns;

/// <summary>Friday from ten in the evening to two in the morning is one night.</summary>
[NoDatabase]
public sealed class Past_midnight
{
    private static readonly CampaignConditions FridayNight = CampaignConditions.None with { Weekdays = [DayOfWeek.Friday], Hours = new(new(22, 0), new(2, 0)) };

    [Theory]
    [InlineData("2026-12-04T21:59:59+09:00", true, false)]
    [InlineData("2026-12-04T22:00:00+09:00", true, true)]
    [InlineData("2026-12-05T01:59:59+09:00", true, true)]
    [InlineData("2026-12-05T02:00:00+09:00", false, false)]
    [InlineData("2026-12-04T01:00:00+09:00", false, true)]
    [InlineData("2026-12-05T22:00:00+09:00", false, true)]
    public void Hours_after_midnight_belong_to_the_day_on_which_they_began(string at, bool day, bool time)
    {
        var moment = DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture);

        Assert.Equal((day, time), (FridayNight.IsOnDay(moment), FridayNight.IsOnTime(moment)));
    }
}

using CoopLine.Grains.Campaigns;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Campaigns;

[NoDatabase]
public sealed class Ending
{
    private static readonly DateTimeOffset End = new(2026, 12, 1, 0, 0, 0, TimeSpan.FromHours(9));

    private static readonly Campaign Open = new(
        "tofu-2026-11", 1, CampaignStatus.Published,
        new("豆腐", null, new(DiscountType.Yen, 30), new([], [], ["1201"]), null, null, End.AddMonths(-1), End),
        StoppedAt: null);

    [Fact]
    public void It_lasts_to_the_end_of_its_period_unless_it_was_stopped_before()
    {
        Assert.Equal(End, Open.Until);
        Assert.Equal(End.AddDays(-3), (Open with { StoppedAt = End.AddDays(-3) }).Until);
        Assert.Equal(End, (Open with { StoppedAt = End.AddDays(3) }).Until);
    }

    [Fact]
    public void It_gives_back_until_its_end_and_not_while_it_is_stopped()
    {
        Assert.True(Open.GivesBackAt(End.AddTicks(-1)));
        Assert.False(Open.GivesBackAt(End));
        Assert.False((Open with { Status = CampaignStatus.Stopped }).GivesBackAt(End.AddTicks(-1)));
    }

    [Fact]
    public void It_gives_back_what_a_till_sold_by_a_clock_that_is_before_ours() =>
        Assert.True(Open.GivesBackAt(Open.Definition.StartsAt.AddMinutes(-5)));
}

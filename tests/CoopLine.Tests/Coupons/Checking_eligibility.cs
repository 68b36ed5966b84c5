using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Registry;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Coupons;

[NoDatabase]
public sealed class Checking_eligibility
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 0, 0, 0, TimeSpan.FromHours(9));
    private static readonly DateTimeOffset End = new(2026, 12, 1, 0, 0, 0, TimeSpan.FromHours(9));

    private static readonly Campaign Open = new(
        "tofu-2026-11",
        Version: 1,
        CampaignStatus.Published,
        new("豆腐", null, new(DiscountType.Yen, 30), new([], [], ["1201"]), ["0123"], [Business.Store], Start, End),
        StoppedAt: null);

    [Fact]
    public void A_member_of_the_audience_may_use_it_in_a_named_store_within_the_period() =>
        Assert.Null(Eligibility.Check(Open, "0123", [Business.GroupBuying, Business.Store], Start.AddDays(1)));

    [Fact]
    public void The_first_moment_counts_and_the_last_does_not()
    {
        Assert.Equal(RefusalReason.NotStarted, At(Start.AddTicks(-1)));
        Assert.Null(At(Start));
        Assert.Null(At(End.AddTicks(-1)));
        Assert.Equal(RefusalReason.Ended, At(End));

        static RefusalReason? At(DateTimeOffset time) => Eligibility.Check(Open, "0123", [Business.Store], time);
    }

    [Fact]
    public void The_period_is_judged_as_a_moment_whatever_the_offset() =>
        Assert.Null(Eligibility.Check(
            Open, "0123", [Business.Store], new(2026, 10, 31, 15, 0, 0, TimeSpan.Zero)));

    [Theory]
    [InlineData(CampaignStatus.Draft, RefusalReason.NotStarted)]
    [InlineData(CampaignStatus.Stopped, RefusalReason.Stopped)]
    public void Only_a_published_campaign_counts(CampaignStatus status, RefusalReason reason) =>
        Assert.Equal(reason, Eligibility.Check(Open with { Status = status }, "0123", [Business.Store], Start));

    [Fact]
    public void A_campaign_that_does_not_exist_counts_as_stopped() =>
        Assert.Equal(RefusalReason.Stopped, Eligibility.Check(null, "0123", [Business.Store], Start));

    [Fact]
    public void A_member_without_the_service_is_refused()
    {
        Assert.Equal(RefusalReason.NotInAudience, Eligibility.Check(Open, "0123", [Business.HomeDelivery], Start));
        Assert.Equal(RefusalReason.NotInAudience, Eligibility.Check(Open, "0123", [], Start));
        Assert.Equal(RefusalReason.NotInAudience, Eligibility.Check(Open, "0123", default, Start));
    }

    [Fact]
    public void Another_store_is_refused() =>
        Assert.Equal(RefusalReason.StoreNotEligible, Eligibility.Check(Open, "123", [Business.Store], Start));

    [Fact]
    public void No_list_means_all()
    {
        var everywhere = Open with { Definition = Open.Definition with { Stores = null, Businesses = null } };

        Assert.Null(Eligibility.Check(everywhere, "0999", [], Start));
    }

    [Fact]
    public void Of_several_reasons_the_campaign_itself_comes_first_then_the_member_then_the_store()
    {
        var stopped = Open with { Status = CampaignStatus.Stopped };

        Assert.Equal(RefusalReason.Stopped, Eligibility.Check(stopped, "0999", [], End));
        Assert.Equal(RefusalReason.Ended, Eligibility.Check(Open, "0999", [], End));
        Assert.Equal(RefusalReason.NotInAudience, Eligibility.Check(Open, "0999", [], Start));
    }
}

using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Ledger;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Coupons;

/// <summary>What a coupon answers the receipt that has used it.</summary>
[NoDatabase]
public sealed class Using_a_coupon
{
    private static readonly DateTimeOffset At = new(2026, 11, 22, 10, 0, 0, TimeSpan.FromHours(9));

    [Theory]
    [InlineData("01", "01")]
    [InlineData(null, null)]
    [InlineData(null, "01")] // An older version decided.
    public void The_same_decision_again_has_used_it_before(string? first, string? second)
    {
        var used = new CouponState().UseFor(Use(first), Row).Next;

        var (next, outcome) = used.UseFor(Use(second), Row);

        Assert.Same(used, next);
        Assert.Equal(new UseOutcome.Used(used.Use!, Before: true), outcome);
        Assert.Equal(first is null, used.Use!.RequestHash is not null);
    }

    [Theory]
    [InlineData("aa", "02")]
    [InlineData("bb", "02")]
    [InlineData("aa", null)]
    [InlineData("bb", null)]
    public void Another_decision_or_request_is_told_that_the_receipt_is_decided(string hash, string? decision)
    {
        var used = new CouponState().UseFor(Use("01"), Row).Next;

        var (next, outcome) = used.UseFor(Use(decision) with { RequestHash = hash }, Row);

        Assert.Same(used, next);
        Assert.Equal(new UseOutcome.ReceiptDecided(), outcome);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void So_is_the_same_decision_after_it_was_taken_back(bool givenBack)
    {
        var used = new CouponState().UseFor(Use("01"), Row).Next;
        var (taken, _) = used.TakeBack(Row with { Kind = LedgerKind.Voided, GivenBack = givenBack });

        Assert.Equal(new UseOutcome.ReceiptDecided(), taken.UseFor(Use("01"), Row).Outcome);
    }

    [Fact]
    public void A_planned_decision_that_another_receipt_was_faster_than_never_gets_it()
    {
        var other = Use("09") with { Receipt = Receipt with { Number = "000482" } };
        var otherRow = Row with { Receipt = other.Receipt.ToString(), Planned = false };
        var lost = new CouponState().UseFor(other, otherRow).Next.UseFor(Use("01"), Row).Next;

        var free = lost.TakeBack(otherRow with { Kind = LedgerKind.Voided, GivenBack = true }).Next;

        Assert.Null(free.Use);
        Assert.Equal(new UseOutcome.AlreadyUsed(other with { RequestHash = null }), lost.UseFor(Use("01"), Row).Outcome);
        Assert.Equal(new UseOutcome.AlreadyUsed(other with { RequestHash = null }), free.UseFor(Use("01"), Row).Outcome);
        Assert.Equal(new UseOutcome.Used(Use("02"), Before: false), free.UseFor(Use("02"), Row).Outcome);
    }

    [Fact]
    public void A_single_use_that_is_refused_leaves_nothing_behind()
    {
        var used = new CouponState().UseFor(Use("09") with { Receipt = Receipt with { Number = "000482" } }, Row).Next;

        Assert.Same(used, used.UseFor(Use("01"), Row with { Planned = false }).Next);
    }

    [Fact]
    public void Forsaken_attempts_get_it_never_and_a_storm_of_them_does_not_pile_up()
    {
        var coupon = new CouponState();
        for (var i = 0; i < 100; i++) coupon = coupon.Forsake(Receipt, new($"{i:x16}")).Next;

        Assert.Equal(32, coupon.Forsaken.Length);
        Assert.IsType<UseOutcome.Fenced>(coupon.UseFor(Use($"{99:x16}{7:x16}"), Row).Outcome);
        var (used, outcome) = coupon.UseFor(Use($"{100:x16}{7:x16}"), Row);
        Assert.IsType<UseOutcome.Used>(outcome);
        Assert.Equal((used, false), used.Forsake(Receipt, new($"{100:x16}")));
    }

    [Fact]
    public void A_replaced_number_loses_to_what_was_planned_before_and_comes_back_when_the_registry_takes_it_back()
    {
        var replaced = new CouponState().Supersede(At);

        Assert.Same(replaced, replaced.Supersede(At + TimeSpan.FromMinutes(4)));
        Assert.NotSame(replaced, replaced.Supersede(At + TimeSpan.FromMinutes(6)));
        Assert.IsType<UseOutcome.Fenced>(Planned(TimeSpan.FromMinutes(-30)));
        Assert.IsType<UseOutcome.Fenced>(Planned(TimeSpan.FromMinutes(9)));
        Assert.IsType<UseOutcome.Used>(Planned(TimeSpan.FromMinutes(10)));

        UseOutcome Planned(TimeSpan later) => replaced.UseFor(Use("01") with { At = At + later }, Row).Outcome;
    }

    [Fact]
    public void What_an_earlier_version_superseded_stays_so_until_it_is_dated()
    {
        var earlier = new CouponState { Superseded = true };

        Assert.IsType<UseOutcome.Fenced>(earlier.UseFor(Use("01"), Row).Outcome);
        Assert.IsType<UseOutcome.Used>(earlier.Supersede(At - TimeSpan.FromHours(1)).UseFor(Use("01"), Row).Outcome);
    }

    [Fact]
    public void A_planned_decision_that_met_a_limit_never_gets_it_and_another_one_may()
    {
        var (sold, outcome) = new CouponState().SoldOutFor(Use("01"), Row);

        Assert.IsType<UseOutcome.SoldOut>(outcome);
        Assert.IsType<UseOutcome.SoldOut>(sold.UseFor(Use("01"), Row).Outcome);
        Assert.IsType<UseOutcome.Used>(sold.UseFor(Use("02"), Row).Outcome);
        // A code of one coupon decides anew by itself.
        Assert.Empty(new CouponState().SoldOutFor(Use("01"), Row with { Planned = false }).Next.Lost);
    }

    [Fact]
    public void Who_meets_a_limit_because_the_coupon_is_used_is_told_of_the_use_and_stays_without_it()
    {
        var other = Use("09") with { Receipt = Receipt with { Number = "000482" } };
        var used = new CouponState().UseFor(other, Row with { Receipt = other.Receipt.ToString() }).Next;

        var (next, outcome) = used.SoldOutFor(Use("01"), Row);

        Assert.IsType<UseOutcome.AlreadyUsed>(outcome);
        var free = next with { Use = null };
        Assert.IsType<UseOutcome.AlreadyUsed>(free.UseFor(Use("01"), Row).Outcome);
        var mine = new CouponState().UseFor(Use("01"), Row).Next;
        Assert.Equal(new UseOutcome.Used(mine.Use!, Before: true), mine.SoldOutFor(Use("01"), Row).Outcome);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void It_is_counted_out_of_what_it_was_counted_in_when_it_is_given_back(bool givenBack)
    {
        var limits = new UseLimits(new(10, null), null, new(null, 900));
        var use = Use("01") with { Limits = limits, Counted = limits.Counted };
        var row = Row with { Campaign = "tofu" };

        var used = new CouponState().UseFor(use, row).Next;
        Assert.Equal([new("tofu", "all", 1, 30, 10, null), new("tofu", "day/2026-11-22", 1, 30, null, 900)], used.Counts);
        Assert.Null(used.Use!.Limits);

        var written = (CouponState)used.Written();
        Assert.Empty(written.Counts);
        var back = written.TakeBack(row with { Kind = LedgerKind.Voided, GivenBack = givenBack }).Next;
        Assert.Equal(givenBack ? [new("tofu", "all", -1, -30), new("tofu", "day/2026-11-22", -1, -30)] : [], back.Counts);
    }

    private static CouponUse Use(string? decision) => new(
        Receipt, "aa", "U-1", 1, At, 1, 30, 1, decision is null ? null : new Decision(decision));

    private static ReceiptKey Receipt { get; } = new(new(2026, 11, 22), "0123", "05", "000481");

    private static LedgerRow Row { get; } = new() { Id = "used", Kind = LedgerKind.Used, At = At, Receipt = Receipt.ToString(), Planned = true };
}

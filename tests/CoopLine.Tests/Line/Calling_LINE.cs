using CoopLine.Grains.Accounts;
using CoopLine.Grains.Line;
using CoopLine.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace CoopLine.Tests.Line;

/// <summary>When an account calls LINE again, and what becomes of a reply whose outcome nobody reported.</summary>
[NoDatabase]
public sealed class Calling_LINE
{
    private readonly FakeTimeProvider clock = new(new(2026, 11, 22, 1, 0, 0, TimeSpan.Zero));
    private readonly LineCalls calls;

    public Calling_LINE() => calls = new(clock);

    [Fact]
    public void A_reply_that_may_have_arrived_is_not_pushed_as_well()
    {
        var reply = Reply();
        Assert.True(calls.MaySay(reply));
        clock.Advance(TimeSpan.FromSeconds(61)); // whoever made the call has died with it
        Assert.True(calls.MaySay(reply));

        Assert.Null(calls.After(reply, LineCallResult.Rejected, clock.GetUtcNow()));
    }

    [Fact]
    public void A_reply_that_LINE_has_surely_refused_is_pushed()
    {
        var reply = Reply();
        Assert.True(calls.MaySay(reply));

        Assert.Equal(reply with { ReplyToken = null }, calls.After(reply, LineCallResult.Rejected, clock.GetUtcNow()));
    }

    [Theory]
    [InlineData(LineCallResult.Accepted)]
    [InlineData(LineCallResult.NotNow)]
    public void A_clock_that_is_set_back_silences_nobody(LineCallResult before)
    {
        Assert.True(calls.MayShowMenu());
        calls.MenuAnswered(before);

        clock.AdjustTime(clock.GetUtcNow() - TimeSpan.FromHours(1));

        Assert.True(calls.MayShowMenu());
    }

    [Fact]
    public void Nor_does_a_call_that_is_under_way_when_it_is_set_back_and_lost()
    {
        Assert.True(calls.MayShowMenu());

        clock.AdjustTime(clock.GetUtcNow() - TimeSpan.FromHours(1));

        Assert.True(calls.MayShowMenu());
    }

    [Fact]
    public void A_call_that_failed_is_made_again_after_a_second_and_one_under_way_after_a_minute()
    {
        Assert.True(calls.MayShowMenu());
        Assert.False(calls.MayShowMenu());
        calls.MenuAnswered(LineCallResult.NotNow);
        Assert.False(calls.MayShowMenu());

        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(calls.MayShowMenu());

        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.False(calls.MayShowMenu());
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(calls.MayShowMenu());
    }

    private OutboxEntry Reply() => new(Guid.NewGuid(), Notice.Welcome, null, "token", clock.GetUtcNow());
}

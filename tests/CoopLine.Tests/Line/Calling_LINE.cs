using CoopLine.Grains.Accounts;
using CoopLine.Grains.Line;
using CoopLine.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace CoopLine.Tests.Line;

/// <summary>When an account calls LINE again, and what becomes of what LINE did not take.</summary>
[NoDatabase]
public sealed class Calling_LINE
{
    private readonly FakeTimeProvider clock = new(new(2026, 11, 22, 1, 0, 0, TimeSpan.Zero));
    private readonly LineCalls calls;

    public Calling_LINE() => calls = new(clock);

    [Theory]
    [InlineData(LineCallResult.NotNow)]
    [InlineData(LineCallResult.Unknown)]
    public void A_reply_stays_while_its_token_may_be_good_and_is_never_pushed(LineCallResult answer)
    {
        var reply = Reply();

        clock.Advance(TimeSpan.FromSeconds(44));
        Assert.Equal(reply, LineCalls.After(reply, answer, clock.GetUtcNow()));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(LineCalls.After(reply, answer, clock.GetUtcNow()));
    }

    [Fact]
    public void A_reply_whose_token_LINE_refuses_is_never_pushed()
    {
        var reply = Reply();

        Assert.Null(LineCalls.After(reply, LineCallResult.Rejected, clock.GetUtcNow()));
    }

    [Fact]
    public void While_the_month_s_messages_are_used_up_answers_to_taps_go_first()
    {
        var (push, reply) = (Push(), Reply());
        Assert.Equal(push, calls.Begin([push, reply]));
        Assert.Null(calls.Begin([push, reply])); // one at a time

        calls.Sent(push with { OverMonthlyLimit = true }, LineCallResult.NotNow);
        Assert.Equal(reply, calls.Begin([push, reply]));
        calls.Sent(reply, LineCallResult.Accepted);
        Assert.Null(calls.Begin([push]));
        Assert.Equal(MonthlyLimit.Pause, calls.NextTry);

        clock.Advance(MonthlyLimit.Pause);
        Assert.Equal(push, calls.Begin([push]));
    }

    [Fact]
    public void An_answer_to_a_tap_does_not_wait_behind_a_push_that_failed()
    {
        var (push, reply) = (Push(), Reply());
        Assert.Equal(push, calls.Begin([push, reply]));
        calls.Sent(push, LineCallResult.NotNow);

        Assert.Equal(reply, calls.Begin([push, reply]));
    }

    [Fact]
    public void A_clock_that_is_set_back_does_not_lengthen_the_limit()
    {
        var push = Push();
        Assert.Equal(push, calls.Begin([push]));
        calls.Sent(push with { OverMonthlyLimit = true }, LineCallResult.NotNow);

        clock.AdjustTime(clock.GetUtcNow() - TimeSpan.FromHours(1));

        Assert.Equal(push, calls.Begin([push]));
    }

    [Theory]
    [InlineData(LineCallResult.Accepted)]
    [InlineData(LineCallResult.NotNow)]
    public void A_clock_that_is_set_back_silences_nobody(LineCallResult before)
    {
        Assert.True(calls.BeginMenu());
        calls.MenuAnswered(before);

        clock.AdjustTime(clock.GetUtcNow() - TimeSpan.FromHours(1));

        Assert.True(calls.BeginMenu());
    }

    [Fact]
    public void Nor_does_a_call_that_is_under_way_when_it_is_set_back_and_lost()
    {
        Assert.True(calls.BeginMenu());

        clock.AdjustTime(clock.GetUtcNow() - TimeSpan.FromHours(1));

        Assert.True(calls.BeginMenu());
    }

    [Fact]
    public void A_call_that_failed_is_made_again_after_a_second_and_one_under_way_after_a_minute()
    {
        Assert.True(calls.BeginMenu());
        Assert.False(calls.BeginMenu());
        calls.MenuAnswered(LineCallResult.NotNow);
        Assert.False(calls.BeginMenu());

        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(calls.BeginMenu());

        clock.Advance(TimeSpan.FromSeconds(59));
        Assert.False(calls.BeginMenu());
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(calls.BeginMenu());
    }

    private OutboxEntry Push() => Reply() with { Id = Guid.NewGuid(), Notice = Notice.Linked, ReplyToken = null };

    private OutboxEntry Reply() => new(Guid.NewGuid(), Notice.Welcome, null, "token", clock.GetUtcNow());
}

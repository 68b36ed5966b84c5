using CoopLine.Grains.Messages;
using CoopLine.Tests.Fixtures;
using Microsoft.Extensions.Time.Testing;

namespace CoopLine.Tests.Messages;

/// <summary>When a block that LINE did not take is tried again.</summary>
[NoDatabase]
public sealed class Trying_again
{
    private readonly FakeTimeProvider clock = new();
    private readonly Tries tries;

    public Trying_again() => tries = new(clock);

    [Fact]
    public void Each_pause_is_longer_up_to_a_minute()
    {
        foreach (var seconds in new[] { 1, 2, 4, 8, 16, 32, 60, 60 })
        {
            Assert.True(tries.AreDue(1));
            tries.Failed(1);
            Assert.Equal(TimeSpan.FromSeconds(seconds), tries.Next);
            Assert.False(tries.AreDue(1));
            clock.Advance(TimeSpan.FromSeconds(seconds));
        }
    }

    [Fact]
    public void What_is_over_is_waited_for_no_more()
    {
        tries.Failed(1);
        tries.Failed(2);
        tries.Over(1);
        Assert.True(tries.HaveFailed);

        tries.ForgetAllBut([3]); // another process settled it

        Assert.False(tries.HaveFailed);
        Assert.Null(tries.Next);
    }

    [Fact]
    public void A_moment_that_a_clock_set_back_has_put_far_away_is_not_waited_for()
    {
        clock.AdjustTime(clock.GetUtcNow() + TimeSpan.FromHours(2));
        tries.Failed(1);
        clock.AdjustTime(clock.GetUtcNow() - TimeSpan.FromHours(1));

        Assert.True(tries.AreDue(1));
    }
}

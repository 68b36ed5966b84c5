using CoopLine.Grains.Linking;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Linking;

/// <summary>The rules of <see cref="LinkSessionState"/> that other guards usually answer first.</summary>
[NoDatabase]
public sealed class Consuming_a_nonce
{
    private static readonly DateTimeOffset Opened = new(2026, 11, 22, 1, 0, 0, TimeSpan.Zero);

    private static readonly LinkSessionState Ready = new LinkSessionState()
        .Issue("U1", Opened).Open(Opened).StartDialog("hash", "10000001", Opened);

    [Fact]
    public void The_account_of_the_session_gets_its_member_and_the_same_again_for_the_same_event()
    {
        var (next, outcome) = Ready.Consume("U1", "hash", "event-1", Opened);

        Assert.Equal(new NonceOutcome.Good("10000001"), outcome);
        Assert.Equal(new NonceOutcome.Good("10000001"), next.Consume("U1", "hash", "event-1", Opened).Outcome);
        Assert.Equal(LinkSessionStatus.Finished, next.StatusAt(Opened));
    }

    [Fact]
    public void Another_account_gets_nothing() =>
        Assert.Equal(new NonceOutcome.Worthless(), Ready.Consume("U2", "hash", "event-1", Opened).Outcome);

    [Fact]
    public void A_second_event_gets_nothing()
    {
        var (used, _) = Ready.Consume("U1", "hash", "event-1", Opened);

        Assert.Equal(new NonceOutcome.Worthless(), used.Consume("U1", "hash", "event-2", Opened).Outcome);
    }

    [Fact]
    public void A_replaced_session_gives_nothing() =>
        Assert.Equal(new NonceOutcome.Worthless(), Ready.Replace().Consume("U1", "hash", "event-1", Opened).Outcome);

    [Fact]
    public void At_ten_minutes_it_is_too_late() =>
        Assert.Equal(
            new NonceOutcome.TooLate(),
            Ready.Consume("U1", "hash", "event-1", Opened + LinkSessionState.TimeToFinish).Outcome);
}

using CoopLine.Tests.Fixtures;
using CoopLine.Webhook.Coupons;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.Extensions.Time.Testing;

namespace CoopLine.Tests.Coupons;

/// <summary>The page's own session instead of LIFF's id token.</summary>
[NoDatabase]
public sealed class Signing_in
{
    private const string Account = "U1234567890abcdef1234567890abcdef";

    private readonly FakeTimeProvider clock = new(new(2026, 11, 22, 1, 0, 0, TimeSpan.Zero));
    private readonly CouponSessions sessions;

    public Signing_in() => sessions = new(new EphemeralDataProtectionProvider(), clock);

    [Fact]
    public void Given_a_session_then_it_names_its_account_until_just_before_thirty_minutes()
    {
        var session = sessions.Start(Account);

        clock.Advance(TimeSpan.FromMinutes(30) - TimeSpan.FromMilliseconds(1));
        Assert.Equal(Account, sessions.Account(session));
    }

    [Fact]
    public void Given_a_session_when_thirty_minutes_are_over_then_it_is_worthless()
    {
        var session = sessions.Start(Account);

        clock.Advance(TimeSpan.FromMinutes(30));
        Assert.Null(sessions.Account(session));
    }

    [Fact]
    public void Given_a_session_then_nothing_in_it_can_be_read_or_taken_for_an_id_token()
    {
        var session = sessions.Start(Account);

        Assert.Matches("^[A-Za-z0-9_-]+$", session);
        Assert.DoesNotContain(Account, session, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("")]
    [InlineData("x")]
    [InlineData("CfDJ8AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("not base64url!")]
    public void Given_something_else_then_it_is_no_session(string text) => Assert.Null(sessions.Account(text));

    [Fact]
    public void Given_a_session_of_another_installation_then_it_is_no_session()
    {
        var foreign = new CouponSessions(new EphemeralDataProtectionProvider(), clock).Start(Account);

        Assert.Null(sessions.Account(foreign));
    }

    [Fact]
    public void Given_a_session_with_one_letter_changed_then_it_is_no_session()
    {
        var session = sessions.Start(Account).ToCharArray();
        session[^10] = session[^10] == 'A' ? 'B' : 'A';

        Assert.Null(sessions.Account(new(session)));
    }
}

using System.Net;
using CoopLine.Tests.Fixtures;
using CoopLine.Webhook.Edge;

namespace CoopLine.Tests.Edge;

/// <summary>Whose requests are counted together where nobody has signed in yet.</summary>
[NoDatabase]
public sealed class Telling_callers_apart
{
    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("203.0.113.7", "::ffff:203.0.113.7")] // as a socket for both kinds tells it
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff")] // one network has them all
    public void One_caller(string address, string other) => Assert.Equal(Caller(address), Caller(other));

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.8")]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1")]
    [InlineData("::1", "0.0.0.0")]
    public void Two_callers(string address, string other) => Assert.NotEqual(Caller(address), Caller(other));

    private static string? Caller(string address) =>
        RateLimit.Address(new DefaultHttpContext { Connection = { RemoteIpAddress = IPAddress.Parse(address) } });
}

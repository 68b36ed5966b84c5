using CoopLine.Tests.Fixtures;
using CoopLine.Webhook.Staff;

namespace CoopLine.Tests.Staff;

[NoDatabase]
public sealed class Seeing_LINE_accounts
{
    [Theory]
    [InlineData("U1234567890abcdef1234567890abcdef", "U1234…cdef")]
    [InlineData("undelivered|U1234567890abcdef1234567890abcdef|7", "undelivered|U1234…cdef|7")]
    [InlineData("used|2026-11-22/0123/05/000481|tofu|10000001", "used|2026-11-22/0123/05/000481|tofu|10000001")]
    public void Staff_see_the_ends_only(string text, string seen) => Assert.Equal(seen, LineAccountText.Shorten(text));
}

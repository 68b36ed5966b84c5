using CoopLine.Tests.Fixtures;
using CoopLine.Webhook.Edge;

namespace CoopLine.Tests.Edge;

[NoDatabase]
public sealed class Checking_fields
{
    [Theory]
    [InlineData("2026-11-22T10:15:00+09:00", true)]
    [InlineData("2026-11-22T01:15:00Z", true)]
    [InlineData("2026-11-22T10:15:00.123+09:00", true)]
    [InlineData("2026-11-22T10:15+09:00", true)]
    [InlineData("2026-11-22T10:15:00", false)] // whose time?
    [InlineData("2026-11-22 10:15:00+09:00", false)]
    [InlineData("2026-11-22", false)]
    [InlineData("2026-02-30T10:15:00+09:00", false)]
    [InlineData("2026-11-22T25:15:00+09:00", false)]
    [InlineData("2026-11-22T10:15:00+19:00", false)]
    [InlineData("2026-11-22T10:15:00+09:00\n", false)]
    [InlineData("0001-01-01T00:00:00+09:00", false)] // before the first moment there is
    [InlineData("", false)]
    [InlineData(null, true)] // absence is another check's business
    public void An_instant_has_an_offset(string? text, bool good) => Assert.Equal(good, new InstantAttribute().IsValid(text));

    [Theory]
    [InlineData("2026-11-22", true)]
    [InlineData("2026-02-29", false)]
    [InlineData("2026-1-2", false)]
    [InlineData("20261122", false)]
    [InlineData("", false)]
    public void A_day_exists(string text, bool good) => Assert.Equal(good, new DayAttribute().IsValid(text));

    [Theory]
    [InlineData("4901234567894", true)]
    [InlineData("49012347", true)]
    [InlineData("49012348", false)]
    [InlineData("4901234567890", false)]
    [InlineData("", false)]
    public void A_JAN_has_its_check_digit(string jan, bool good)
    {
        Assert.Equal(good, new JanAttribute().IsValid(jan));
        Assert.Equal(good, new JanAttribute().IsValid(new[] { "4901234567894", jan }));
    }

    [Theory]
    [InlineData("本店のチラシ 👍", true, true)]
    [InlineData("", true, true)]
    [InlineData(null, true, true)]
    [InlineData("一行目\r\n\t二行目", false, true)]
    [InlineData("\0", false, false)]
    [InlineData("a\u001b[31m", false, false)]
    [InlineData("a\u007f", false, false)]
    [InlineData("a\u0085", false, false)]
    public void Plain_text_has_no_control_characters(string? text, bool oneLine, bool lines)
    {
        Assert.Equal(oneLine, new PlainTextAttribute().IsValid(text));
        Assert.Equal(lines, new PlainTextAttribute { Lines = true }.IsValid(text));
    }

    [Theory]
    [InlineData("store", true)]
    [InlineData("stores", false)]
    [InlineData("home\n", false)]
    [InlineData(null, false)]
    public void Each_of_a_list_is_looked_at(string? second, bool good) =>
        Assert.Equal(good, new EachAttribute("store|home").IsValid(new[] { "home", second }));
}

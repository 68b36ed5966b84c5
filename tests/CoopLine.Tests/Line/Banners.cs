using CoopLine.Grains.Line;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Line;

[NoDatabase]
public sealed class Banners
{
    [Theory]
    [InlineData("01JD8Z7N5V3Q4X2K1M0T9R8Y7W")]
    [InlineData("01JD8Z7N5V3Q4X2K1M0T9R8Y7W>100000002")]
    public void The_button_that_ends_a_link_names_it(string link) =>
        Assert.Equal(link, Banner.ConfirmedLink(Banner.UnlinkConfirm(link)));

    [Fact]
    public void What_old_messages_and_menus_send_keeps_its_meaning()
    {
        Assert.Equal(["action=link", "action=unlink", "action=unlink-cancel"], [Banner.Link, Banner.Unlink, Banner.UnlinkCancel]);
        Assert.Equal("a>b", Banner.ConfirmedLink("action=unlink-confirm&link=a%3Eb"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(Banner.Unlink)]
    [InlineData(Banner.UnlinkCancel)]
    public void Anything_else_names_none(string data) => Assert.Null(Banner.ConfirmedLink(data));
}

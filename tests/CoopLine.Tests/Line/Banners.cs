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
        Assert.Equal("action=topics", Banner.Topics);
        Assert.Equal(("home", true), Banner.TurnedTopic("action=topic-on&topic=home"));
        Assert.Equal(("home", false), Banner.TurnedTopic("action=topic-off&topic=home"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_button_for_a_topic_names_it_and_what_the_friend_wants(bool on) =>
        Assert.Equal(("store", on), Banner.TurnedTopic(Banner.TurnTopic("store", on)));

    [Theory]
    [InlineData("")]
    [InlineData(Banner.Unlink)]
    [InlineData(Banner.UnlinkCancel)]
    [InlineData(Banner.Topics)]
    public void Anything_else_names_none(string data)
    {
        Assert.Null(Banner.ConfirmedLink(data));
        Assert.Null(Banner.TurnedTopic(data));
    }
}

using System.Collections.Immutable;
using CoopLine.Grains.Accounts;
using CoopLine.Grains.Line;
using CoopLine.Grains.Members;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Line;

/// <summary>What a friend turns off stays off until the friend turns it on.</summary>
[NoDatabase]
public sealed class Topics
{
    private static readonly DateTimeOffset At = new(2026, 11, 22, 10, 0, 0, TimeSpan.FromHours(9));
    private static readonly MemberLink Link = new("link", "U1", "10000001", At, 1);

    private int events;

    [Fact]
    public void At_first_all_are_on() => Assert.Empty(new LineAccountState().TopicsOff);

    [Fact]
    public void What_is_turned_off_is_kept_in_order_and_once()
    {
        var state = new LineAccountState().Turn(Topic.Notice, on: false).Turn(Topic.Store, on: false);

        Assert.Equal([Topic.Store, Topic.Notice], state.TopicsOff);
        Assert.Same(state, state.Turn(Topic.Store, on: false));
    }

    [Fact]
    public void What_is_turned_on_again_leaves_the_others_off()
    {
        var state = new LineAccountState().Turn(Topic.Store, on: false).Turn(Topic.Home, on: false).Turn(Topic.Store, on: true);

        Assert.Equal([Topic.Home], state.TopicsOff);
        Assert.Same(state, state.Turn(Topic.Store, on: true));
    }

    [Fact]
    public void What_nobody_gets_unasked_is_off_until_it_is_turned_on()
    {
        var asked = new LineAccountState().Turn(Topic.Saved, on: true);

        Assert.Equal([Topic.Saved], new LineAccountState().UnwantedTopics);
        Assert.Empty(asked.UnwantedTopics);
        Assert.Equal([Topic.Home, Topic.Saved], asked.Turn(Topic.Home, on: false).Turn(Topic.Saved, on: false).UnwantedTopics);
        Assert.Same(asked, asked.Turn(Topic.Saved, on: true));
    }

    [Fact]
    public void An_old_button_pressed_twice_does_not_turn_back()
    {
        var off = Banner.TurnTopic("store", on: false);
        var state = Tap(Tap(new(), off), off);

        Assert.Equal([Topic.Store], state.TopicsOff);
        Assert.Empty(Tap(state, Banner.TurnTopic("store", on: true)).TopicsOff);
    }

    [Fact]
    public void A_tap_that_LINE_delivers_again_counts_once()
    {
        var off = Tapped(Banner.TurnTopic("store", on: false));
        var state = new LineAccountState().Receive(off, "s", At).Turn(Topic.Store, on: true);

        Assert.Empty(state.Receive(off, "s", At).TopicsOff);
    }

    [Theory]
    [InlineData("action=topic-off&topic=")]
    [InlineData("action=topic-off&topic=Store")]
    [InlineData("action=topic-off&topic=store ")]
    [InlineData("action=topic-off&topic=recipes")]
    [InlineData("action=topic-off")]
    public void A_button_for_a_topic_that_does_not_exist_does_nothing(string data)
    {
        var state = Tap(new(), data);

        Assert.Empty(state.TopicsOff);
        Assert.Empty(state.Outbox);
    }

    [Fact]
    public void A_block_and_a_new_follow_change_nothing()
    {
        var state = new LineAccountState().Turn(Topic.Home, on: false)
            .Receive(new("unfollow", LineEventKind.Unfollow, At), "s", At)
            .Receive(new("follow", LineEventKind.Follow, At.AddDays(1)), "s", At);

        Assert.Equal([Topic.Home], state.TopicsOff);
    }

    [Fact]
    public void A_link_and_its_end_change_nothing()
    {
        var linked = new LineAccountState().Turn(Topic.Home, on: false).Tied(Link, "link", At);
        var unlinked = linked.Untied(Link);

        Assert.Equal([Topic.Home], linked.TopicsOff);
        Assert.Equal([Topic.Home], unlinked.TopicsOff);
        Assert.Equal([Topic.Home], unlinked.Forget(["10000009"], At).TopicsOff); // somebody else is erased
    }

    [Fact]
    public void Who_is_erased_is_forgotten_with_what_was_off_and_what_is_turned_off_afterwards_stays()
    {
        var erased = new LineAccountState().Turn(Topic.Home, on: false).Had("10000001").Forget(["10000001"], At);

        Assert.Empty(erased.TopicsOff);
        Assert.False(erased.HasBegunAnew);
        Assert.True(erased.Turn(Topic.Store, on: false).HasBegunAnew);
    }

    [Fact]
    public void Older_processes_find_help_in_an_answer_about_topics()
    {
        var entry = Assert.Single(Tap(new(), Banner.TurnTopic("notice", on: false)).Outbox);

        Assert.Equal((Notice.Help, Notice.Topics), (entry.Notice, entry.Says));
        Assert.Equal([Topic.Notice], entry.Topics!.Off);
        Assert.Null(entry.Topics.On);
        Assert.Equal(Topic.Notice, entry.Topics.Turned);
    }

    [Fact]
    public void Every_topic_has_a_name_of_its_own_that_never_changes()
    {
        ImmutableArray<string> names = ["store", "home", "notice", "saved"];

        Assert.Equal(names, Enum.GetValues<Topic>().Select(TopicNames.Write));
        Assert.Equal(Enum.GetValues<Topic>(), names.Select(name => TopicNames.Read(name)!.Value));
    }

    private LineAccountState Tap(LineAccountState state, string data) => state.Receive(Tapped(data), "s", At);

    private LineEvent Tapped(string data) => new($"tap-{events++}", LineEventKind.Postback, At, ReplyToken: "token", Text: data);
}

using System.Globalization;
using System.Text.Json.Nodes;
using CoopLine.Grains;
using CoopLine.Grains.Accounts;
using CoopLine.Grains.Line;
using CoopLine.Grains.Members;
using CoopLine.Tests.Fixtures;
using Microsoft.Extensions.Options;

namespace CoopLine.Tests.Line;

/// <summary>What the bot says stays within LINE's limits and leads on (Q1-6, Q1-8, Q1-10).</summary>
[NoDatabase]
public sealed class Speaking
{
    private const string Session = "Zk9xQ0m9yT2sV7wZ1aC4eG";

    /// <summary>The longest that a start lets through.</summary>
    private static readonly string Name = "生活協同組合コープ長い名前のさくら県央".PadRight(CoopOptions.NameLength, '央');

    private static readonly LineMessages Messages = new(
        Options.Create(new CoopOptions { Name = Name, Phone = "0120-000-000", Hours = "月~土 9時~18時" }),
        new CoopTime(),
        Options.Create(new SiteOptions { PublicBaseUrl = new("https://line.coop.example") }),
        Options.Create(new LineOptions { ChannelSecret = "s", LoginChannelId = "1", LiffId = "1234567890-AbCdEfGh" }));

    public static TheoryData<string> Names() =>
    [
        "LinkInvitation", "Linked", "UnlinkedByFriend", "UnlinkedByStaff", "UnlinkedWithdrawn", "UnlinkedRenumbered",
        "UnlinkConfirmation", "UnlinkCancelled", "AlreadyLinkedUnlinkFirst", "NotLinked", "TooLate",
        "NumberLinkedElsewhere", "AccountLinkedMeanwhile", "NotAMemberNow", "Renumbered", "Welcome", "WelcomeBack",
        "Help", "HelpLinked", "Topics", "TopicTurnedOff", "TopicTurnedOn",
    ];

    [Theory, MemberData(nameof(Names))]
    public void Given_any_message_then_LINE_accepts_it(string name)
    {
        var message = Assert.Single(Said(name))!.AsObject();

        if ((string?)message["type"] is "text")
        {
            Assert.InRange(((string)message["text"]!).Length, 1, 5000);
            return;
        }

        Assert.Equal("template", (string?)message["type"]);
        Assert.InRange(((string)message["altText"]!).Length, 1, 1500);
        var template = message["template"]!;
        var confirm = (string?)template["type"] is "confirm";
        Assert.InRange(Characters(template["text"]), 1, confirm ? 240 : 160);
        var actions = template["actions"]!.AsArray();
        Assert.InRange(actions.Count, confirm ? 2 : 1, confirm ? 2 : 4);
        foreach (var action in actions)
        {
            Assert.InRange(Characters(action!["label"]), 1, 20);
            if ((string?)action["type"] is "uri") Assert.InRange(((string)action["uri"]!).Length, 1, 1000);
            else Assert.InRange(((string)action["data"]!).Length, 1, 300);
        }
    }

    [Fact]
    public void Given_an_invitation_then_its_button_opens_the_session_and_nothing_else_names_it()
    {
        var message = Messages.LinkInvitation(Session)[0]!;

        var action = message["template"]!["actions"]![0]!;
        Assert.Equal($"https://line.coop.example/link/{Session}", (string?)action["uri"]);
        Assert.DoesNotContain(Session, (string)message["altText"]!, StringComparison.Ordinal);
        Assert.Contains("いつでも解除", (string)message["template"]!["text"]!, StringComparison.Ordinal);
        Assert.Contains("10分", (string)message["template"]!["text"]!, StringComparison.Ordinal);
    }

    [Fact]
    public void Given_a_link_made_late_in_the_day_in_London_then_the_member_reads_the_time_in_Tokyo()
    {
        var message = Messages.Linked(new(2026, 11, 22, 15, 5, 0, TimeSpan.Zero))[0]!;

        Assert.Contains("11月23日 0時05分", (string)message["template"]!["text"]!, StringComparison.Ordinal);
        Assert.Contains("いつでも解除", (string)message["template"]!["text"]!, StringComparison.Ordinal);
        Assert.Equal(
            "https://liff.line.me/1234567890-AbCdEfGh", (string?)message["template"]!["actions"]![0]!["uri"]);
    }

    [Fact]
    public void Given_the_question_about_unlinking_then_the_answers_name_the_link_or_cancel()
    {
        var actions = Messages.UnlinkConfirmation("01JGX5Q0000000000000000008")[0]!["template"]!["actions"]!;

        Assert.Equal("action=unlink-confirm&link=01JGX5Q0000000000000000008", (string?)actions[0]!["data"]);
        Assert.Equal("action=unlink-cancel", (string?)actions[1]!["data"]);
    }

    [Theory]
    [InlineData("NumberLinkedElsewhere")]
    [InlineData("NotAMemberNow")]
    [InlineData("UnlinkedByStaff")]
    [InlineData("UnlinkedWithdrawn")]
    [InlineData("Help")]
    public void Given_a_message_that_sends_the_member_to_the_co_op_then_it_says_whom_to_call_and_when(string name)
    {
        var text = (string)Said(name)[0]!["text"]!;

        Assert.Contains("コープ長い名前のさくら県央", text, StringComparison.Ordinal);
        Assert.Contains("0120-000-000", text, StringComparison.Ordinal);
        Assert.Contains("月~土 9時~18時", text, StringComparison.Ordinal);
    }

    private static int Characters(JsonNode? text) => new StringInfo((string)text!).LengthInTextElements;

    private static JsonArray Said(string name) => name switch
    {
        "LinkInvitation" => Messages.LinkInvitation(Session),
        "Linked" => Messages.Linked(new(2026, 11, 22, 1, 15, 0, TimeSpan.Zero)),
        "UnlinkedByFriend" => Messages.Unlinked(LinkEnd.ByFriend),
        "UnlinkedByStaff" => Messages.Unlinked(LinkEnd.ByStaff),
        "UnlinkedWithdrawn" => Messages.Unlinked(LinkEnd.Withdrawn),
        "UnlinkedRenumbered" => Messages.Unlinked(LinkEnd.Renumbered),
        "UnlinkConfirmation" => Messages.UnlinkConfirmation("01JGX5Q0000000000000000008"),
        "UnlinkCancelled" => Messages.UnlinkCancelled(),
        "AlreadyLinkedUnlinkFirst" => Messages.AlreadyLinkedUnlinkFirst(),
        "NotLinked" => Messages.NotLinked(),
        "TooLate" => Messages.TooLate(),
        "NumberLinkedElsewhere" => Messages.NumberLinkedElsewhere(),
        "AccountLinkedMeanwhile" => Messages.AccountLinkedMeanwhile(),
        "NotAMemberNow" => Messages.NotAMemberNow(),
        "Renumbered" => Messages.Renumbered(),
        "Welcome" => Messages.Welcome(linked: false),
        "WelcomeBack" => Messages.Welcome(linked: true),
        "Help" => Messages.Help(linked: false),
        "HelpLinked" => Messages.Help(linked: true),
        "Topics" => Messages.Topics(new([Topic.Store, Topic.Home, Topic.Notice], null)),
        "TopicTurnedOff" => Messages.Topics(new([Topic.Store, Topic.Home, Topic.Notice], Topic.Home)), // the longest
        "TopicTurnedOn" => Messages.Topics(new([], Topic.Home)),
        _ => throw new ArgumentOutOfRangeException(nameof(name)),
    };
}

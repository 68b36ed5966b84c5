using CoopLine.Grains;
using CoopLine.Grains.Messages;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Messages;

/// <summary>What is included in a month and what the rest costs is there once, however many messages go out, in however many processes.</summary>
public sealed class Sharing_the_month : IAsyncLifetime
{
    private readonly RunningSystem coop = new RunningSystem
    {
        Also =
        {
            ["CoopLine:Messages:BlockPersons"] = "1",
            ["CoopLine:Messages:Included"] = "5",
            ["CoopLine:Messages:QuotaMargin"] = "0",
        },
    }.WithApprover();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private MonthlyUse Use => coop.Host.Services.GetRequiredService<MonthlyUse>();

    private ISendBlocks Blocks => coop.Host.Services.GetRequiredService<ISendBlocks>();

    private ISendPlans Plans => coop.Host.Services.GetRequiredService<ISendPlans>();

    public async ValueTask InitializeAsync()
    {
        await coop.InitializeAsync();
        for (var one = 0; one < 3; one++) await coop.NewFriend();
    }

    public ValueTask DisposeAsync() => coop.DisposeAsync();

    [Theory]
    [InlineData(LineCall.Consumption, """{"totalUsage":0}""", "ceiling")]
    [InlineData(LineCall.Quota, """{"type":"limited","value":5}""", "quota")]
    public async Task What_a_message_still_needs_is_not_taken_by_a_later_one(LineCall call, string says, string heldFor)
    {
        coop.Line.Trouble.AnswerWith(call, 200, says, times: Trouble.Always);
        var first = await coop.Send(MessageSteps.Define(spreadMinutes: 60, ceilingYen: heldFor == "quota" ? 100 : 0));
        await Eventually.Holds(async () => (await coop.LookAt(first)).Number("accepted") == 1, "the first one's first block");

        var second = await coop.Send(MessageSteps.Define(topic: "home", ceilingYen: heldFor == "quota" ? 100 : 0));

        Assert.Equal(heldFor, (await coop.WaitUntil(second, "paused")).GetProperty("pausedFor").GetString());
        Assert.Equal(0, (await coop.LookAt(second)).Number("accepted"));
        coop.Clock.Advance(TimeSpan.FromMinutes(45));
        Assert.Equal(3, (await coop.WaitUntil(first, "done")).Number("accepted"));
    }

    [Fact]
    public async Task A_messages_place_does_not_move_while_others_go_on_and_who_was_paused_stands_behind_the_others()
    {
        coop.Line.Trouble.Fail(LineCall.Multicast, Trouble.Always);
        coop.Line.Trouble.AnswerWith(LineCall.Consumption, 200, """{"totalUsage":100}""", times: Trouble.Always);
        var first = await Planned();
        var second = await Planned();
        Assert.Equal((100, 103, 106), await Places(first, second));

        await Close(1, second);
        Assert.Equal((100, 104, 106), await Places(first, second));
        await Close(1, first);
        Assert.Equal((101, 104, 106), await Places(first, second));

        await Plans.SetGate(first, open: false, turn: 1_000, Cancellation);
        Assert.Equal((104, 102, 104), await Places(first, second));

        coop.Clock.Advance(TimeSpan.FromMinutes(1));
        await Plans.SetGate(first, open: true, turn: 1_001, Cancellation);
        Assert.Equal((104, 102, 106), await Places(first, second));
        await Close(2, first);
        Assert.Equal((105, 102, 106), await Places(first, second));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_went_out_before_a_process_began_is_added_to_what_LINE_said_before_that(bool restart)
    {
        coop.Line.Trouble.AnswerWith(LineCall.Consumption, 200, """{"totalUsage":1}""", times: Trouble.Always); // by somebody else; LINE counts ours later
        var sent = await coop.Send();
        await coop.WaitUntil(sent, "done");
        coop.Clock.Advance(TimeSpan.FromMinutes(1));

        if (restart) await coop.Restart();
        var use = restart ? Use : (await coop.StartRival()).Services.GetRequiredService<MonthlyUse>();

        Assert.Equal(4, (await use.Read(null, Cancellation))!.Used);
    }

    [Fact]
    public async Task Each_month_begins_with_what_LINE_says_in_it()
    {
        coop.Line.Trouble.AnswerWith(LineCall.Consumption, 200, """{"totalUsage":7}""", times: Trouble.Always);
        Assert.Equal(7, (await Use.Read(null, Cancellation))!.Used);
        coop.Clock.Advance(TimeSpan.FromDays(31));
        coop.Line.Trouble.Clear();
        coop.Line.Trouble.AnswerWith(LineCall.Consumption, 200, """{"totalUsage":0}""", times: Trouble.Always);

        Assert.Equal(0, (await Use.Read(null, Cancellation))!.Used);
    }

    /// <summary>Its plan is there, and its gate open; its sender has nothing to do with it, for its time has not come.</summary>
    private async Task<string> Planned()
    {
        var id = Some.CampaignId();
        await coop.Did(HttpMethod.Put, id, MessageSteps.ForAll);
        await Plans.Write(id, (await coop.Grains.Message(id).Read())!.Definition, Cancellation);
        await Plans.SetGate(id, open: true, turn: 1, Cancellation);
        coop.Clock.Advance(TimeSpan.FromSeconds(1));
        return id;
    }

    private async Task Close(int block, string id) => Assert.Single((await Blocks.Close(
        block,
        new(id, Guid.NewGuid(), (await coop.Grains.Message(id).Read())!.Definition, coop.Host.Services.GetRequiredService<MessageBodies>(), coop.Clock.GetUtcNow(), _ => 0),
        Cancellation))!.Value);

    /// <summary>Of the two, and of one that has not begun.</summary>
    private async Task<(long First, long Second, long Next)> Places(string first, string second) =>
        (await Place(first), await Place(second), await Place("none"));

    private async Task<long> Place(string id) => (await Use.Read(id, Cancellation))!.Place;
}

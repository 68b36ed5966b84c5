using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using CoopLine.Grains;
using CoopLine.Grains.Accounts;
using CoopLine.Grains.Messages;
using CoopLine.Grains.Storage;
using CoopLine.Silo.Storage.Sending;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;
using Orleans.Storage;

namespace CoopLine.Tests.Monitoring;

/// <summary>What operators are told of messages to many: what is late, and what waits for a person. It is 10:00; a block has one person.</summary>
public sealed class Watching_messages : IAsyncLifetime
{
    private static readonly object Spread = MessageSteps.Define(spreadMinutes: 30);

    private readonly RunningSystem coop = new RunningSystem { Also = { ["CoopLine:Messages:BlockPersons"] = "1" } }.WithApprover();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => coop.InitializeAsync();

    public ValueTask DisposeAsync() => coop.DisposeAsync();

    [Fact]
    public async Task A_block_whose_time_has_come_is_late_and_those_after_it_are_not()
    {
        await coop.NewFriend();
        await coop.NewFriend();
        coop.Line.Trouble.Fail(LineCall.Quota, Trouble.Always);
        var id = await coop.Send(Spread);
        await coop.WaitUntil(id, "sending");
        Assert.Equal((2, 0, TimeSpan.Zero), await Waits());

        coop.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal((2, 0, TimeSpan.FromMinutes(10)), await Waits());

        coop.Line.Trouble.Clear();
        await Eventually.Holds(
            async () =>
            {
                coop.Clock.Advance(TimeSpan.FromSeconds(1));
                return (await Waits()).Open == 1;
            },
            "the first block is sent");
        await Eventually.Holds(async () => await Waits() == (1, 0, TimeSpan.Zero), "the second one has time");
    }

    [Fact]
    public async Task What_staff_have_paused_is_not_late()
    {
        await coop.NewFriend();
        coop.Line.Trouble.Fail(LineCall.Quota, Trouble.Always);
        var id = await coop.Send(Spread);
        await coop.WaitUntil(id, "sending");
        await coop.Did(HttpMethod.Post, id + "/pause");
        coop.Clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal((1, 0, TimeSpan.Zero), await Waits());
        Assert.Equal([new(PauseReason.ByHand, 1)], (await Count()).Paused);

        await coop.Did(HttpMethod.Post, id + "/resume");
        await coop.WaitUntil(id, "sending");
        Assert.Equal((1, 0, TimeSpan.Zero), await Waits());
        Assert.Empty((await Count()).Paused);
    }

    [Fact]
    public async Task A_message_that_needs_a_person_says_why()
    {
        await coop.NewFriend();
        coop.Line.Trouble.Answer(LineCall.Multicast, 401, "no", Trouble.Always);
        await coop.WaitUntil(await coop.Send(), "paused");

        Assert.Equal([new(PauseReason.NotAuthorized, 1)], (await Count()).Paused);
    }

    [Fact]
    public async Task What_LINE_does_not_take_is_late_by_day_and_parked_for_a_day()
    {
        await coop.NewFriend();
        coop.Line.Trouble.Fail(LineCall.Multicast, Trouble.Always);
        coop.Clock.Advance(TimeSpan.FromHours(9.75)); // 19:45
        var id = await coop.Send();
        await Eventually.Holds(async () => (await Waits()).InFlight == 1, "the block is under way");

        coop.Clock.Advance(TimeSpan.FromMinutes(10));
        Assert.Equal((0, 1, TimeSpan.FromMinutes(10)), await Waits());
        coop.Clock.Advance(TimeSpan.FromMinutes(10)); // the night begins
        Assert.Equal((0, 1, TimeSpan.Zero), await Waits());
        coop.Clock.Advance(TimeSpan.FromHours(12)); // it is over
        Assert.Equal((0, 1, TimeSpan.FromHours(12) + TimeSpan.FromMinutes(20)), await Waits());
        Assert.Equal(0, (await Count()).Parked);

        coop.Clock.Advance(TimeSpan.FromHours(11));
        await Eventually.Holds(
            async () =>
            {
                coop.Clock.Advance(TimeSpan.FromSeconds(2)); // a call under way waits for its next try
                await coop.Grains.Message(id).Finish();
                return (await coop.LookAt(id)).Status == "needsPerson";
            },
            "nobody tries any more");
        Assert.Equal((0, 0, TimeSpan.Zero), await Waits());
        Assert.Equal(1, (await Count()).Parked);
        coop.Clock.Advance(TimeSpan.FromHours(25));
        Assert.Equal(0, (await Count()).Parked);
    }

    [Theory]
    [InlineData(MessageStatus.Approved, MessageKind.Normal, 1, 0, 30)] // 10:00, approved at 9:30
    [InlineData(MessageStatus.Scheduled, MessageKind.Normal, 1, 15, 15)]
    [InlineData(MessageStatus.Scheduled, MessageKind.Normal, 1, 60, 0)] // its time has not come
    [InlineData(MessageStatus.Approved, MessageKind.Normal, 13, 0, 0)] // 22:00
    [InlineData(MessageStatus.Approved, MessageKind.Safety, 13, 0, 30)]
    [InlineData(MessageStatus.InReview, MessageKind.Normal, 1, 0, 0)]
    public async Task A_message_that_does_not_begin_is_late(MessageStatus status, MessageKind kind, int hour, int waits, int late)
    {
        var approved = new DateTimeOffset(2026, 11, 22, hour, 0, 0, TimeSpan.Zero) - TimeSpan.FromMinutes(30);
        var storage = coop.Host.Services.GetRequiredKeyedService<IGrainStorage>(StateNames.Storage);
        var definition = new MessageDefinition(
            "お知らせ", Topic.Store, kind, new(), null, new(new("皆さまへ", null), null), approved + TimeSpan.FromMinutes(waits), null, 0);
        await storage.WriteStateAsync(StateNames.Message, GrainId.Create("message", "n-x"), new GrainState<MessageState>(new()
        {
            Definition = definition,
            Status = status,
            Approved = new("", "one", approved),
        }));

        var waiting = await Count(approved + TimeSpan.FromMinutes(30));

        Assert.Equal(TimeSpan.FromMinutes(late), waiting.Age);
    }

    [Fact]
    public async Task Persons_are_counted_when_it_is_over_for_them()
    {
        var told = new ConcurrentQueue<(object? Outcome, long Persons)>();
        using var counting = new MeterListener
        {
            InstrumentPublished = (instrument, listening) =>
            {
                if (instrument.Name == "coopline.messages.persons") listening.EnableMeasurementEvents(instrument);
            },
        };
        counting.SetMeasurementEventCallback<long>((_, persons, tags, _) => told.Enqueue((tags[0].Value, persons)));
        counting.Start();
        await using var whole = new RunningSystem().WithApprover();
        await whole.InitializeAsync();
        var friends = new List<SimulatedPhone>();
        for (var one = 0; one < 30; one++) friends.Add(await whole.NewFriend());

        string id;
        using (whole.Line.Trouble.Hold(LineCall.Quota))
        {
            id = await whole.Send();
            await whole.WaitUntil(id, "sending", wake: false);
            foreach (var friend in friends.Take(11)) await friend.Block();
        }

        await whole.WaitUntil(id, "done");
        // Other tests send as well, but not to so many.
        Assert.Contains(("Skipped", 11), told);
        Assert.Contains(("Accepted", 19), told);
    }

    private async Task<(long Open, long InFlight, TimeSpan Age)> Waits() =>
        await Count() is var now ? (now.Open, now.InFlight, now.Age) : default;

    private Task<SendsWaiting> Count(DateTimeOffset? at = null) =>
        coop.Host.Services.GetRequiredService<SendBacklog>().Count(at ?? coop.Clock.GetUtcNow(), Cancellation);
}

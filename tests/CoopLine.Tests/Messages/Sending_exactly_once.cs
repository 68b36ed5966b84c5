using System.Net;
using System.Text.Json;
using CoopLine.Grains;
using CoopLine.Grains.Messages;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Messages;

/// <summary>What goes wrong at LINE, and with time: nobody gets a message twice, and nobody in the plan is forgotten.</summary>
public sealed class Sending_exactly_once : IAsyncLifetime
{
    private readonly RunningSystem coop = new RunningSystem().WithApprover();

    public ValueTask InitializeAsync() => coop.InitializeAsync();

    public ValueTask DisposeAsync() => coop.DisposeAsync();

    [Theory]
    [InlineData("lost")]
    [InlineData("never arrived")]
    [InlineData("500")]
    [InlineData("rate")]
    public async Task A_call_without_an_answer_is_made_again_with_the_same_key_and_bytes(string trouble)
    {
        var friends = await Friends(3);
        switch (trouble)
        {
            case "lost": coop.Line.Trouble.DropAfter(LineCall.Multicast, 4); break;
            case "never arrived": coop.Line.Trouble.DropBefore(LineCall.Multicast, 4); break;
            case "500": coop.Line.Trouble.Fail(LineCall.Multicast, 4); break;
            default: coop.Line.Trouble.RateLimit(LineCall.Multicast, 2); break;
        }

        var id = await coop.Send();
        var done = await Until(id, "done");

        Assert.All(friends, friend => Assert.Single(friend.Got()));
        Assert.Equal((3, 3), (done.Number("planned"), done.Number("accepted")));
        var calls = Multicasts();
        Assert.True(calls.Count > 1);
        Assert.Single(calls.Select(call => call.RetryKey).Distinct());
        Assert.Single(calls.Select(call => call.Body).Distinct());
    }

    [Fact]
    public async Task Whom_LINE_does_not_know_is_found_and_refused_and_the_others_get_theirs()
    {
        var friends = await Friends(7);
        coop.Execute($"UPDATE OrleansStorage SET GrainIdExtensionString = 'u-nobody' WHERE GrainIdExtensionString = 'u-{friends[3].UserId}'");

        var done = await Until(await coop.Send(), "done");

        Assert.Equal([1, 1, 1, 0, 1, 1, 1], friends.Select(friend => friend.Got().Length));
        Assert.Equal((7, 6, 1), (done.Number("planned"), done.Number("accepted"), done.Number("refused")));
        done.AssertAddsUp();
    }

    [Fact]
    public async Task After_23_hours_nobody_tries_again_and_somebody_has_to_look()
    {
        var friend = await coop.NewFriend();
        coop.Line.Trouble.Fail(LineCall.Multicast, Trouble.Always);
        var id = await coop.Send(MessageSteps.Define(kind: "safety"));
        await Eventually.Holds(() => Multicasts().Count > 0, "the first call");

        coop.Clock.Advance(TimeSpan.FromHours(23));
        var over = await Until(id, "needsPerson");
        coop.Line.Trouble.Clear();
        await coop.Grains.Message(id).Finish();

        Assert.Empty(friend.Got());
        Assert.Equal((1, 0, 1), (over.Number("planned"), over.Number("accepted"), over.Number("parked")));
        over.AssertAddsUp();
    }

    [Fact]
    public async Task Within_23_hours_it_goes_on()
    {
        var friend = await coop.NewFriend();
        coop.Line.Trouble.Fail(LineCall.Multicast, Trouble.Always);
        var id = await coop.Send(MessageSteps.Define(kind: "safety"));
        await Eventually.Holds(() => Multicasts().Count > 0, "the first call");

        coop.Clock.Advance(TimeSpan.FromHours(22));
        coop.Line.Trouble.Clear();

        await coop.WaitUntil(id, "done");
        Assert.Single(friend.Got());
    }

    [Fact]
    public async Task What_was_stopped_begins_no_block_and_says_how_many_are_under_way()
    {
        var friends = await Friends(2);
        string id;
        using (coop.Line.Trouble.Hold(LineCall.Quota))
        {
            id = await coop.Send();
            await coop.WaitUntil(id, "sending", wake: false);
            var stopping = await coop.Did(HttpMethod.Post, id + "/stop");
            Assert.Equal(("stopping", 0), (stopping.Status, stopping.Number("waiting")));
        }

        var stopped = await coop.WaitUntil(id, "stopped");
        Assert.Equal((0, "stopped:2"), (stopped.Number("accepted"), stopped.Reasons("skipped")));
        stopped.AssertAddsUp();
        Assert.All(friends, friend => Assert.Empty(friend.Got()));
        Assert.Empty(Multicasts());
    }

    [Fact]
    public async Task What_was_under_way_when_it_was_stopped_is_settled()
    {
        var friend = await coop.NewFriend();
        var hold = coop.Line.Trouble.Hold(LineCall.Multicast);
        var id = await coop.Send();
        await coop.Line.WaitForCall(call => call.Name == LineCall.Multicast, "the block's call");

        var stopping = await coop.Did(HttpMethod.Post, id + "/stop");
        Assert.Equal(("stopping", 1), (stopping.Status, stopping.GetProperty("blocks").Number("inFlight")));
        hold.Dispose();

        var stopped = await coop.WaitUntil(id, "stopped");
        Assert.Equal((1, 0), (stopped.Number("accepted"), stopped.Number("waiting")));
        Assert.Single(friend.Got());
    }

    [Fact]
    public async Task A_pause_ends_when_it_is_resumed_and_nobody_gets_it_twice()
    {
        var friends = await Friends(2);
        string id;
        using (coop.Line.Trouble.Hold(LineCall.Quota))
        {
            id = await coop.Send();
            await coop.WaitUntil(id, "sending", wake: false);
            Assert.Equal("paused", (await coop.Did(HttpMethod.Post, id + "/pause")).Status);
        }

        coop.Clock.Advance(TimeSpan.FromHours(2));
        await coop.Grains.Message(id).Finish();
        Assert.Equal("paused", (await coop.LookAt(id)).Status);
        Assert.Empty(Multicasts());
        await coop.Did(HttpMethod.Post, id + "/resume");

        await coop.WaitUntil(id, "done");
        Assert.All(friends, friend => Assert.Single(friend.Got()));
    }

    [Fact]
    public async Task At_night_nothing_goes_and_in_the_morning_it_goes_on()
    {
        var friend = await coop.NewFriend();
        coop.Clock.Advance(TimeSpan.FromHours(9.75)); // 19:45
        coop.Line.Trouble.Fail(LineCall.Quota, Trouble.Always);
        var id = await coop.Send();
        await coop.WaitUntil(id, "sending");
        coop.Clock.Advance(TimeSpan.FromMinutes(15));

        var paused = await coop.WaitUntil(id, "paused");
        coop.Line.Trouble.Clear();
        await coop.Grains.Message(id).Finish();
        Assert.Equal("quietHours", paused.GetProperty("pausedFor").GetString());
        Assert.Empty(Multicasts());

        coop.Clock.Advance(TimeSpan.FromHours(12));
        await coop.WaitUntil(id, "done");
        Assert.Single(friend.Got());
    }

    [Fact]
    public async Task What_is_approved_at_night_goes_in_the_morning_and_safety_at_once()
    {
        var friend = await coop.NewFriend();
        coop.Clock.Advance(TimeSpan.FromHours(13)); // 23:00
        var id = await coop.Send();
        await coop.Grains.Message(id).Finish();
        Assert.Equal("approved", (await coop.LookAt(id)).Status);
        await coop.WaitUntil(await coop.Send(MessageSteps.Define(kind: "safety")), "done");
        Assert.Single(friend.Got());

        coop.Clock.Advance(TimeSpan.FromHours(9));
        await coop.WaitUntil(id, "done");
        Assert.Equal(2, friend.Got().Length);
    }

    [Fact]
    public async Task Due_long_ago_nothing_goes_before_staff_say_so()
    {
        var friend = await coop.NewFriend();
        var id = await coop.Send(MessageSteps.Define(sendAt: "2026-11-22T11:00:00+09:00"));
        Assert.Equal("scheduled", (await coop.LookAt(id)).Status);

        coop.Clock.Advance(TimeSpan.FromHours(2) + TimeSpan.FromMinutes(1));
        var paused = await coop.WaitUntil(id, "paused");
        Assert.Equal("late", paused.GetProperty("pausedFor").GetString());
        await coop.Did(HttpMethod.Post, id + "/resume");

        await coop.WaitUntil(id, "done");
        Assert.Single(friend.Got());
    }

    [Fact]
    public async Task In_time_it_goes_by_itself()
    {
        var friend = await coop.NewFriend();
        var id = await coop.Send(MessageSteps.Define(sendAt: "2026-11-22T11:00:00+09:00"));
        coop.Clock.Advance(TimeSpan.FromMinutes(59));
        await coop.Grains.Message(id).Finish();
        Assert.Equal("scheduled", (await coop.LookAt(id)).Status);

        coop.Clock.Advance(TimeSpan.FromMinutes(2));
        await coop.WaitUntil(id, "done");
        Assert.Single(friend.Got());
    }

    [Theory]
    [InlineData(200, 100, "quota")] // 100 are left to others
    [InlineData(null, 30_000, "ceiling")]
    public async Task What_the_month_or_the_ceiling_does_not_allow_is_not_begun(int? limit, int used, string reason)
    {
        await Friends(3);
        coop.Line.MonthlyLimit = limit;
        coop.Line.Trouble.AnswerWith(LineCall.Consumption, 200, $"{{\"totalUsage\":{used}}}", times: Trouble.Always);
        var id = await coop.Send();
        var paused = await coop.WaitUntil(id, "paused");

        Assert.Equal(reason, paused.GetProperty("pausedFor").GetString());
        Assert.Empty(Multicasts());
    }

    [Fact]
    public async Task When_the_limit_is_raised_it_goes_on()
    {
        var friends = await Friends(3);
        coop.Line.MonthlyLimit = 102;
        var id = await coop.Send();
        await coop.WaitUntil(id, "paused");

        coop.Line.MonthlyLimit = 103;
        await coop.Did(HttpMethod.Post, id + "/resume");

        await coop.WaitUntil(id, "done");
        Assert.All(friends, friend => Assert.Single(friend.Got()));
    }

    [Fact]
    public async Task What_costs_no_more_than_was_approved_goes_and_says_what_it_cost()
    {
        await Friends(3);
        coop.Line.Trouble.AnswerWith(LineCall.Consumption, 200, """{"totalUsage":29999}""", times: Trouble.Always);

        var done = await coop.WaitUntil(await coop.Send(MessageSteps.Define(ceilingYen: 6)), "done");

        Assert.Equal(6, done.Number("yen"));
    }

    [Theory]
    [InlineData(401, "notAuthorized")]
    [InlineData(403, "notAuthorized")]
    [InlineData(400, "badMessage")]
    public async Task When_LINE_refuses_this_service_it_pauses_and_what_was_under_way_is_settled(int status, string reason)
    {
        var friend = await coop.NewFriend();
        coop.Line.Trouble.Answer(LineCall.Multicast, status, "no", Trouble.Always);
        var id = await coop.Send();

        Assert.Equal(reason, (await coop.WaitUntil(id, "paused")).GetProperty("pausedFor").GetString());
        coop.Line.Trouble.Clear();

        await Until(id, "done");
        Assert.Single(friend.Got());
    }

    [Fact]
    public async Task A_day_that_is_over_when_it_is_tried_again_changes_no_byte()
    {
        var friend = await coop.LinkedPhone();
        coop.Line.Trouble.Fail(LineCall.Multicast, Trouble.Always);
        var id = await coop.Send(MessageSteps.Define(kind: "safety", unlinked: false, forLinked: new { text = "{date}" }));
        await Tried(more: 10);
        coop.Clock.Advance(TimeSpan.FromHours(20));
        await Tried(more: 10);
        coop.Line.Trouble.Clear();

        await Until(id, "done");

        Assert.Equal(["11月22日"], friend.Got());
        Assert.Single(Multicasts().Select(call => call.Body).Distinct());

        Task Tried(int more)
        {
            var enough = Multicasts().Count + more;
            return Eventually.Holds(
                () =>
                {
                    coop.Clock.Advance(TimeSpan.FromSeconds(2));
                    return Multicasts().Count >= enough;
                },
                "more tries");
        }
    }

    [Fact]
    public async Task Nobody_is_told_that_it_is_stopped_before_the_gate_is_shut()
    {
        var shakes = new Shakes { Only = "gate" };
        await using var shaky = new RunningSystem { Wrap = shakes.Wrap }.WithApprover();
        await shaky.InitializeAsync();
        var friend = await shaky.NewFriend();
        shaky.Line.Trouble.Fail(LineCall.Quota, Trouble.Always);
        var id = await shaky.Send();
        await shaky.WaitUntil(id, "sending");
        (shakes.Random, shakes.Percent) = (new(1), 100);

        Assert.NotEqual(HttpStatusCode.OK, (await shaky.Say(HttpMethod.Post, id + "/pause")).Status);
        Assert.NotEqual(HttpStatusCode.OK, (await shaky.Say(HttpMethod.Post, id + "/stop")).Status);
        Assert.NotEqual(HttpStatusCode.OK, (await shaky.Say(HttpMethod.Post, id + "/stop")).Status);

        shakes.Percent = 0;
        await shaky.Did(HttpMethod.Post, id + "/stop");
        await shaky.WaitUntil(id, "stopped");
        Assert.Empty(friend.Got());
    }

    [Theory]
    [InlineData("pause", "paused", 0)]
    [InlineData("stop", "stopping", 0)]
    [InlineData(null, "planning", 1)]
    public async Task While_its_plan_is_written_staff_are_answered(string? what, string status, int got)
    {
        var written = new TaskCompletionSource();
        var asked = new TaskCompletionSource();
        var shakes = new Shakes { Before = call => call == "write" && asked.TrySetResult() ? written.Task : Task.CompletedTask };
        await using var shaky = new RunningSystem { Wrap = shakes.Wrap }.WithApprover();
        await shaky.InitializeAsync();
        var friend = await shaky.NewFriend();
        var id = await shaky.Send();
        await asked.Task.WaitAsync(TestContext.Current.CancellationToken);

        if (what is not null) await shaky.Did(HttpMethod.Post, $"{id}/{what}");
        Assert.Equal(status, (await shaky.LookAt(id)).Status);
        written.SetResult();

        if (what == "pause")
        {
            await Eventually.Holds(async () => (await shaky.LookAt(id)).Number("planned") == 1, "the plan");
            Assert.Equal("paused", (await shaky.LookAt(id)).Status);
        }
        else
        {
            await shaky.WaitUntil(id, what is null ? "done" : "stopped");
        }

        Assert.Equal(got, friend.Got().Length);
    }

    [Fact]
    public async Task A_reason_to_pause_from_before_the_last_change_is_not_heard()
    {
        await coop.NewFriend();
        coop.Line.Trouble.Fail(LineCall.Quota, Trouble.Always);
        var id = await coop.Send();
        await coop.WaitUntil(id, "sending");
        var before = (await coop.Grains.Message(id).Read())!.Changes;
        await coop.Did(HttpMethod.Post, id + "/pause");
        await coop.Did(HttpMethod.Post, id + "/resume");
        await coop.WaitUntil(id, "sending");

        await coop.Grains.Message(id).Hold(before, PauseReason.Quota);
        Assert.Equal("sending", (await coop.LookAt(id)).Status);

        await coop.Grains.Message(id).Hold((await coop.Grains.Message(id).Read())!.Changes, PauseReason.Quota);
        Assert.Equal("paused", (await coop.LookAt(id)).Status);
    }

    [Fact]
    public async Task After_an_outage_in_the_middle_staff_say_whether_it_goes_on()
    {
        var friend = await coop.NewFriend();
        coop.Line.Trouble.Fail(LineCall.Quota, Trouble.Always);
        var id = await coop.Send();
        await coop.WaitUntil(id, "sending");
        await coop.Restart(() =>
        {
            coop.Clock.Advance(TimeSpan.FromMinutes(61));
            coop.Line.Trouble.Clear();
        });

        Assert.Equal("late", (await coop.WaitUntil(id, "paused")).GetProperty("pausedFor").GetString());
        Assert.Empty(friend.Got());
    }

    [Fact]
    public async Task Before_the_morning_whoever_waits_for_23_hours_is_given_up()
    {
        await coop.NewFriend();
        await coop.At("2026-11-23T08:10:00+09:00");
        coop.Line.Trouble.Fail(LineCall.Multicast, Trouble.Always);
        var id = await coop.Send();
        await Eventually.Holds(() => Multicasts().Count > 0, "the first call");
        await coop.At("2026-11-24T07:15:00+09:00");

        Assert.Equal(1, (await Until(id, "needsPerson")).Number("parked"));
        Assert.True(coop.Clock.GetUtcNow() < DateTimeOffset.Parse("2026-11-24T08:00:00+09:00", System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task The_ceiling_is_for_all_of_it_and_not_for_a_block()
    {
        await using var small = await BlocksOfOne();
        for (var one = 0; one < 3; one++) await small.NewFriend();
        small.Line.Trouble.AnswerWith(LineCall.Consumption, 200, """{"totalUsage":30000}""", times: Trouble.Always);

        var paused = await small.WaitUntil(await small.Send(MessageSteps.Define(ceilingYen: 8)), "paused"); // three cost 9

        Assert.Equal("ceiling", paused.GetProperty("pausedFor").GetString());
        Assert.DoesNotContain(small.Line.Calls, call => call.Name == LineCall.Multicast);
    }

    [Fact]
    public async Task While_LINE_does_not_answer_nothing_new_is_begun_until_another_process_has_settled_it()
    {
        await using var small = await BlocksOfOne();
        var friends = new[] { await small.NewFriend(), await small.NewFriend() };
        small.Line.Trouble.Fail(LineCall.Multicast, Trouble.Always);
        var id = await small.Send(MessageSteps.Define(spreadMinutes: 30));
        await Go(() => Calls().Length > 0);
        small.Clock.Advance(TimeSpan.FromMinutes(16)); // the second is due
        var before = Calls().Length;
        await Go(() => Calls().Length > before + 20);
        Assert.Single(Calls().Select(call => call.RetryKey).Distinct());
        Assert.Equal(1, (await small.LookAt(id)).GetProperty("blocks").Number("open"));

        await small.Host.Services.GetRequiredService<ISendBlocks>()
            .Settle(id, 1, BlockState.Accepted, small.Clock.GetUtcNow(), TestContext.Current.CancellationToken);
        await Go(() => Calls().Select(call => call.RetryKey).Distinct().Count() == 2);
        small.Line.Trouble.Clear();
        await Go(() => friends.Sum(friend => friend.Got().Length) == 1);
        Assert.Equal("done", (await small.WaitUntil(id, "done")).Status);

        RecordedCall[] Calls() => [.. small.Line.Calls.Where(call => call.Name == LineCall.Multicast)];

        Task Go(Func<bool> until) => Eventually.Holds(
            async () =>
            {
                small.Clock.Advance(TimeSpan.FromSeconds(2));
                await small.Grains.Message(id).Finish();
                return until();
            },
            "it goes on");
    }

    [Fact]
    public async Task What_another_message_takes_meanwhile_counts_before_LINE_tells_it()
    {
        await using var small = await BlocksOfOne();
        for (var one = 0; one < 3; one++) await small.NewFriend();
        small.Line.MonthlyLimit = 104; // 100 are left to others
        small.Line.Trouble.AnswerWith(LineCall.Consumption, 200, """{"totalUsage":0}""", times: Trouble.Always);
        var slow = await small.Send(MessageSteps.Define(spreadMinutes: 30));
        await Eventually.Holds(async () => (await small.LookAt(slow)).Number("accepted") == 1, "its first block");
        small.Clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("quota", (await small.WaitUntil(await small.Send(), "paused")).GetProperty("pausedFor").GetString());
        small.Clock.Advance(TimeSpan.FromMinutes(22));
        await small.WaitUntil(slow, "done");

        Assert.Equal("quota", (await small.WaitUntil(await small.Send(), "paused")).GetProperty("pausedFor").GetString());
    }

    [Fact]
    public async Task What_went_out_before_counts_for_the_next_message_before_LINE_tells_it()
    {
        await using var few = new RunningSystem { Also = { ["CoopLine:Messages:Included"] = "3" } }.WithApprover();
        await few.InitializeAsync();
        for (var one = 0; one < 3; one++) await few.NewFriend();
        few.Line.Trouble.AnswerWith(LineCall.Consumption, 200, """{"totalUsage":0}""", times: Trouble.Always);
        await few.WaitUntil(await few.Send(), "done");
        few.Clock.Advance(TimeSpan.FromMinutes(1));
        var rival = await few.StartRival();

        var second = await few.Send();
        await Eventually.Holds(
            async () =>
            {
                try
                {
                    await rival.Grains.Message(second).Finish();
                }
                catch (Orleans.Storage.InconsistentStateException)
                {
                    return false; // the other process has written; the next round finds that
                }

                return (await few.LookAt(second)).Status == "paused";
            },
            () => "a pause");

        Assert.Equal("ceiling", (await few.LookAt(second)).GetProperty("pausedFor").GetString());
        var preview = await few.Did(HttpMethod.Post, second + "/preview");
        Assert.Equal((0, 3, 9), (preview.Number("free"), preview.Number("paid"), preview.Number("yen")));
    }

    private static async Task<RunningSystem> BlocksOfOne()
    {
        var coop = new RunningSystem { Also = { ["CoopLine:Messages:BlockPersons"] = "1" } }.WithApprover();
        await coop.InitializeAsync();
        return coop;
    }

    private async Task<SimulatedPhone[]> Friends(int count)
    {
        var friends = new List<SimulatedPhone>();
        for (var one = 0; one < count; one++) friends.Add(await coop.NewFriend());
        return [.. friends];
    }

    /// <summary>While time goes on, so that back-offs end.</summary>
    private async Task<JsonElement> Until(string id, string status)
    {
        JsonElement now = default;
        await Eventually.Holds(
            async () =>
            {
                coop.Clock.Advance(TimeSpan.FromSeconds(2));
                await coop.Grains.Message(id).Finish();
                now = await coop.LookAt(id);
                return now.Status == status;
            },
            () => $"status {status}, but it is {now}");
        return now;
    }

    private List<RecordedCall> Multicasts() => [.. coop.Line.Calls.Where(call => call.Name == LineCall.Multicast)];
}

using System.Text.Json;
using CoopLine.Grains;
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
            Assert.Equal(("stopping", 2), (stopping.Status, stopping.Number("waiting")));
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

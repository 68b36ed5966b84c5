using System.Net;
using System.Text.Json;
using CoopLine.Grains;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Messages;

/// <summary>LINE's list of friends makes everybody known whom a message to all should reach.</summary>
public sealed class Friends_of_whom_no_event_has_told : IAsyncLifetime
{
    private readonly RunningSystem coop = new RunningSystem().WithApprover();

    public ValueTask InitializeAsync() => coop.InitializeAsync();

    public ValueTask DisposeAsync() => coop.DisposeAsync();

    [Fact]
    public async Task They_get_messages_once_LINE_has_named_them_and_everybody_else_stays_as_they_are()
    {
        var (member, off) = (await coop.LinkedPhone(), await coop.NewFriend());
        await off.Tap("action=topic-off&topic=store");
        var unknown = await Unheard(3);
        Assert.Equal(HttpStatusCode.NotFound, (await Asked(HttpMethod.Get)).Status);
        await coop.WaitUntil(await coop.Send(), "done");
        Assert.All(unknown, phone => Assert.Empty(phone.Got()));

        Assert.Equal(HttpStatusCode.Accepted, (await Asked(HttpMethod.Post)).Status);
        var read = await Read("done");
        await coop.WaitUntil(await coop.Send(), "done");

        Assert.Equal((5, 3), (read.Number("friends"), read.Number("added")));
        Assert.All(unknown, phone => Assert.Equal(["皆さまへ"], phone.Got()));
        Assert.Equal(["組合員の皆さまへ", "組合員の皆さまへ"], member.Got());
        Assert.Empty(off.Got());
        Assert.Contains("friendsRead", await coop.Staff().GetStringAsync("/staff/v1/ledger?limit=10"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Read_again_it_adds_nobody_and_one_who_has_blocked_the_account_stays_out()
    {
        var unknown = await Unheard(2);
        await Asked(HttpMethod.Post);
        await Read("done");
        await unknown[0].Block();

        await Asked(HttpMethod.Post);
        var read = await Read("done");

        Assert.Equal((1, 0), (read.Number("friends"), read.Number("added")));
        Assert.False((await coop.Grains.Account(unknown[0].UserId).Standing()).Following);
    }

    [Fact]
    public async Task What_breaks_off_goes_on_where_it_was()
    {
        var unknown = await Unheard(1_200);
        var calls = coop.Line.Calls.Count;
        coop.Line.Trouble.AnswerWith(LineCall.FollowerIds, 500, "", times: 3);
        await Asked(HttpMethod.Post);
        Assert.Equal("reading", (await Asked(HttpMethod.Get)).Body.Status);
        coop.Line.Trouble.Clear();

        var read = await Read("done", sweep: true);

        Assert.Equal((1_200, 1_200), (read.Number("friends"), read.Number("added")));
        Assert.True((await coop.Grains.Account(unknown[^1].UserId).Standing()).Following);
        Assert.Equal(1, coop.Line.Calls.Skip(calls).Count(call =>
            call is { Name: LineCall.FollowerIds, Status: 200 } && call.Query.Contains("start=", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task After_the_first_page_it_goes_on_with_the_second()
    {
        var unknown = await Unheard(2);
        coop.Line.Trouble.AnswerWith(LineCall.FollowerIds, 200, $$"""{"userIds":["{{unknown[0].UserId}}"],"next":"mark"}""");
        coop.Line.Trouble.AnswerWith(LineCall.FollowerIds, 500, "", times: Trouble.Always);
        await Asked(HttpMethod.Post);
        await coop.Line.WaitForCall(IsOfTheSecond, "the second page");
        await coop.Grains.FriendList.Finish();
        coop.Line.Trouble.Clear();
        coop.Line.Trouble.AnswerWith(LineCall.FollowerIds, 200, $$"""{"userIds":["{{unknown[1].UserId}}"]}""");

        var read = await Read("done", sweep: true);

        Assert.Equal((2, 2), (read.Number("friends"), read.Number("added")));
        Assert.True(IsOfTheSecond(coop.Line.Calls.Last(call => call.Name == LineCall.FollowerIds)));

        static bool IsOfTheSecond(RecordedCall call) =>
            call.Name == LineCall.FollowerIds && call.Query.Contains("start=mark", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mark_that_LINE_has_forgotten_begins_anew()
    {
        await Unheard(1_001);
        var hold = coop.Line.Trouble.Hold(LineCall.FollowerIds);
        await Asked(HttpMethod.Post);
        hold.Dispose();
        coop.Line.Trouble.Answer(LineCall.FollowerIds, 400, "invalid start");

        var read = await Read("done", sweep: true);

        Assert.Equal(1_001, read.Number("friends"));
    }

    [Fact]
    public async Task An_account_that_may_not_ask_says_so()
    {
        coop.Line.Trouble.Answer(LineCall.FollowerIds, 403, "Access to this API is not available for your account");

        await Asked(HttpMethod.Post);

        Assert.Equal("tester", (await Read("notAllowed")).GetProperty("by").GetString());
    }

    /// <summary>Friends whose follow never reached us.</summary>
    private async Task<SimulatedPhone[]> Unheard(int friends)
    {
        coop.Line.Trouble.Webhooks.HoldBack = true;
        var phones = Enumerable.Range(0, friends).Select(_ => coop.Line.Phone(Some.LineUserId())).ToArray();
        foreach (var phone in phones) await phone.Follow();
        coop.Line.Trouble.Webhooks.HoldBack = false;
        return phones;
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> Asked(HttpMethod method)
    {
        using var request = new HttpRequestMessage(method, "/staff/v1/friends/import");
        using var response = await coop.Staff().SendAsync(request);
        return (response.StatusCode, JsonElement.Parse(await response.Content.ReadAsStringAsync()));
    }

    private async Task<JsonElement> Read(string status, bool sweep = false)
    {
        JsonElement now = default;
        await Eventually.Holds(
            async () =>
            {
                if (sweep) await coop.Grains.FriendList.Finish();
                now = (await Asked(HttpMethod.Get)).Body;
                return now.Status == status;
            },
            () => $"status {status}, but it is {now}");
        return now;
    }
}

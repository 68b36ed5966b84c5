using System.Net;
using System.Text.Json;
using CoopLine.Grains;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Messages;

/// <summary>What became of a message: who opened it, used its coupon, or blocked the account after it.</summary>
public sealed class Results_of_a_message : IAsyncLifetime
{
    private const string Nothing = """{"uses":0,"yen":0,"byStore":{}}""";

    private readonly RunningSystem coop = new RunningSystem().WithApprover();

    public ValueTask InitializeAsync() => coop.InitializeAsync();

    public ValueTask DisposeAsync() => coop.DisposeAsync();

    [Fact]
    public async Task Before_anything_was_sent_there_is_nothing_and_LINE_is_not_asked()
    {
        var id = Some.CampaignId();
        Assert.Equal(HttpStatusCode.NotFound, (await coop.Say(HttpMethod.Get, id + "/results")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await coop.Say(HttpMethod.Get, "NO/results")).Status);
        await coop.Did(HttpMethod.Put, id, MessageSteps.ForAll);

        var results = await Results(id);

        Assert.Equal($$"""{"accepted":0,"statistics":"available","opened":null,"clicked":null,"unfollowed":0,"used":{{Nothing}}}""", results.GetRawText());
        Assert.Empty(Questions());
    }

    [Fact]
    public async Task Opened_and_clicked_is_what_LINE_says_of_twenty_persons_or_more()
    {
        var friends = new List<SimulatedPhone>();
        for (var one = 0; one < 21; one++) friends.Add(await coop.NewFriend());
        var id = await Sent();
        foreach (var friend in friends) friend.Open(friend.Messages.Single(message => message.Way == MessageWay.Multicast));
        foreach (var friend in friends.Take(19)) friend.Click(friend.Messages.Single(message => message.Way == MessageWay.Multicast));

        var results = await Results(id);

        Assert.Equal((21, "available", 21), (results.Number("accepted"), results.GetProperty("statistics").GetString(), results.Number("opened")));
        Assert.Equal(JsonValueKind.Null, results.GetProperty("clicked").ValueKind);
    }

    [Fact]
    public async Task LINE_is_asked_for_the_days_of_Japan_from_the_first_block_on()
    {
        await coop.NewFriend();
        coop.Clock.Advance(TimeSpan.FromHours(22.5)); // the 23rd in Japan, 8:30
        var id = await Sent();

        await Results(id);
        Assert.EndsWith("&from=20261123&to=20261123", Questions()[^1].Query);

        coop.Clock.Advance(TimeSpan.FromDays(40));
        Assert.Equal("available", (await Results(id)).GetProperty("statistics").GetString());
        Assert.EndsWith("&from=20261123&to=20261223", Questions()[^1].Query);
    }

    [Fact]
    public async Task While_LINE_is_silent_all_else_is_told()
    {
        var friend = await coop.NewFriend();
        var id = await Sent();
        await Block(friend);
        coop.Line.Trouble.Fail(LineCall.Insight, Trouble.Always);

        var results = await Results(id);

        Assert.Equal(
            $$"""{"accepted":1,"statistics":"unavailable","opened":null,"clicked":null,"unfollowed":1,"used":{{Nothing}}}""", results.GetRawText());
    }

    [Fact]
    public async Task Uses_are_those_of_its_coupon_by_members_who_got_it_and_since_then()
    {
        var (tofu, other) = (await coop.Publish(), await coop.Publish());
        var (here, there, before, back, off) =
            (await coop.LinkedPhone(), await coop.LinkedPhone(), await coop.LinkedPhone(), await coop.LinkedPhone(), await coop.LinkedPhone());
        await coop.Use(before, tofu);
        coop.Clock.Advance(TimeSpan.FromSeconds(1));
        coop.Line.Trouble.Fail(LineCall.Quota, Trouble.Always); // no block is closed without knowing the quota
        var id = await coop.Send(About(tofu));
        await coop.WaitUntil(id, "sending");
        await off.Tap("action=topic-off&topic=store");
        coop.Line.Trouble.Clear();
        Assert.Equal(4, (await coop.WaitUntil(id, "done")).Number("accepted"));
        var later = await coop.LinkedPhone();

        await coop.Use(here, tofu);
        await coop.Use(here, other);
        await UseAt("0456", there, tofu);
        await coop.Void((await coop.Use(back, tofu)).Sale);
        await coop.Use(off, tofu);
        await coop.Use(later, tofu);

        var used = (await Results(id)).GetProperty("used");
        Assert.Equal("""{"uses":2,"yen":60,"byStore":{"0123":{"uses":1,"yen":30},"0456":{"uses":1,"yen":30}}}""", used.GetRawText());
        coop.Clock.Advance(TimeSpan.FromSeconds(1));
        var another = await Sent(About(tofu));
        Assert.Equal(Nothing, (await Results(await Sent())).GetProperty("used").GetRawText());
        coop.Clock.Advance(TimeSpan.FromSeconds(1));
        await coop.Use(back, tofu);
        Assert.Equal((3, 1), (await Uses(id), await Uses(another)));
    }

    [Fact]
    public async Task What_was_stopped_before_their_block_counts_for_nobody_in_it()
    {
        coop.Also["CoopLine:Messages:BlockPersons"] = "1";
        await coop.Restart();
        var tofu = await coop.Publish();
        SimulatedPhone[] members = [await coop.LinkedPhone(), await coop.LinkedPhone()];
        var id = await coop.Send(About(tofu, spreadMinutes: 10));
        await Eventually.Holds(async () => (await coop.LookAt(id)).Number("accepted") == 1, "the first block");
        await coop.Did(HttpMethod.Post, id + "/stop");
        await coop.WaitUntil(id, "stopped");

        coop.Clock.Advance(TimeSpan.FromSeconds(1));
        foreach (var member in members)
        {
            await coop.Use(member, tofu);
            await Block(member);
        }

        var results = await Results(id);
        Assert.Equal((1, 1, 1), (results.Number("accepted"), results.GetProperty("used").Number("uses"), results.Number("unfollowed")));
    }

    [Fact]
    public async Task Unfollowed_are_those_who_block_within_a_day_after_it_and_stay_away()
    {
        var (early, soon, late, back) = (await coop.NewFriend(), await coop.NewFriend(), await coop.NewFriend(), await coop.NewFriend());
        await coop.NewFriend(); // stays
        string id;
        using (coop.Line.Trouble.Hold(LineCall.Multicast))
        {
            id = await coop.Send();
            await coop.Line.WaitForCall(call => call.Name == LineCall.Multicast, "the block's call");
            await Block(early);
            coop.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(5, (await coop.WaitUntil(id, "done")).Number("accepted"));
        await Block(back);
        Assert.Equal(1, (await Results(id)).Number("unfollowed"));
        coop.Clock.Advance(TimeSpan.FromHours(1));
        await back.Follow();
        await Eventually.Holds(async () => (await coop.Grains.Account(back.UserId).Standing()).Following, "following");
        coop.Clock.Advance(TimeSpan.FromHours(23));
        await Block(soon);
        coop.Clock.Advance(TimeSpan.FromMilliseconds(1));
        await Block(late);

        Assert.Equal(1, (await Results(id)).Number("unfollowed"));
    }

    /// <summary>A card with the button of a coupon, for linked members.</summary>
    private static object About(string campaign, int? spreadMinutes = null) => MessageSteps.Define(
        new { linked = true }, unlinked: false, spreadMinutes: spreadMinutes, forLinked: new { card = new { title = "豆腐", altText = "豆腐 30円引", coupon = campaign } });

    /// <summary>LINE has taken it.</summary>
    private async Task<string> Sent(object? definition = null)
    {
        var id = await coop.Send(definition);
        await coop.WaitUntil(id, "done");
        return id;
    }

    private Task<JsonElement> Results(string id) => coop.Did(HttpMethod.Get, id + "/results");

    private async Task<long> Uses(string id) => (await Results(id)).GetProperty("used").Number("uses");

    private async Task UseAt(string store, SimulatedPhone phone, string campaign) =>
        Assert.Equal("redeemed", (await coop.Redeem(coop.Sale(await coop.ShowCode(phone, campaign), store), store)).Outcome);

    private async Task Block(SimulatedPhone phone)
    {
        await phone.Block();
        await Eventually.Holds(async () => !(await coop.Grains.Account(phone.UserId).Standing()).Following, "blocked");
    }

    private List<RecordedCall> Questions() => [.. coop.Line.Calls.Where(call => call.Name == LineCall.Insight)];
}

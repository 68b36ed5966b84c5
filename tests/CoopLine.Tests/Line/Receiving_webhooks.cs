using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;
using Events = CoopLine.Simulator.LineEvents;

namespace CoopLine.Tests.Line;

/// <summary>Whatever arrives at <c>/line/webhook</c>: 200 when all of it is safe, and nothing done otherwise.</summary>
[Collection(typeof(RequestHost))]
public sealed class Receiving_webhooks(RunningSystem coop)
{
    private DateTimeOffset Now => coop.Clock.GetUtcNow();

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("not base64")]
    [InlineData("AAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    public async Task A_bad_signature_is_401_and_nothing_is_done(string? signature)
    {
        var phone = await Friend();
        var body = Body(Events.Text(phone.UserId, "?", Now));

        using var answer = await coop.Line.DeliverRaw(body, signature);
        await phone.Settle();

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal(0, phone.Count("ご質問にお答えできません"));
    }

    [Fact]
    public async Task A_signature_belongs_to_one_body()
    {
        var phone = await Friend();
        var body = Body(Events.Text(phone.UserId, "?", Now));
        var signature = coop.Line.Sign(body);
        var changed = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(body) + " ");

        using var answer = await coop.Line.DeliverRaw(changed, signature);
        using var unsigned = await coop.Line.DeliverRaw(body, coop.Line.Sign(changed));
        await phone.Settle();

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, unsigned.StatusCode);
        Assert.Equal(0, phone.Count("ご質問にお答えできません"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("events")]
    [InlineData("{\"events\":")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"events\":{}}")]
    [InlineData("{\"events\":null}")]
    public async Task A_signed_body_that_is_no_webhook_is_400(string body) =>
        Assert.Equal(HttpStatusCode.BadRequest, await Send(body));

    [Fact]
    public async Task The_console_s_verification_without_events_is_200() =>
        Assert.Equal(HttpStatusCode.OK, await Send("{\"destination\":\"U00000000000000000000000000c00b01\",\"events\":[]}"));

    [Fact]
    public async Task A_body_of_a_megabyte_is_read_and_one_of_three_is_refused()
    {
        var phone = await Friend();
        var large = Events.Text(phone.UserId, "?", Now);
        large["added"] = new string('x', 1024 * 1024);

        using var answer = await coop.Line.Deliver(large);
        await phone.WaitForMessage("ご質問にお答えできません");
        large["added"] = new string('x', 3 * 1024 * 1024);
        var refused = await Oversized(Body(large));

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains(refused, new HttpStatusCode?[] { HttpStatusCode.RequestEntityTooLarge, null });
    }

    [Fact]
    public async Task Events_of_unknown_types_and_shapes_are_passed_over_and_their_neighbours_are_not()
    {
        var phone = await Friend();
        var withoutSource = Events.Of("postback", null, Now, null, ("postback", new JsonObject { ["data"] = "action=link" }));
        var withoutUser = Events.Of("follow", null, Now);
        withoutUser["source"] = new JsonObject { ["type"] = "user" };
        var inGroup = Events.Text(phone.UserId, "?", Now);
        inGroup["source"] = new JsonObject { ["type"] = "group", ["groupId"] = "C1", ["userId"] = phone.UserId };
        var withoutId = Events.Text(phone.UserId, "?", Now);
        withoutId.Remove("webhookEventId");
        var withoutTime = Events.Text(phone.UserId, "?", Now);
        withoutTime.Remove("timestamp");
        var sticker = Events.Text(phone.UserId, "?", Now);
        sticker["message"] = new JsonObject { ["type"] = "sticker", ["id"] = "1" };

        using var answer = await coop.Line.Deliver(
            withoutSource, withoutUser, inGroup, withoutId, withoutTime, sticker,
            Events.Of("fromTheFuture", phone.UserId, Now), Events.Of("unsend", phone.UserId, Now),
            "text", 1, new JsonArray(), new { type = 5 },
            Events.Text(phone.UserId, "?", Now));
        await phone.Settle();

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(1, phone.Count("ご質問にお答えできません"));
    }

    [Fact]
    public async Task One_call_brings_events_of_several_users()
    {
        var phones = new List<SimulatedPhone>();
        for (var i = 0; i < 20; i++) phones.Add(coop.Line.Phone());
        coop.Line.Trouble.Webhooks.HoldBack = true;
        foreach (var phone in phones) await phone.Follow();
        coop.Line.Trouble.Webhooks.HoldBack = false;

        using var answer = await coop.Line.Deliver([.. phones.Select(phone => Events.Follow(phone.UserId, Now))]);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        foreach (var phone in phones) await phone.WaitForMessage("お友だち登録ありがとうございます");
        await coop.Line.ReleaseWebhooks();
    }

    [Fact]
    public async Task Duplicates_of_one_event_have_one_effect_and_one_message()
    {
        var phone = await Friend();
        var tap = Events.Postback(phone.UserId, "action=link", Now);

        await Task.WhenAll(Enumerable.Range(0, 32).Select(async i =>
        {
            using var answer = await coop.Line.Deliver(i % 2 == 0 ? tap : Events.Redelivered(tap));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }));
        await coop.Restart();
        using (await coop.Line.Deliver(Events.Redelivered(tap))) { }
        await phone.Settle();

        Assert.Equal(1, phone.Count("下のボタンを押して、組合員番号を連携してください"));
        Assert.Equal(HttpStatusCode.OK, (await coop.Visit(phone.LastLinkUri!)).Status);
    }

    [Fact]
    public async Task In_standby_nothing_is_sent()
    {
        var phone = await Friend();
        var calls = CallsFor(phone);
        JsonObject[] standing =
        [
            Events.Text(phone.UserId, "?", Now), Events.Postback(phone.UserId, "action=link", Now),
            Events.Postback(phone.UserId, "action=unlink", Now),
        ];
        foreach (var one in standing)
        {
            one["mode"] = "standby";
            one.Remove("replyToken");
        }

        using (var answer = await coop.Line.Deliver([.. standing])) Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await coop.NextRound();
        Assert.Equal(calls, CallsFor(phone));
        await phone.Settle();

        Assert.Equal(0, phone.Count("ご質問にお答えできません"));
        Assert.Null(phone.LastLinkUri);
    }

    [Fact]
    public async Task A_friend_who_comes_back_in_standby_is_left_to_the_other_service_until_an_event_is_for_us()
    {
        var phone = await Friend();
        using (await coop.Line.Deliver(Events.Of("unfollow", phone.UserId, Now))) { }
        coop.Clock.Advance(TimeSpan.FromSeconds(1));
        var calls = CallsFor(phone);
        var follow = Events.Follow(phone.UserId, Now);
        follow["mode"] = "standby";
        follow.Remove("replyToken");

        using (var answer = await coop.Line.Deliver(follow)) Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        await coop.NextRound();
        await coop.SenderIsIdle(phone);
        Assert.Equal(calls, CallsFor(phone));

        using (await coop.Line.Deliver(Events.Text(phone.UserId, "?", Now))) { }
        await phone.WaitForMessage("ご質問にお答えできません");
        await phone.Settle();
        Assert.Contains(coop.Line.Calls.Skip(calls), call => call.Name == LineCall.UnlinkRichMenu); // and the menu is set right
    }

    [Theory]
    [InlineData("\"\\ud800\":1")]
    [InlineData("\"\\ud800replyToken\":1,\"type\\udc00\":{\"\\udfff\":[]}")]
    [InlineData("\"added\":\"\\ud800\"")]
    [InlineData("\"added\":1e9999")]
    [InlineData("\"added\":\"<deep>\"")]
    public async Task Nothing_that_one_event_holds_costs_its_neighbours(string added)
    {
        var phone = await Friend();
        added = added.Replace("\"<deep>\"", new string('[', 5000) + new string(']', 5000), StringComparison.Ordinal);
        string[] events = [Question("strange", added), Question("good", "\"added\":1")];

        Assert.Equal(HttpStatusCode.OK, await Send($"{{{added},\"events\":[{string.Join(',', events)}],{added}}}"));
        await phone.Settle();

        Assert.Equal(2, phone.Count("ご質問にお答えできません")); // the strange one is understood as well

        string Question(string id, string more) => $"{{{more},{Events.Text(phone.UserId, id, Now).ToJsonString()[1..^1]},{more}}}";
    }

    [Theory]
    [InlineData(LineCall.Reply)]
    [InlineData(LineCall.Any)]
    public async Task LINE_that_hangs_never_delays_the_200(LineCall hanging)
    {
        var (phone, member) = await coop.Newcomer();
        await phone.WaitForMessage("お友だち登録ありがとうございます");
        await coop.Register(member);

        using (coop.Line.Trouble.Hold(hanging))
        {
            // The simulator's own patience is the limit: were the 200 to wait for LINE, it would never come.
            Assert.Equal(HttpStatusCode.OK, await phone.TapBanner("link"));
            Assert.Equal(HttpStatusCode.OK, await phone.Say("?"));
            Assert.Equal(HttpStatusCode.OK, await phone.TapBanner("unlink"));
            Assert.Equal(0, phone.Count("下のボタンを押して"));
        }
        await phone.WaitForMessage("下のボタンを押して");
        await phone.Settle();

        Assert.Equal(1, phone.Count("下のボタンを押して"));
    }

    [Theory]
    [InlineData(Fault.BeforeTheWrite)]
    [InlineData(Fault.AfterTheCommit)]
    public async Task What_storage_did_not_take_is_not_200_and_a_redelivery_does_the_work_once(Fault fault)
    {
        var phone = await Friend();
        await coop.FailWriteOf(phone, fault);

        var failed = await phone.TapBanner("link");
        var again = await coop.Line.RedeliverFailed();
        await phone.WaitForMessage("下のボタンを押して");
        await phone.Settle();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, failed);
        Assert.Equal([HttpStatusCode.OK], again);
        Assert.Equal(1, phone.Count("下のボタンを押して"));
        Assert.Equal(HttpStatusCode.OK, (await coop.Visit(phone.LastLinkUri!)).Status);
    }

    [Fact]
    public async Task One_user_s_trouble_is_not_the_others_and_the_whole_call_comes_again()
    {
        var (first, second) = (await Friend(), await Friend());
        object[] both = [Events.Text(first.UserId, "?", Now), Events.Text(second.UserId, "?", Now)];
        await coop.SenderIsIdle(second);
        await coop.FailWriteOf(first, Fault.BeforeTheWrite);

        using var failed = await coop.Line.Deliver(both);
        using var again = await coop.Line.Deliver([.. both.Cast<JsonObject>().Select(Events.Redelivered)]);
        await first.Settle();
        await second.Settle();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, failed.StatusCode);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Equal(1, first.Count("ご質問にお答えできません"));
        Assert.Equal(1, second.Count("ご質問にお答えできません"));
    }

    private async Task<SimulatedPhone> Friend()
    {
        var phone = await coop.NewFriend();
        await phone.WaitForMessage("お友だち登録ありがとうございます");
        await coop.SenderIsIdle(phone);
        return phone;
    }

    private async Task<HttpStatusCode> Send(string text)
    {
        var body = Encoding.UTF8.GetBytes(text);
        using var answer = await coop.Line.DeliverRaw(body, coop.Line.Sign(body));
        return answer.StatusCode;
    }

    /// <returns>Null when the connection was cut while the body was still on its way.</returns>
    private async Task<HttpStatusCode?> Oversized(byte[] body)
    {
        try
        {
            using var answer = await coop.Line.DeliverRaw(body, coop.Line.Sign(body));
            return answer.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    private int CallsFor(SimulatedPhone phone) => coop.Line.Calls.Count(call =>
        call.Path.Contains(phone.UserId, StringComparison.Ordinal) || call.Body.Contains(phone.UserId, StringComparison.Ordinal));

    private static byte[] Body(params JsonObject[] events) => Encoding.UTF8.GetBytes(
        new JsonObject { ["destination"] = "U00000000000000000000000000c00b01", ["events"] = new JsonArray([.. events.Select(one => one.DeepClone())]) }.ToJsonString());
}

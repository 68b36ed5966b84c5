using System.Text.Json;
using CoopLine.Grains.Line;
using CoopLine.Tests.Fixtures;
using CoopLine.Webhook.Line;

namespace CoopLine.Tests.Line;

[NoDatabase]
public sealed class Reading_events
{
    private const string Hanako = "U1234567890abcdef1234567890abcdef";
    private const string Taro = "Uabcdefabcdefabcdefabcdefabcdef01";

    private const string From = $$$"""
        "mode":"active","timestamp":1767225600600,"source":{"type":"user","userId":"{{{Hanako}}}"},"webhookEventId":"01JGX5Q0000000000000000007","deliveryContext":{"isRedelivery":false},"replyToken":"reply-7"
        """;

    private static readonly DateTimeOffset At = DateTimeOffset.FromUnixTimeMilliseconds(1767225600600);

    [Fact]
    public void The_console_s_verify_button_sends_no_events() =>
        Assert.Empty(Read("""{"destination":"U00000000000000000000000000c00b01","events":[]}""")!.Value);

    [Fact]
    public void Follow() => AssertFor(
        Hanako,
        new("01JGX5Q0000000000000000007", LineEventKind.Follow, At, ReplyToken: "reply-7"),
        One($$$"""{"type":"follow",{{{From}}},"follow":{"isUnblocked":false}}"""));

    [Fact]
    public void Properties_come_in_any_order_and_follow_may_lack_its_own() => AssertFor(
        Hanako,
        new("01JGX5Q0000000000000000007", LineEventKind.Follow, At, ReplyToken: "reply-7"),
        One($$$"""{{{{From}}},"type":"follow"}"""));

    [Fact]
    public void Unfollow_has_no_reply_token() => AssertFor(
        Hanako,
        new("e4", LineEventKind.Unfollow, At),
        One($$$"""{"type":"unfollow","mode":"active","timestamp":1767225600600,"source":{"type":"user","userId":"{{{Hanako}}}"},"webhookEventId":"e4"}"""));

    [Fact]
    public void Text_message() => AssertFor(
        Hanako,
        new("01JGX5Q0000000000000000007", LineEventKind.Message, At, ReplyToken: "reply-7", Text: "連携"),
        One($$$"""{"type":"message",{{{From}}},"message":{"type":"text","id":"500000000000000005","quoteToken":"qT-5","text":"\u9023\u643a"}}"""));

    [Fact]
    public void Postback() => AssertFor(
        Hanako,
        new("01JGX5Q0000000000000000007", LineEventKind.Postback, At, ReplyToken: "reply-7", Text: "action=link"),
        One($$$"""{"type":"postback",{{{From}}},"postback":{"params":{"status":"SUCCESS"},"data":"action=link"}}"""));

    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public void Account_link_reads_the_same_when_delivered_again(string isRedelivery) => AssertFor(
        Hanako,
        new("01JGX5Q0000000000000000007", LineEventKind.AccountLink, At, ReplyToken: "reply-7", Nonce: "b3XkQ0m9"),
        One($$$"""{"type":"accountLink",{{{From.Replace("false", isRedelivery, StringComparison.Ordinal)}}},"link":{"result":"ok","nonce":"b3XkQ0m9"}}"""));

    [Fact]
    public void A_failed_account_link_names_nobody()
    {
        var received = One("""{"type":"accountLink","mode":"active","timestamp":1767225600800,"webhookEventId":"e9","link":{"result":"failed","nonce":"b3XkQ0m9"}}""");

        Assert.Equal(new ReceivedEvent("accountLink", null, null) { LinkFailed = true }, received);
    }

    [Fact]
    public void A_failed_account_link_links_nobody_even_with_a_source()
    {
        var received = One($$$"""{"type":"accountLink",{{{From}}},"link":{"result":"failed","nonce":"b3XkQ0m9"}}""");

        Assert.Null(received.Event);
        Assert.True(received.LinkFailed);
    }

    [Theory]
    [InlineData(256, true)]
    [InlineData(257, false)]
    [InlineData(0, false)]
    public void A_reply_token_that_LINE_would_not_make_is_none(int length, bool good)
    {
        var token = new string('a', length);
        var received = One($$$"""{"type":"follow","replyToken":"{{{token}}}","timestamp":1767225600600,"source":{"type":"user","userId":"{{{Hanako}}}"},"webhookEventId":"e16"}""");

        Assert.NotNull(received.Event);
        Assert.Equal(good ? token : null, received.Event.ReplyToken);
    }

    [Fact]
    public void In_standby_nothing_may_be_sent() => AssertFor(
        Hanako,
        new("e15", LineEventKind.Message, At, Active: false, Text: "hi"),
        One($$$"""{"type":"message","mode":"standby","timestamp":1767225600600,"source":{"type":"user","userId":"{{{Hanako}}}"},"webhookEventId":"e15","message":{"type":"text","id":"1","text":"hi"}}"""));

    [Fact]
    public void Several_users_in_one_call_keep_the_order_of_the_call()
    {
        var received = Read($$$"""
            {"destination":"U00000000000000000000000000c00b01","futureTop":1,"events":[
              {"type":"follow","timestamp":2000,"source":{"type":"user","userId":"{{{Taro}}}"},"webhookEventId":"a"},
              {"type":"postback","timestamp":2100,"source":{"type":"user","userId":"{{{Hanako}}}"},"webhookEventId":"b","postback":{"data":"v1:unlink"}},
              {"type":"unfollow","timestamp":1900,"source":{"type":"user","userId":"{{{Taro}}}"},"webhookEventId":"c"}]}
            """)!.Value;

        Assert.Equal([Taro, Hanako, Taro], received.Select(one => one.Account));
        Assert.Equal(["a", "b", "c"], received.Select(one => one.Event!.Id));
    }

    [Theory]
    [InlineData("message", $$$"""{"type":"message",{{{From}}},"message":{"type":"sticker","id":"6","packageId":"1","stickerId":"2"}}""")]
    [InlineData("message", $$$"""{"type":"message",{{{From}}},"message":{"type":"hologram2027"}}""")]
    [InlineData("message", $$$"""{"type":"message",{{{From}}}}""")]
    [InlineData("message", $$$"""{"type":"message",{{{From}}},"message":{"type":"text","text":"\ud83d"}}""")]
    [InlineData("message", $$$"""{"type":"message",{{{From}}},"message":{"type":"text","id":"1","text":"a\u0000b"}}""")]
    [InlineData("postback", $$$"""{"type":"postback",{{{From}}},"postback":{"data":"action=unlink-confirm&link=\u0000"}}""")]
    [InlineData("follow", """{"type":"follow","timestamp":1,"source":{"type":"user","userId":"U1234567890abcdef1234567890abcdef"},"webhookEventId":"e\u0000"}""")]
    [InlineData("unsend", $$$"""{"type":"unsend",{{{From}}},"unsend":{"messageId":"500000000000000005"}}""")]
    [InlineData("membership", $$$"""{"type":"membership",{{{From}}},"membership":{"type":"joined","membershipId":42}}""")]
    [InlineData("messageEdited", """{"type":"messageEdited","mode":"active","timestamp":1767225601100,"source":{"type":"group","groupId":"C1234567890abcdef1234567890abcdef","userId":"U1234567890abcdef1234567890abcdef"},"webhookEventId":"e13","message":{"type":"text","id":"1","text":"edited"}}""")]
    [InlineData("other", """{"newThing":{"a":[1,2]},"type":"somethingNew2027","mode":"active","timestamp":1767225601200,"source":{"type":"newSource","xId":"x"},"webhookEventId":"e14","deliveryContext":{"isRedelivery":false,"attempt":1}}""")]
    [InlineData("join", """{"type":"join","mode":"active","timestamp":1767225603000,"source":{"type":"group","groupId":"C1234567890abcdef1234567890abcdef"},"webhookEventId":"e17","replyToken":"r"}""")]
    [InlineData("postback", """{"type":"postback","timestamp":1,"source":{"type":"group","groupId":"C1","userId":"U1234567890abcdef1234567890abcdef"},"webhookEventId":"e","postback":{"data":"action=link"}}""")]
    [InlineData("postback", """{"type":"postback","timestamp":1,"source":{"type":"room","roomId":"R1","userId":"U1234567890abcdef1234567890abcdef"},"webhookEventId":"e","postback":{"data":"action=link"}}""")]
    [InlineData("postback", $$$"""{"type":"postback",{{{From}}}}""")]
    [InlineData("postback", $$$"""{"type":"postback",{{{From}}},"postback":{"data":7}}""")]
    [InlineData("accountLink", $$$"""{"type":"accountLink",{{{From}}},"link":{"result":"ok"}}""")]
    [InlineData("accountLink", $$$"""{"type":"accountLink",{{{From}}},"link":{"result":"perhaps","nonce":"n"}}""")]
    [InlineData("accountLink", $$$"""{"type":"accountLink",{{{From}}},"link":"ok"}""")]
    [InlineData("follow", """{"type":"follow","timestamp":1,"webhookEventId":"e"}""")]
    [InlineData("follow", """{"type":"follow","timestamp":1,"source":null,"webhookEventId":"e"}""")]
    [InlineData("follow", """{"type":"follow","timestamp":1,"source":{"type":"user"},"webhookEventId":"e"}""")]
    [InlineData("follow", """{"type":"follow","timestamp":1,"source":{"type":"user","userId":"U123"},"webhookEventId":"e"}""")]
    [InlineData("follow", """{"type":"follow","timestamp":1,"source":{"type":"user","userId":"U1234567890ABCDEF1234567890ABCDEF"},"webhookEventId":"e"}""")]
    [InlineData("follow", """{"type":"follow","timestamp":1,"source":{"type":"user","userId":"U1234567890abcdef1234567890abcdef\n"},"webhookEventId":"e"}""")]
    [InlineData("follow", """{"type":"follow","timestamp":1,"source":{"type":"user","userId":"U1234567890abcdef1234567890abcdef"}}""")]
    [InlineData("follow", """{"type":"follow","timestamp":1,"source":{"type":"user","userId":"U1234567890abcdef1234567890abcdef"},"webhookEventId":""}""")]
    [InlineData("follow", """{"type":"follow","timestamp":1,"source":{"type":"user","userId":"U1234567890abcdef1234567890abcdef"},"webhookEventId":"00000000001111111111222222222233333333334444444444555555555566666"}""")]
    [InlineData("follow", """{"type":"follow","source":{"type":"user","userId":"U1234567890abcdef1234567890abcdef"},"webhookEventId":"e"}""")]
    [InlineData("follow", """{"type":"follow","timestamp":"1","source":{"type":"user","userId":"U1234567890abcdef1234567890abcdef"},"webhookEventId":"e"}""")]
    [InlineData("follow", """{"type":"follow","timestamp":9223372036854775807,"source":{"type":"user","userId":"U1234567890abcdef1234567890abcdef"},"webhookEventId":"e"}""")]
    [InlineData("follow", """{"type":"follow","timestamp":1.5e3000,"source":{"type":"user","userId":"U1234567890abcdef1234567890abcdef"},"webhookEventId":"e"}""")]
    [InlineData("other", """{"type":null}""")]
    [InlineData("other", """{"ty\udc00pe":"message"}""")]
    [InlineData("message", """{"type":"message","\udc00":1}""")]
    [InlineData("message", $$$"""{"type":"message",{{{From}}},"message":{"type":"text","te\ud800xt":"a"}}""")]
    [InlineData("other", "{}")]
    [InlineData("other", "7")]
    public void What_is_not_for_us_is_passed_over(string kind, string json) =>
        Assert.Equal(new ReceivedEvent(kind, null, null), One(json));

    [Theory]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"events":{}}""")]
    [InlineData("""{"events":null}""")]
    [InlineData("""{"ev\ud800ents":[]}""")]
    public void A_body_without_a_list_of_events_is_no_webhook(string body) => Assert.Null(Read(body));

    private static void AssertFor(string account, LineEvent expected, ReceivedEvent received)
    {
        Assert.Equal(account, received.Account);
        Assert.Equal(expected, received.Event);
    }

    private static ReceivedEvent One(string json) => Assert.Single(Read($$$"""{"events":[{{{json}}}]}""")!.Value);

    private static System.Collections.Immutable.ImmutableArray<ReceivedEvent>? Read(string body)
    {
        using var json = JsonDocument.Parse(body);
        return LineEvents.Read(json.RootElement);
    }
}

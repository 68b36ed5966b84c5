using System.Net;
using System.Text.Json;
using CoopLine.Grains;
using CoopLine.Grains.Messages;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Messages;

/// <summary>A coupon starts, a coupon ends soon, coupons saved money today: said by itself, once somebody else has turned the rule on.</summary>
public sealed class Going_out_by_themselves : IAsyncLifetime
{
    private static readonly object StartsRule = Rule("{coupon}が始まりました。{until}まで");
    private static readonly object EndsRule = Rule("{coupon}は{until}までです", daysBefore: 2);
    private static readonly object SavedRule = new { at = "18:30", content = new { text = "今日は{saved}円お得でした" }, ceilingYen = 0 };

    private readonly RunningSystem coop = new RunningSystem().WithApprover();

    public async ValueTask InitializeAsync()
    {
        coop.Also["CoopLine:Coop:TellsSavings"] = "true";
        await coop.InitializeAsync();
    }

    public ValueTask DisposeAsync() => coop.DisposeAsync();

    [Fact]
    public async Task Without_a_rule_that_is_on_nothing_goes_out()
    {
        var phone = await coop.LinkedPhone();
        await coop.Publish(Starting("2026-11-22T11:00:00+09:00"));
        await Asked(HttpMethod.Put, "couponStarts", StartsRule);

        await At("2026-11-22T12:30:00+09:00", "couponStarts");

        Assert.Empty(phone.Got());
        Assert.False((await Asked(HttpMethod.Get, "couponStarts")).Body.GetProperty("on").GetBoolean());
    }

    [Fact]
    public async Task A_coupon_that_starts_is_told_once_to_whoever_has_it()
    {
        var (phone, home, friend) = (await coop.LinkedPhone("store"), await coop.LinkedPhone("home"), await coop.NewFriend());
        var tofu = await coop.Publish(Starting("2026-11-22T11:00:00+09:00", businesses: ["store"]));
        await coop.Publish(Starting("2026-11-20T11:00:00+09:00")); // has started before
        await coop.Publish(Starting("2026-11-23T11:00:00+09:00")); // starts later
        await TurnOn("couponStarts", StartsRule);

        await At("2026-11-22T11:59:00+09:00", "couponStarts");
        Assert.Empty(phone.Got());
        await At("2026-11-22T12:00:00+09:00", "couponStarts");
        var done = await coop.WaitUntil($"auto-starts-{tofu}", "done");
        await At("2026-11-22T12:10:00+09:00", "couponStarts");

        Assert.Equal(["とうふが始まりました。11月30日まで"], phone.Got());
        Assert.Empty(home.Got());
        Assert.Empty(friend.Got());
        Assert.Equal((1, 1), (done.Number("planned"), done.Number("accepted")));
        Assert.Equal("approver", done.GetProperty("approved").GetProperty("by").GetString());
    }

    [Fact]
    public async Task A_coupon_of_some_members_is_told_to_them_and_its_card_opens_it()
    {
        var ((named, member), other) = (await coop.LinkedFriend(), await coop.LinkedPhone());
        var tofu = await coop.Publish(Starting("2026-11-22T11:00:00+09:00", issuedTo: "list"));
        using var list = await coop.Staff().PutAsync($"/staff/v1/campaigns/{tofu}/members", new StringContent(member.Number, null, "text/csv"));
        Assert.Equal(HttpStatusCode.OK, list.StatusCode);
        await TurnOn("couponStarts", new
        {
            at = "12:00",
            topic = "store",
            content = new { card = new { title = "{coupon}", lines = new[] { "{until}まで" }, altText = "{coupon}" } },
            ceilingYen = 0,
        });

        await At("2026-11-22T12:00:00+09:00", "couponStarts");
        await coop.WaitUntil($"auto-starts-{tofu}", "done");

        var got = Assert.Single(named.Messages, message => message.Way == MessageWay.Multicast);
        Assert.EndsWith($"?coupon={tofu}", got.Buttons[0].Uri, StringComparison.Ordinal);
        Assert.Empty(other.Got());
    }

    [Fact]
    public async Task A_coupon_that_ends_in_two_days_is_told_to_whoever_has_not_used_it()
    {
        var (used, unused) = (await coop.LinkedPhone(), await coop.LinkedPhone());
        var tofu = await coop.Publish(Some.Campaign(endsAt: "2026-11-25T00:00:00+09:00"));
        await coop.Publish(Some.Campaign(endsAt: "2026-11-26T00:00:00+09:00"));
        await coop.Use(used, tofu);
        await TurnOn("couponEnds", EndsRule);

        await At("2026-11-22T12:00:00+09:00", "couponEnds");
        await coop.WaitUntil($"auto-ends-20261124-{tofu}", "done");

        Assert.Equal(["とうふは11月24日までです"], unused.Got());
        Assert.Empty(used.Got());
    }

    [Fact]
    public async Task What_coupons_saved_today_is_told_to_whoever_asked_for_it()
    {
        var (asked, silent, saves) = (await coop.LinkedPhone(), await coop.LinkedPhone(), await coop.LinkedPhone());
        var tofu = await coop.Publish();
        foreach (var phone in new[] { asked, saves }) await phone.Tap("action=topic-on&topic=saved");
        await coop.Use(asked, tofu);
        await coop.Use(silent, tofu);
        await TurnOn("saved", SavedRule);

        await At("2026-11-22T18:30:00+09:00", "saved");
        await coop.WaitUntil("auto-saved-20261122", "done");

        Assert.Equal(["今日は30円お得でした"], asked.Got());
        Assert.Empty(silent.Got());
        Assert.Empty(saves.Got());
    }

    [Fact]
    public async Task What_friends_are_offered_no_more_goes_out_no_more()
    {
        await using var without = new RunningSystem().WithApprover();
        await without.InitializeAsync();
        var on = (AutomaticOutcome.Done)await without.Grains.AutomaticMessage(AutomaticReason.Saved).Define(
            new(new(18, 30), 0, Grains.Accounts.Topic.Saved, new(new("今日は{saved}円", null), null), 0), "suzuki");
        await without.Grains.AutomaticMessage(AutomaticReason.Saved).TurnOn(on.Message.Hash, "tanaka");

        await without.At("2026-11-22T18:30:00+09:00");
        await without.Grains.AutomaticMessage(AutomaticReason.Saved).Finish();

        Assert.Equal(HttpStatusCode.NotFound, (await without.Say(HttpMethod.Get, "auto-saved-20261122")).Status);
    }

    [Fact]
    public async Task Friends_are_offered_what_they_saved_as_a_topic_that_is_off_until_they_ask()
    {
        var phone = await coop.NewFriend();
        await phone.Say("配信設定");
        var told = await phone.WaitForMessage("いまの配信設定です");
        Assert.Contains("× 今日の節約額:止めています", told.Text, StringComparison.Ordinal);

        await phone.Tap(Assert.Single(told.Buttons, button => button.Label == "今日の節約額を受け取る"));
        Assert.Contains("○ 今日の節約額:届きます", (await phone.WaitForMessage("「今日の節約額」が届くようにしました。")).Text, StringComparison.Ordinal);

        await phone.Tap("action=topic-off&topic=saved");
        await phone.WaitForMessage("「今日の節約額」を止めました。");
    }

    [Fact]
    public async Task Twice_at_once_and_after_a_crash_it_is_one_message()
    {
        var phone = await coop.LinkedPhone();
        var tofu = await coop.Publish(Starting("2026-11-22T11:00:00+09:00"));
        await TurnOn("couponStarts", StartsRule);
        var rival = await coop.StartRival();
        await coop.At("2026-11-22T12:00:00+09:00");

        await Task.WhenAll(new[] { coop.Grains, rival.Grains, coop.Grains, rival.Grains }.Select(async grains =>
        {
            try
            {
                await grains.AutomaticMessage(AutomaticReason.CouponStarts).Finish();
            }
            catch (Orleans.Storage.InconsistentStateException)
            {
                return; // the other process has written; the next round finds that
            }
        }));
        await coop.WaitUntil($"auto-starts-{tofu}", "done");

        Assert.Single(phone.Got());
    }

    [Fact]
    public async Task After_an_outage_staff_are_asked_and_a_rule_turned_on_late_begins_tomorrow()
    {
        var phone = await coop.LinkedPhone();
        var tofu = await coop.Publish(Starting("2026-11-22T11:00:00+09:00"));
        await TurnOn("couponStarts", StartsRule);
        await At("2026-11-22T13:01:00+09:00", "couponStarts");
        var held = await coop.WaitUntil($"auto-starts-{tofu}", "paused");
        Assert.Equal("late", held.GetProperty("pausedFor").GetString());

        await TurnOn("saved", new { at = "13:00", content = new { text = "今日は{saved}円" }, ceilingYen = 0 });
        await At("2026-11-22T13:02:00+09:00", "saved");

        Assert.Equal(HttpStatusCode.NotFound, (await coop.Say(HttpMethod.Get, "auto-saved-20261122")).Status);
        Assert.Empty(phone.Got());
    }

    [Fact]
    public async Task What_staff_have_cancelled_is_not_said_again_by_the_rule()
    {
        var phone = await coop.LinkedPhone();
        var tofu = await coop.Publish(Starting("2026-11-22T11:00:00+09:00"));
        await TurnOn("couponStarts", StartsRule);
        await At("2026-11-22T13:01:00+09:00", "couponStarts");
        await coop.WaitUntil($"auto-starts-{tofu}", "paused");
        await coop.Did(HttpMethod.Post, $"auto-starts-{tofu}/cancel");

        await At("2026-11-22T13:02:00+09:00", "couponStarts");

        Assert.Equal("cancelled", (await coop.LookAt($"auto-starts-{tofu}")).Status);
        Assert.Empty(phone.Got());
    }

    [Fact]
    public async Task A_rule_is_approved_by_somebody_else_and_exactly_as_it_was_seen()
    {
        var (_, defined) = await Asked(HttpMethod.Put, "couponStarts", StartsRule);
        var hash = defined.GetProperty("hash").GetString();
        Assert.Equal(HttpStatusCode.Forbidden, (await Asked(HttpMethod.Post, "couponStarts/on", new { hash })).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await Asked(HttpMethod.Post, "couponStarts/on", new { hash = "0" }, coop.Approver)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Asked(HttpMethod.Post, "couponEnds/on", new { hash }, coop.Approver)).Status);

        var (_, on) = await Asked(HttpMethod.Post, "couponStarts/on", new { hash }, coop.Approver);
        Assert.True(on.GetProperty("on").GetBoolean());
        Assert.True((await Asked(HttpMethod.Put, "couponStarts", StartsRule)).Body.GetProperty("on").GetBoolean());

        var (_, changed) = await Asked(HttpMethod.Put, "couponStarts", Rule("{coupon}です"));
        Assert.False(changed.GetProperty("on").GetBoolean());
        await TurnOn("couponStarts", StartsRule);
        Assert.False((await Asked(HttpMethod.Post, "couponStarts/off")).Body.GetProperty("on").GetBoolean());
    }

    [Theory]
    [InlineData("couponStarts", """{"at":"21:00","topic":"store","content":{"text":"a"},"ceilingYen":0}""", "at")]
    [InlineData("couponStarts", """{"at":"9:00","topic":"store","content":{"text":"a"},"ceilingYen":0}""", "at")]
    [InlineData("couponStarts", """{"at":"10:00","content":{"text":"a"},"ceilingYen":0}""", "topic")]
    [InlineData("couponStarts", """{"at":"10:00","topic":"store","daysBefore":2,"content":{"text":"a"},"ceilingYen":0}""", "daysBefore")]
    [InlineData("couponStarts", """{"at":"10:00","topic":"store","content":{"text":"{saved}"},"ceilingYen":0}""", "content")]
    [InlineData("couponStarts", """{"at":"10:00","topic":"store","content":{"card":{"title":"a","altText":"a","coupon":"tofu"}},"ceilingYen":0}""", "content")]
    [InlineData("couponEnds", """{"at":"10:00","topic":"store","content":{"text":"a"},"ceilingYen":0}""", "daysBefore")]
    [InlineData("saved", """{"at":"10:00","topic":"store","content":{"text":"a"},"ceilingYen":0}""", "topic")]
    [InlineData("saved", """{"at":"10:00","content":{"text":"{coupon}"},"ceilingYen":0}""", "content")]
    public async Task What_could_not_go_out_is_refused(string reason, string rule, string field)
    {
        var (status, problem) = await Asked(HttpMethod.Put, reason, JsonElement.Parse(rule));

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal([field], problem.GetProperty("errors").EnumerateObject().Select(one => one.Name));
        Assert.Equal(HttpStatusCode.NotFound, (await Asked(HttpMethod.Get, reason)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await Asked(HttpMethod.Get, "birthday")).Status);
    }

    private static object Rule(string text, int? daysBefore = null) =>
        new { at = "12:00", daysBefore, topic = "store", content = new { text }, ceilingYen = 0 };

    private static object Starting(string at, string[]? businesses = null, string? issuedTo = null) =>
        Some.Campaign(startsAt: at, businesses: businesses, issuedTo: issuedTo);

    private async Task TurnOn(string reason, object rule)
    {
        var (_, defined) = await Asked(HttpMethod.Put, reason, rule);
        var (status, _) = await Asked(HttpMethod.Post, reason + "/on", new { hash = defined.GetProperty("hash").GetString() }, coop.Approver);
        Assert.Equal(HttpStatusCode.OK, status);
    }

    /// <summary>At that moment the sweeper comes.</summary>
    private async Task At(string time, string reason)
    {
        await coop.At(time);
        await coop.Grains.AutomaticMessage(EnumNames.Read<AutomaticReason>(reason)).Finish();
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> Asked(HttpMethod method, string path, object? body = null, HttpClient? by = null)
    {
        using var request = new HttpRequestMessage(method, "/staff/v1/automatic-messages/" + path);
        if (body is not null) request.Content = JsonContent.Create(body);
        using var response = await (by ?? coop.Staff()).SendAsync(request);
        return (response.StatusCode, JsonElement.Parse(await response.Content.ReadAsStringAsync()));
    }
}

using System.Net;
using System.Text.Json;
using CoopLine.Grains;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Messages;

/// <summary>Written by one, approved by another, and exactly that; what staff may do when, and what they are told otherwise.</summary>
public sealed class Approving : IAsyncLifetime
{
    private static readonly HttpMethod Put = HttpMethod.Put;
    private static readonly HttpMethod Post = HttpMethod.Post;

    private readonly RunningSystem coop = new RunningSystem { Also = { ["CoopLine:Messages:AloneUpTo"] = "1" } }.WithApprover();
    private readonly string id = Some.CampaignId();

    public ValueTask InitializeAsync() => coop.InitializeAsync();

    public ValueTask DisposeAsync() => coop.DisposeAsync();

    [Fact]
    public async Task Whoever_wrote_it_or_submitted_it_cannot_approve_it()
    {
        await coop.Did(Put, id, MessageSteps.ForAll);
        var hash = await Submit(coop.Approver);

        Assert.Equal((HttpStatusCode.Forbidden, "message-own-work"), await Refused("approve", new { hash }));
        Assert.Equal((HttpStatusCode.Forbidden, "message-own-work"), await Refused("approve", new { hash }, coop.Approver));
    }

    [Theory]
    [InlineData("title")]
    [InlineData("text")]
    [InlineData("audience")]
    [InlineData("sendAt")]
    [InlineData("ceiling")]
    public async Task What_was_changed_is_approved_no_more(string what)
    {
        await coop.Did(Put, id, MessageSteps.Define(sendAt: "2026-11-23T10:00:00+09:00"));
        var hash = await Submit();
        await coop.Did(Post, id + "/approve", new { hash }, coop.Approver);
        Assert.Equal("scheduled", (await coop.LookAt(id)).Status);

        var changed = await coop.Did(Put, id, what switch
        {
            "title" => new { title = "別", topic = "store", variants = new { unlinked = new { text = "皆さまへ" } }, sendAt = "2026-11-23T10:00:00+09:00", ceilingYen = 0 },
            "text" => MessageSteps.Define(forLinked: new { text = "別" }, sendAt: "2026-11-23T10:00:00+09:00"),
            "audience" => MessageSteps.Define(new { linked = true }, sendAt: "2026-11-23T10:00:00+09:00"),
            "sendAt" => MessageSteps.Define(sendAt: "2026-11-23T11:00:00+09:00"),
            _ => MessageSteps.Define(sendAt: "2026-11-23T10:00:00+09:00", ceilingYen: 1),
        });
        Assert.Equal("draft", changed.Status);
        Assert.NotEmpty(changed.GetProperty("changed").EnumerateArray());

        await Submit();
        Assert.Equal((HttpStatusCode.Conflict, "message-changed"), await Refused("approve", new { hash }, coop.Approver));
        coop.Clock.Advance(TimeSpan.FromDays(2));
        await coop.Grains.Message(id).Finish();
        Assert.DoesNotContain(coop.Line.Calls, call => call.Name == LineCall.Multicast);
    }

    [Fact]
    public async Task So_few_persons_may_be_approved_alone_by_who_types_their_number()
    {
        var friend = await coop.NewFriend();
        await coop.Did(Put, id, MessageSteps.ForAll);
        var hash = await Submit();

        Assert.Equal((HttpStatusCode.Forbidden, "message-own-work"), await Refused("approve", new { hash, persons = 0 }));
        await coop.Did(Post, id + "/approve", new { hash, persons = 1 });

        await coop.WaitUntil(id, "done");
        Assert.Single(friend.Got());
    }

    [Fact]
    public async Task What_one_person_approved_for_so_few_waits_for_a_second_when_it_would_reach_more()
    {
        await coop.NewFriend();
        await coop.Did(Put, id, MessageSteps.Define(sendAt: "2026-11-22T10:10:00+09:00"));
        var hash = await Submit();
        await coop.Did(Post, id + "/approve", new { hash, persons = 1 });
        var late = await coop.NewFriend();
        coop.Clock.Advance(TimeSpan.FromMinutes(10));

        await coop.WaitUntil(id, "inReview");
        Assert.Equal((HttpStatusCode.Forbidden, "message-own-work"), await Refused("approve", new { hash, persons = 2 }));
        Assert.Empty(late.Got());
    }

    [Fact]
    public async Task The_same_when_it_is_paused_at_the_moment_of_its_plan()
    {
        await coop.NewFriend();
        await coop.Did(Put, id, MessageSteps.Define(sendAt: "2026-11-22T10:10:00+09:00"));
        var hash = await Submit();
        await coop.Did(Post, id + "/approve", new { hash, persons = 1 });
        await coop.Did(Post, id + "/pause");
        var late = await coop.NewFriend();
        coop.Clock.Advance(TimeSpan.FromMinutes(10));

        // Paused again before the grain comes to write the plan.
        var message = coop.Grains.Message(id);
        await Task.WhenAll(message.Resume("somebody"), message.Pause("somebody"));
        await coop.WaitUntil(id, "inReview");

        Assert.Equal(HttpStatusCode.Conflict, (await coop.Say(Post, id + "/resume")).Status);
        Assert.Empty(late.Got());
    }

    [Fact]
    public async Task Nobody_approves_their_own_work_for_nobody_where_nobody_approves_alone()
    {
        await using var strict = new RunningSystem().WithApprover();
        await strict.InitializeAsync();
        await strict.Did(Put, id, MessageSteps.Define(new { linkedSince = "2026-11-22T10:05:00+09:00" }, unlinked: false, sendAt: "2026-11-22T10:10:00+09:00"));
        var hash = (await strict.Did(Post, id + "/submit")).GetProperty("hash").GetString();

        var (status, _) = await strict.Say(Post, id + "/approve", new { hash, persons = 0 });

        Assert.Equal(HttpStatusCode.Forbidden, status);
    }

    [Fact]
    public async Task What_is_paused_before_its_time_and_resumed_still_waits_for_it()
    {
        var friend = await coop.NewFriend();
        await coop.Did(Put, id, MessageSteps.Define(sendAt: "2026-11-22T12:00:00+09:00"));
        var hash = await Submit();
        await coop.Did(Post, id + "/approve", new { hash }, coop.Approver);

        await coop.Did(Post, id + "/pause");
        Assert.Equal("scheduled", (await coop.Did(Post, id + "/resume")).Status);
        await coop.Grains.Message(id).Finish();
        Assert.Empty(friend.Got());

        coop.Clock.Advance(TimeSpan.FromHours(2));
        await coop.WaitUntil(id, "done");
        Assert.Single(friend.Got());
    }

    [Fact]
    public async Task Nobody_else_gives_a_message_the_id_of_one_that_goes_out_by_itself()
    {
        var (status, problem) = await coop.Say(Put, "auto-starts-tofu", MessageSteps.ForAll);

        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Equal(["id"], problem.GetProperty("errors").EnumerateObject().Select(one => one.Name));
    }

    [Fact]
    public async Task More_persons_may_not()
    {
        await coop.NewFriend();
        await coop.NewFriend();
        await coop.Did(Put, id, MessageSteps.ForAll);
        var hash = await Submit();

        Assert.Equal((HttpStatusCode.Forbidden, "message-own-work"), await Refused("approve", new { hash, persons = 2 }));
    }

    [Fact]
    public async Task What_was_not_approved_in_time_is_not_sent()
    {
        await coop.Did(Put, id, MessageSteps.Define(sendAt: "2026-11-22T11:00:00+09:00"));
        var hash = await Submit();
        coop.Clock.Advance(TimeSpan.FromHours(1));

        Assert.Equal((HttpStatusCode.Conflict, "message-too-late"), await Refused("approve", new { hash }, coop.Approver));
        Assert.Equal((HttpStatusCode.Conflict, "message-too-late"), await Late("2026-11-22T10:30:00+09:00"));
    }

    [Fact]
    public async Task A_submission_without_a_time_waits_a_week()
    {
        await coop.Did(Put, id, MessageSteps.ForAll);
        var hash = await Submit();
        coop.Clock.Advance(TimeSpan.FromDays(7) + TimeSpan.FromSeconds(1));

        Assert.Equal((HttpStatusCode.Conflict, "message-too-late"), await Refused("approve", new { hash }, coop.Approver));
    }

    [Fact]
    public async Task Nobody_sends_at_night_but_for_safety()
    {
        foreach (var at in new[] { "2026-11-23T20:00:00+09:00", "2026-11-23T07:59:59+09:00" })
        {
            var (status, problem) = await coop.Say(Put, id, MessageSteps.Define(sendAt: at));
            Assert.Equal(HttpStatusCode.BadRequest, status);
            Assert.True(problem.GetProperty("errors").TryGetProperty("sendAt", out _));
        }

        await coop.Did(Put, id, MessageSteps.Define(sendAt: "2026-11-23T19:59:59+09:00"));
        await coop.Did(Put, id, MessageSteps.Define(sendAt: "2026-11-23T08:00:00+09:00"));
        await coop.Did(Put, id, MessageSteps.Define(sendAt: "2026-11-23T23:00:00+09:00", kind: "safety"));
    }

    [Fact]
    public async Task What_is_sent_changes_no_more_and_what_was_cancelled_is_not_sent()
    {
        await coop.NewFriend();
        var sent = await coop.Send();
        await coop.WaitUntil(sent, "done");
        Assert.Equal(HttpStatusCode.Conflict, (await coop.Say(Put, sent, MessageSteps.Define(topic: "home"))).Status);
        foreach (var what in new[] { "submit", "pause", "resume", "stop", "cancel" })
            Assert.Equal(HttpStatusCode.Conflict, (await coop.Say(Post, $"{sent}/{what}")).Status);

        var other = await coop.Send(MessageSteps.Define(sendAt: "2026-11-22T12:00:00+09:00"));
        Assert.Equal("cancelled", (await coop.Did(Post, other + "/cancel")).Status);
        coop.Clock.Advance(TimeSpan.FromHours(2.5));
        await coop.Grains.Message(other).Finish();
        Assert.Equal("cancelled", (await coop.LookAt(other)).Status);
    }

    [Fact]
    public async Task What_LINE_would_refuse_is_told_before_the_review_and_a_silent_LINE_is_503()
    {
        await coop.Did(Put, id, MessageSteps.ForAll);
        coop.Line.Trouble.AnswerWith(LineCall.Validate, 400, """{"message":"The request body has 1 error(s)","details":[{"message":"too long","property":"messages[0].altText"}]}""");
        var (status, problem) = await coop.Say(Post, id + "/submit");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("too long", problem.GetProperty("errors").ToString(), StringComparison.Ordinal);

        coop.Line.Trouble.Fail(LineCall.Validate, Trouble.Always);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "line-unavailable"), await Refused("submit", null));
        coop.Line.Trouble.Clear();
        coop.Line.Trouble.Fail(LineCall.Quota, Trouble.Always);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "line-unavailable"), await Refused("preview", null));
    }

    [Fact]
    public async Task The_preview_says_who_what_it_costs_and_what_remains()
    {
        await coop.LinkedFriend();
        await coop.NewFriend();
        var blocking = await coop.NewFriend();
        await blocking.Block();
        coop.Line.MonthlyLimit = 40_000;
        coop.Line.Trouble.AnswerWith(LineCall.Consumption, 200, """{"totalUsage":29999}""");
        await coop.Did(Put, id, MessageSteps.ForAll);

        var preview = await coop.Did(Post, id + "/preview");

        Assert.Equal((1, 1), (preview.GetProperty("persons").Number("linked"), preview.GetProperty("persons").Number("unlinked")));
        Assert.Equal("blocked:1", preview.Reasons("leftOut"));
        Assert.Equal((1, 1, 3, 9_999), (preview.Number("free"), preview.Number("paid"), preview.Number("yen"), preview.Number("left")));
        Assert.Equal(preview.GetProperty("hash").GetString(), await Submit());
    }

    [Fact]
    public async Task A_test_goes_to_members_of_staff_and_says_so()
    {
        var (phone, member) = await coop.LinkedFriend();
        var (away, blocked) = await coop.LinkedFriend();
        await away.Block();
        var stranger = await coop.NewMember();
        await coop.Did(Put, id, MessageSteps.ForAll);

        var answer = await coop.Did(Post, id + "/test", new { members = new[] { member.Number, blocked.Number, stranger.Number, "x" } });

        Assert.Equal([member.Number], answer.GetProperty("sent").EnumerateArray().Select(one => one.GetString()));
        var not = answer.GetProperty("notSent");
        Assert.Equal(
            ("blocked", "notLinked", "noMemberNumber"),
            (not.GetProperty(blocked.Number).GetString(), not.GetProperty(stranger.Number).GetString(), not.GetProperty("x").GetString()));
        Assert.Equal(["【テスト】組合員の皆さまへ", "【テスト】皆さまへ"], phone.Messages.TakeLast(2).Select(message => message.Text));
        Assert.Contains("messageTested", await coop.Staff().GetStringAsync($"/staff/v1/ledger?campaign=message/{id}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_staffs_numbers_are_known_nobody_else_gets_a_test()
    {
        await using var named = new RunningSystem().WithApprover();
        var tester = Some.Member("store");
        named.Also["CoopLine:Messages:TestMembers"] = $"{tester.Number}, 12";
        await named.InitializeAsync();
        await named.Register(tester);
        await named.Link(await named.NewFriend(), tester);
        var (other, member) = await named.LinkedFriend();
        await named.Did(Put, id, MessageSteps.ForAll);

        var answer = await named.Did(Post, id + "/test", new { members = new[] { tester.Number, member.Number } });

        Assert.Equal([tester.Number], answer.GetProperty("sent").EnumerateArray().Select(one => one.GetString()));
        Assert.Equal("noTester", answer.GetProperty("notSent").GetProperty(member.Number).GetString());
        Assert.DoesNotContain(other.Messages, message => message.Text?.Contains("【テスト】", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task There_is_no_test_at_night_nor_of_what_is_over()
    {
        var (phone, member) = await coop.LinkedFriend();
        var before = phone.Messages.Count;
        await coop.Did(Put, id, MessageSteps.ForAll);

        coop.Clock.Advance(TimeSpan.FromHours(11)); // 21:00
        var (status, _) = await coop.Say(Post, id + "/test", new { members = new[] { member.Number } });
        Assert.Equal(HttpStatusCode.BadRequest, status);

        coop.Clock.Advance(TimeSpan.FromHours(12)); // 9:00
        await coop.Did(Post, id + "/cancel");
        Assert.Equal((HttpStatusCode.Conflict, "message-status"), await Refused("test", new { members = new[] { member.Number } }));
        Assert.Equal(before, phone.Messages.Count);
    }

    [Theory]
    [InlineData("""{"title":""}""")]
    [InlineData("""{"topic":"food"}""")]
    [InlineData("""{"kind":"urgent"}""")]
    [InlineData("""{"variants":{}}""")]
    [InlineData("""{"variants":{"linked":{}}}""")]
    [InlineData("""{"variants":{"linked":{"text":" "}}}""")]
    [InlineData("""{"variants":{"linked":{"text":"a","card":{"title":"a","altText":"a"}}}}""")]
    [InlineData("""{"variants":{"linked":{"text":"a","button":{"label":"a","uri":"http://coop.example"}}}}""")]
    [InlineData("""{"variants":{"linked":{"text":"a","button":{"label":"a","uri":"javascript:alert(1)"}}}}""")]
    [InlineData("""{"variants":{"linked":{"card":{"title":"a"}}}}""")]
    [InlineData("""{"variants":{"linked":{"card":{"title":"a","altText":"a","lines":["a","b","c"]}}}}""")]
    [InlineData("""{"variants":{"linked":{"card":{"title":"a","altText":"a","coupon":"A B"}}}}""")]
    [InlineData("""{"variants":{"linked":{"card":{"title":"a","altText":"a","picture":"https://elsewhere.example/a.png"}}}}""")]
    [InlineData("""{"variants":{"linked":{"card":{"title":"a","altText":"a","coupon":"tofu","button":{"label":"a","uri":"https://coop.example"}}}}}""")]
    [InlineData("""{"audience":{"linked":true},"variants":{"unlinked":{"text":"a"}}}""")]
    [InlineData("""{"audience":{"linked":false,"stores":["0123"]}}""")]
    [InlineData("""{"audience":{"businesses":["bank"]}}""")]
    [InlineData("""{"audience":{"saved":"9999-12-31"}}""")]
    [InlineData("""{"audience":{"saved":"0001-01-01"}}""")]
    [InlineData("""{"audience":{"coupon":{"campaign":"tofu"}}}""")]
    [InlineData("""{"sendAt":"2026-12-01T09:00:00"}""")]
    [InlineData("""{"spreadMinutes":601}""")]
    [InlineData("""{"ceilingYen":-1}""")]
    [InlineData("""{"ceilingYen":null}""")]
    [InlineData("""{"budget":1}""")]
    public async Task What_is_wrong_is_400(string wrong)
    {
        var good = JsonSerializer.SerializeToNode(MessageSteps.ForAll)!.AsObject();
        foreach (var (name, value) in System.Text.Json.Nodes.JsonNode.Parse(wrong)!.AsObject()) good[name] = value?.DeepClone();

        Assert.Equal(HttpStatusCode.BadRequest, (await coop.Say(Put, id, good)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await coop.Say(HttpMethod.Get, id)).Status);
    }

    private async Task<string> Submit(HttpClient? by = null) => (await coop.Did(Post, id + "/submit", by: by)).GetProperty("hash").GetString()!;

    private async Task<(HttpStatusCode Status, string Type)> Refused(string what, object? body, HttpClient? by = null)
    {
        var (status, problem) = await coop.Say(Post, $"{id}/{what}", body, by);
        return (status, problem.GetProperty("type").GetString()!.Split(':')[^1]);
    }

    private async Task<(HttpStatusCode Status, string Type)> Late(string sendAt)
    {
        await coop.Did(Put, id, MessageSteps.Define(sendAt: sendAt));
        return await Refused("submit", null);
    }
}

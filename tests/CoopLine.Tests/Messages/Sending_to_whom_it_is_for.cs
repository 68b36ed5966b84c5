using System.Net;
using System.Text.Json;
using CoopLine.Grains;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Messages;

/// <summary>Who gets a message to many, and which wording; who does not, and why. The sum closes.</summary>
public sealed class Sending_to_whom_it_is_for : IAsyncLifetime
{
    private const string ForMembers = "組合員の皆さまへ";
    private const string ForAll = "皆さまへ";

    private readonly RunningSystem coop = new RunningSystem().WithApprover();

    public ValueTask InitializeAsync() => coop.InitializeAsync();

    public ValueTask DisposeAsync() => coop.DisposeAsync();

    [Fact]
    public async Task Members_get_theirs_and_other_friends_the_general_one_and_nobody_both()
    {
        var (member, other, friend) = (await coop.LinkedPhone(), await coop.LinkedPhone(), await coop.NewFriend());
        var blocking = await coop.NewFriend();
        await blocking.Block();
        var off = await coop.NewFriend();
        await off.Tap("action=topic-off&topic=store");

        var done = await coop.WaitUntil(await coop.Send(), "done");

        Assert.All([member, other], phone => Assert.Equal([ForMembers], phone.Got()));
        Assert.Equal([ForAll], friend.Got());
        Assert.Empty(off.Got());
        Assert.Equal((3, 3, 0), (done.Number("planned"), done.Number("accepted"), done.Number("waiting")));
        Assert.Equal("blocked:1 optedOut:1", done.Reasons("leftOut"));
        done.AssertAddsUp();
    }

    [Fact]
    public async Task What_narrows_the_audience_narrows_the_members()
    {
        var store = await coop.LinkedPhone("store");
        var home = await coop.LinkedPhone("home");
        var friend = await coop.NewFriend();

        await Sent(new { businesses = new[] { "home", "group" } });
        Assert.Equal((0, 1, 1), (store.Got().Length, home.Got().Length, friend.Got().Length));

        await Sent(new { linked = true, stores = new[] { "9999" } });
        await Sent(new { linked = true, linkedSince = "2027-01-01T00:00:00+09:00" });
        Assert.Equal((0, 1, 1), (store.Got().Length, home.Got().Length, friend.Got().Length));

        await Sent(new { linked = true, linkedSince = "2026-11-01T00:00:00+09:00" });
        Assert.Equal((1, 2, 1), (store.Got().Length, home.Got().Length, friend.Got().Length));

        await Sent(new { linked = false });
        Assert.Equal((1, 2, 2), (store.Got().Length, home.Got().Length, friend.Got().Length));
    }

    [Fact]
    public async Task Whoever_has_used_a_coupon_is_told_apart_from_whoever_has_not()
    {
        var (used, unused) = (await coop.LinkedPhone(), await coop.LinkedPhone());
        var tofu = await coop.Publish();
        await coop.Use(used, tofu);

        await Sent(new { linked = true, coupon = new { campaign = tofu, used = false } });
        Assert.Equal((0, 1), (used.Got().Length, unused.Got().Length));

        await Sent(new { linked = true, coupon = new { campaign = tofu, used = true } });
        Assert.Equal((1, 1), (used.Got().Length, unused.Got().Length));
    }

    [Fact]
    public async Task Nobody_gets_more_of_a_topic_than_a_few_but_a_notice_of_safety()
    {
        var friend = await coop.NewFriend();
        for (var times = 0; times < 3; times++) await Sent(null);

        var capped = await coop.WaitUntil(await coop.Send(), "done");
        Assert.Equal((0, "capped:1"), (capped.Number("planned"), capped.Reasons("leftOut")));

        await coop.WaitUntil(await coop.Send(MessageSteps.Define(topic: "home")), "done");
        await coop.WaitUntil(await coop.Send(MessageSteps.Define(kind: "safety")), "done");
        Assert.Equal(5, friend.Got().Length);

        coop.Clock.Advance(TimeSpan.FromDays(8));
        await Sent(null);
        Assert.Equal(6, friend.Got().Length);
    }

    [Fact]
    public async Task Without_a_wording_for_somebody_the_other_one_does_not_go_to_them()
    {
        var (member, friend) = (await coop.LinkedPhone(), await coop.NewFriend());

        var done = await coop.WaitUntil(await coop.Send(MessageSteps.Define(unlinked: false)), "done");

        Assert.Equal([ForMembers], member.Got());
        Assert.Empty(friend.Got());
        Assert.Equal("otherVariant:1", done.Reasons("leftOut"));
    }

    [Fact]
    public async Task Who_links_between_plan_and_block_gets_the_members_one_and_who_unlinks_does_not()
    {
        var (linking, unlinking, staying) = (await coop.NewFriend(), await coop.LinkedPhone(), await coop.LinkedPhone());
        var newcomer = await coop.NewMember();
        var id = await Planned(MessageSteps.Define(), async () =>
        {
            await coop.Link(linking, newcomer);
            await coop.Unlink(unlinking);
        });

        var done = await coop.WaitUntil(id, "done");

        Assert.Equal([ForMembers], linking.Got());
        Assert.Equal([ForAll], unlinking.Got());
        Assert.Equal([ForMembers], staying.Got());
        Assert.Equal((3, 3), (done.Number("planned"), done.Number("accepted")));
        done.AssertAddsUp();
    }

    [Fact]
    public async Task Between_plan_and_block_a_friend_may_block_turn_the_topic_off_or_unlink_and_gets_nothing()
    {
        var (blocks, off, unlinks, stays) = (await coop.LinkedPhone(), await coop.LinkedPhone(), await coop.LinkedPhone(), await coop.LinkedPhone());
        var id = await Planned(MessageSteps.Define(new { linked = true }, unlinked: false), async () =>
        {
            await blocks.Block();
            await off.Tap("action=topic-off&topic=store");
            await coop.Unlink(unlinks);
        });

        var done = await coop.WaitUntil(id, "done");

        Assert.Equal([0, 0, 0, 1], new[] { blocks, off, unlinks, stays }.Select(phone => phone.Got().Length));
        Assert.Equal("blocked:1 optedOut:1 unlinked:1", done.Reasons("skipped"));
        done.AssertAddsUp();
        var persons = await coop.Did(HttpMethod.Get, id + "/persons?state=skipped");
        Assert.Equal(
            ["blocked", "optedOut", "unlinked"],
            persons.GetProperty("persons").EnumerateArray().Select(person => person.GetProperty("reason").GetString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_member_who_moves_to_another_account_meanwhile_gets_one_message()
    {
        var (first, second) = (await coop.NewFriend(), await coop.NewFriend());
        var member = await coop.NewMember();
        await coop.Link(first, member);
        var id = await Planned(MessageSteps.Define(), async () =>
        {
            await coop.Unlink(first);
            await coop.Link(second, member);
        });

        await coop.WaitUntil(id, "done");

        Assert.Equal([1, 1], new[] { first, second }.Select(phone => phone.Got().Length));
        Assert.Equal((ForAll, ForMembers), (first.Got()[0], second.Got()[0]));
    }

    [Fact]
    public async Task Whoever_is_erased_is_named_in_no_plan_and_the_sum_stays()
    {
        var (phone, member) = await coop.LinkedFriend();
        var id = await coop.Send();
        await coop.WaitUntil(id, "done");

        await coop.WithdrawAndErase(member);
        await coop.UntilErased(member.Number);

        ErasureSteps.AssertNowhere(await coop.EverythingStored(), member.Number, phone.UserId);
        (await coop.LookAt(id)).AssertAddsUp();
        Assert.Equal(1, (await coop.LookAt(id)).Number("accepted"));
    }

    [Fact]
    public async Task Persons_are_listed_page_by_page_and_their_LINE_ids_never()
    {
        var (_, member) = await coop.LinkedFriend();
        var friend = await coop.NewFriend();
        var blocking = await coop.NewFriend();
        await blocking.Block();
        var id = await coop.Send();
        await coop.WaitUntil(id, "done");

        var first = await coop.Did(HttpMethod.Get, id + "/persons?limit=2");
        var second = await coop.Did(HttpMethod.Get, $"{id}/persons?limit=2&after={first.Number("next")}");

        var text = first.ToString() + second;
        Assert.DoesNotContain(friend.UserId, text, StringComparison.Ordinal);
        Assert.Equal(member.Number, first.GetProperty("persons")[0].GetProperty("member").GetString());
        Assert.Equal(
            ["accepted", "accepted", "leftOut"],
            first.GetProperty("persons").EnumerateArray().Concat(second.GetProperty("persons").EnumerateArray())
                .Select(person => person.GetProperty("state").GetString()));
        Assert.Equal(JsonValueKind.Null, second.GetProperty("next").ValueKind);
        foreach (var wrong in new[] { "state=gone", "limit=0", "limit=1001", "after=-1" })
            Assert.Equal(HttpStatusCode.BadRequest, (await coop.Say(HttpMethod.Get, $"{id}/persons?{wrong}")).Status);
    }

    [Fact]
    public async Task Between_plan_and_block_a_member_may_leave_the_coop_or_the_audience_or_have_had_enough_and_gets_nothing()
    {
        var ((leaves, leaving), (moves, moving), (had, having)) = (await coop.LinkedFriend(), await coop.LinkedFriend(), await coop.LinkedFriend());
        var stays = await coop.LinkedPhone();
        await coop.Register(having with { HomeStore = "0456" });
        var id = await Planned(MessageSteps.Define(new { linked = true, businesses = new[] { "store" } }), () => Task.CompletedTask, pause: true);
        for (var times = 0; times < 3; times++) await Sent(new { linked = true, stores = new[] { "0456" } });
        await coop.Register(moving with { Businesses = "home" });
        await coop.Grains.Sweeper.Sweep(); // behind the one that the import asked for
        // The registry says it already, and the link has not been ended yet.
        coop.Execute($"UPDATE registry_row SET status = 'withdrawn' WHERE member_number = '{leaving.Number}'");
        await coop.Did(HttpMethod.Post, id + "/resume");

        var done = await coop.WaitUntil(id, "done");

        Assert.Equal([0, 0, 3, 1], new[] { leaves, moves, had, stays }.Select(phone => phone.Got().Length));
        Assert.Equal("audience:1 capped:1 withdrawn:1", done.Reasons("skipped"));
        done.AssertAddsUp();
    }

    [Fact]
    public async Task Whoever_lacks_the_business_of_a_coupon_has_not_left_it_unused()
    {
        var (store, home) = (await coop.LinkedPhone("store"), await coop.LinkedPhone("home"));
        var tofu = await coop.Publish(Some.Campaign(businesses: ["store"]));

        await Sent(new { linked = true, coupon = new { campaign = tofu, used = false } });

        Assert.Equal((1, 0), (store.Got().Length, home.Got().Length));
    }

    /// <summary>Between the plan and the closing of its block something happens.</summary>
    private async Task<string> Planned(object definition, Func<Task> meanwhile, bool pause = false)
    {
        coop.Line.Trouble.Fail(LineCall.Quota, Trouble.Always); // no block is closed without knowing the quota
        var id = await coop.Send(definition);
        await coop.WaitUntil(id, "sending");
        if (pause) await coop.Did(HttpMethod.Post, id + "/pause");
        await meanwhile();
        coop.Line.Trouble.Clear();
        return id;
    }

    private async Task Sent(object? audience) => await coop.WaitUntil(await coop.Send(MessageSteps.Define(audience)), "done");
}

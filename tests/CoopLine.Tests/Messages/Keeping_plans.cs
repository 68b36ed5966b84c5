using System.Data.Common;
using System.Text;
using CoopLine.Grains;
using CoopLine.Grains.Messages;
using CoopLine.Silo.Storage;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Messages;

/// <summary>What the tables of plans and blocks hold to, whoever calls, in whatever order, and wherever it broke off.</summary>
public sealed class Keeping_plans : IAsyncLifetime
{
    private readonly RunningSystem coop = new RunningSystem().WithApprover();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ISendPlans Plans => coop.Host.Services.GetRequiredService<ISendPlans>();

    private ISendBlocks Blocks => coop.Host.Services.GetRequiredService<ISendBlocks>();

    public ValueTask InitializeAsync() => coop.InitializeAsync();

    public ValueTask DisposeAsync() => coop.DisposeAsync();

    [Theory]
    [InlineData("account, NULL")]
    [InlineData("account || '2', member")]
    public async Task Nobody_is_in_a_plan_twice(string who)
    {
        await coop.LinkedPhone();
        var id = await Planned();

        Assert.ThrowsAny<DbException>(() => coop.Execute(
            $"INSERT INTO send_person (campaign, seq, account, member) SELECT campaign, seq + 1, {who} FROM send_person WHERE campaign = '{id}'"));
    }

    [Fact]
    public async Task A_plan_that_breaks_off_counts_for_nothing_and_is_written_whole_the_next_time()
    {
        var friend = await coop.NewFriend();
        var id = Some.CampaignId();
        // In the way of the plan's first block.
        coop.Execute($"INSERT INTO send_block (campaign, number, state, first_seq, last_seq, persons) VALUES ('{id}', 1, 'stopped', 1, 1, 0)");
        await coop.Send(id: id);
        var message = (await coop.Grains.Message(id).Read())!;
        await Assert.ThrowsAnyAsync<Exception>(() => Plans.Write(id, message.Definition, Cancellation));
        Assert.Null(await Plans.Progress(id, Cancellation));
        Assert.Empty(await Plans.Persons(id, null, 0, 10, Cancellation));

        coop.Execute($"DELETE FROM send_block WHERE campaign = '{id}'");
        var done = await coop.WaitUntil(id, "done");

        Assert.Equal((1, 1), (done.Number("planned"), done.Number("accepted")));
        Assert.Single(friend.Got());
    }

    [Fact]
    public async Task What_an_attempt_that_broke_off_has_left_is_not_in_the_plan()
    {
        TestDatabase.SkipOnPostgreSql("a plan in pieces");
        var friend = await coop.NewFriend();
        var id = Some.CampaignId();
        coop.Execute($"INSERT INTO send_person (campaign, seq, account, block) VALUES ('{id}', 1, 'Ugone', 1), ('{id}', 2, '{friend.UserId}', 1)");

        await coop.Send(id: id);
        var done = await coop.WaitUntil(id, "done");

        Assert.Equal((1, 1), (done.Number("planned"), done.Number("accepted")));
        Assert.Single(await Plans.Persons(id, null, 0, 10, Cancellation));
    }

    [Fact]
    public async Task Whoever_is_erased_while_it_is_written_is_not_in_it()
    {
        TestDatabase.SkipOnPostgreSql("a plan in pieces");
        var (gone, friend) = (await coop.NewFriend(), await coop.NewFriend());
        var id = Some.CampaignId();
        // When the plan has been worked out, its writer deletes what is in the way; at this moment somebody goes.
        coop.Execute($"INSERT INTO send_person (campaign, seq, account, block) VALUES ('{id}', 1, 'Ugone', 1)");
        coop.Execute(
            $"""
            CREATE TRIGGER going AFTER DELETE ON send_person
            BEGIN
                DELETE FROM OrleansStorage WHERE GrainIdExtensionString = 'u-{gone.UserId}';
            END
            """);

        await coop.Send(id: id);
        var done = await coop.WaitUntil(id, "done");

        Assert.Equal((1, 1), (done.Number("planned"), done.Number("accepted")));
        Assert.Single(friend.Got());
    }

    [Fact]
    public async Task A_block_is_closed_once()
    {
        await coop.NewFriend();
        var close = await Closing(await Planned());

        Assert.NotNull(await Blocks.Close(1, close, Cancellation));
        Assert.Null(await Blocks.Close(1, close, Cancellation));
    }

    [Fact]
    public async Task What_became_of_a_block_first_stays()
    {
        await coop.NewFriend();
        var id = await Planned();
        await Blocks.Close(1, await Closing(id), Cancellation);

        await Blocks.Settle(id, 1, BlockState.Accepted, coop.Clock.GetUtcNow(), Cancellation);
        await Blocks.Settle(id, 1, BlockState.Parked, coop.Clock.GetUtcNow(), Cancellation);

        var now = (await Plans.Progress(id, Cancellation))!;
        Assert.Equal((1, 0), (now.Accepted, now.Parked));
    }

    [Fact]
    public async Task The_halves_of_a_block_have_keys_of_their_own_and_everybody_is_in_one()
    {
        for (var one = 0; one < 3; one++) await coop.NewFriend();
        var id = await Planned();
        var close = await Closing(id);
        var whole = Assert.Single((await Blocks.Close(1, close, Cancellation))!.Value);

        await Blocks.Split(1, close, Cancellation);

        var halves = await Task.WhenAll((await Blocks.Next(id, 10, Cancellation)).Select(block => Blocks.Frozen(id, block.Number, Cancellation)));
        Assert.Equal(3, halves.Select(half => half!.Key).Append(whole.Key).Distinct().Count());
        Assert.Equal(
            MessageBodies.AccountsOf(whole.Body).Order(StringComparer.Ordinal),
            halves.SelectMany(half => MessageBodies.AccountsOf(half!.Body)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Who_was_erased_while_a_block_was_under_way_does_not_stay_behind_in_it_when_it_is_split()
    {
        var gone = await coop.NewFriend();
        await coop.NewFriend();
        var id = await Planned();
        var close = await Closing(id);
        await Blocks.Close(1, close, Cancellation);
        coop.Execute($"UPDATE send_person SET account = 'gone' WHERE account = '{gone.UserId}'"); // as erasing does

        await Blocks.Split(1, close, Cancellation);

        Assert.Equal([PersonState.InBlock, PersonState.InBlock], (await Plans.Persons(id, null, 0, 10, Cancellation)).Select(person => person.State));
    }

    [Fact]
    public async Task Who_has_moved_to_another_phone_since_the_old_one_was_left_out_gets_it_on_the_new_one()
    {
        var (old, member) = await coop.LinkedFriend();
        await old.Block();
        var phone = await coop.NewFriend();
        var id = await Planned();
        await Move(member, phone);

        coop.Line.Trouble.Clear();
        var done = await coop.WaitUntil(id, "done");

        Assert.Equal((1, 1), (done.Number("planned"), done.Number("accepted")));
        Assert.Equal("組合員の皆さまへ", Assert.Single(phone.Got()));
    }

    [Fact]
    public async Task Who_has_moved_to_another_phone_since_the_old_one_got_it_gets_it_no_second_time()
    {
        var (old, member) = await coop.LinkedFriend();
        var phone = await coop.NewFriend();
        var id = await Planned(MessageSteps.Define(audience: new { businesses = new[] { "store" } }));
        Assert.NotNull(await Blocks.Close(1, await Closing(id), Cancellation));
        await Move(member, phone);

        Assert.Empty((await Blocks.Close(2, await Closing(id), Cancellation))!.Value);
        coop.Line.Trouble.Clear();
        var done = await coop.WaitUntil(id, "done");

        Assert.Equal((2, 1, "hadIt:1"), (done.Number("planned"), done.Number("accepted"), done.Reasons("skipped")));
        Assert.Single(old.Got());
        Assert.Empty(phone.Got());
    }

    [Fact]
    public async Task Who_has_moved_to_another_phone_before_the_old_one_s_turn_gets_it_on_the_new_one_only()
    {
        var (old, member) = await coop.LinkedFriend();
        var phone = await coop.NewFriend();
        var id = await Planned();
        await Move(member, phone);

        Assert.Single((await Blocks.Close(2, await Closing(id), Cancellation))!.Value);
        coop.Line.Trouble.Clear();
        var done = await coop.WaitUntil(id, "done");

        Assert.Equal((2, 2), (done.Number("planned"), done.Number("accepted")));
        Assert.Equal("組合員の皆さまへ", Assert.Single(phone.Got()));
        Assert.Equal("皆さまへ", Assert.Single(old.Got())); // an account without a link, as any other
    }

    [Fact]
    public async Task Whose_old_phone_has_its_turn_at_the_same_moment_gets_it_on_the_new_one_on_PostgreSQL()
    {
        TestDatabase.SkipOnSqlite("one writer at a time");
        var (_, member) = await coop.LinkedFriend();
        var gone = await coop.LinkedPhone();
        var phone = await coop.NewFriend();
        var id = await Planned();
        await Move(member, phone);
        await gone.Block();
        var slow = await HeldPerson(coop, id, gone);

        var first = Blocks.Close(1, await Closing(id), Cancellation); // waits to say that somebody is passed over
        await Eventually.Holds(async () => await Waiting(coop) == 1, "the old phone's block waits");
        var second = Blocks.Close(2, await Closing(id), Cancellation);
        await Eventually.Holds(async () => second.IsCompleted || await Waiting(coop) == 2, "the new phone's block waits, or is closed");
        await slow.DisposeAsync();

        Assert.Single((await first)!.Value);
        Assert.Equal([phone.UserId], MessageBodies.AccountsOf(Assert.Single((await second)!.Value).Body));
    }

    [Fact]
    public async Task Who_moves_to_another_phone_while_the_old_ones_block_is_being_closed_gets_it_on_the_old_one_only_on_PostgreSQL()
    {
        TestDatabase.SkipOnSqlite("one writer at a time");
        var (old, member) = await coop.LinkedFriend();
        var gone = await coop.LinkedPhone();
        var phone = await coop.NewFriend();
        var id = await Planned();
        await gone.Block();
        var slow = await HeldPerson(coop, id, gone);

        var first = Blocks.Close(1, await Closing(id), Cancellation); // has decided, and waits to say that somebody is passed over
        await Eventually.Holds(async () => await Waiting(coop) == 1, "the old phone's block waits");
        await Move(member, phone);
        var second = Blocks.Close(2, await Closing(id), Cancellation);
        await Eventually.Holds(async () => second.IsCompleted || await Waiting(coop) == 2, "the new phone's block waits, or is closed");
        await slow.DisposeAsync();

        Assert.Equal([old.UserId], MessageBodies.AccountsOf(Assert.Single((await first)!.Value).Body));
        Assert.Empty((await second)!.Value);
    }

    [Fact]
    public async Task Two_who_have_changed_phones_with_each_other_both_get_it()
    {
        var (one, first) = await coop.LinkedFriend();
        var (other, second) = await coop.LinkedFriend();
        var id = await Planned();
        foreach (var member in new[] { first, second }) await coop.UnlinkByStaff(member);
        await coop.Link(one, second);
        await coop.Link(other, first);
        await Eventually.Holds(async () => await coop.IsLinked(first.Number, other) && await coop.IsLinked(second.Number, one), "both links");

        coop.Line.Trouble.Clear();
        var done = await coop.WaitUntil(id, "done");

        Assert.Equal((2, 2), (done.Number("planned"), done.Number("accepted")));
        Assert.Single(one.Got());
        Assert.Single(other.Got());
    }

    [Fact]
    public async Task Behind_a_gate_that_was_shut_no_block_is_closed_and_an_older_turn_does_not_open_it()
    {
        await coop.NewFriend();
        var id = await Planned();
        var close = await Closing(id);

        await Plans.SetGate(id, open: false, turn: 100, Cancellation);
        Assert.Null(await Blocks.Close(1, close, Cancellation));

        await Plans.SetGate(id, open: true, turn: 99, Cancellation);
        Assert.Null(await Blocks.Close(1, close, Cancellation));

        await Plans.SetGate(id, open: true, turn: 101, Cancellation);
        Assert.NotNull(await Blocks.Close(1, close, Cancellation));
    }

    [Fact]
    public async Task A_gate_is_not_shut_before_the_blocks_that_are_being_closed_are_on_disk_on_PostgreSQL()
    {
        TestDatabase.SkipOnSqlite("one writer at a time");
        await coop.NewFriend();
        var id = await Planned();
        var close = await Closing(id);
        var slow = await HeldRow.Take(coop.Database, "send_block WHERE campaign = @campaign", ("@campaign", id));

        var closing = Blocks.Close(1, close, Cancellation);
        await Eventually.Holds(async () => await Waiting(coop) == 1, "it has seen the gate open and waits for its block");
        var shutting = Plans.SetGate(id, open: false, turn: 100, Cancellation);
        await Eventually.Holds(async () => shutting.IsCompleted || await Waiting(coop) == 2, "the gate waits, or is shut");
        Assert.False(shutting.IsCompleted);
        await slow.DisposeAsync();

        Assert.NotNull(await closing);
        await shutting;
    }

    [Fact]
    public async Task Of_two_messages_at_once_the_second_sees_what_the_first_is_giving_on_PostgreSQL()
    {
        TestDatabase.SkipOnSqlite("one writer at a time");
        await using var capped = new RunningSystem { Also = { ["CoopLine:Messages:CapMessages"] = "1" } }.WithApprover();
        await capped.InitializeAsync();
        await capped.NewFriend();
        var gone = await capped.NewFriend();
        capped.Line.Trouble.Fail(LineCall.Quota, Trouble.Always);
        var (first, second) = (await capped.Send(), await capped.Send());
        foreach (var id in new[] { first, second }) await capped.WaitUntil(id, "sending");
        await gone.Block();
        var slow = await HeldPerson(capped, first, gone);
        var blocks = capped.Host.Services.GetRequiredService<ISendBlocks>();

        var one = blocks.Close(1, await Closing(first, capped), Cancellation); // waits to say that somebody is passed over
        await Eventually.Holds(async () => await Waiting(capped) == 1, "the first waits");
        var other = blocks.Close(1, await Closing(second, capped), Cancellation);
        await Eventually.Holds(async () => other.IsCompleted || await Waiting(capped) == 2, "the second waits, or is done");
        await slow.DisposeAsync();

        Assert.Single((await one)!.Value);
        Assert.Empty((await other)!.Value);
    }

    [Fact]
    public async Task When_LINE_hears_of_a_block_its_bytes_its_key_and_its_time_are_on_disk()
    {
        await coop.NewFriend();
        using var hold = coop.Line.Trouble.Hold(LineCall.Multicast);
        var id = await coop.Send();
        var call = await coop.Line.WaitForCall(call => call.Name == LineCall.Multicast, "the block's call");

        var kept = await Blocks.Frozen(id, 1, Cancellation);

        Assert.NotNull(kept);
        Assert.Equal((call.RetryKey, call.Body), (kept.Key.ToString("D"), Encoding.UTF8.GetString(kept.Body)));
        Assert.Equal(coop.Clock.GetUtcNow(), kept.FirstSentAt);
    }

    [Fact]
    public async Task What_is_written_anew_after_a_backup_from_before_its_plan_was_restored_reaches_everybody()
    {
        var friend = await coop.NewFriend();
        var id = await coop.Send();
        await coop.WaitUntil(id, "done");
        coop.Execute($"DELETE FROM OrleansStorage WHERE GrainTypeString = 'message' AND GrainIdExtensionString = 'n-{id}'");
        foreach (var table in new[] { "send_person", "send_block", "send_plan" }) coop.Execute($"DELETE FROM {table}");
        await coop.Restart();

        await coop.Send(MessageSteps.Define(linked: false), id);
        await coop.WaitUntil(id, "done");

        Assert.Equal(2, friend.Got().Length);
    }

    /// <summary>The plan is there and the gate open, and nobody closes a block, since LINE does not tell the quota.</summary>
    private async Task<string> Planned(object? definition = null)
    {
        coop.Line.Trouble.Fail(LineCall.Quota, Trouble.Always);
        var id = await coop.Send(definition);
        await coop.WaitUntil(id, "sending");
        return id;
    }

    private async Task Move(RegisteredMember member, SimulatedPhone phone)
    {
        await coop.UnlinkByStaff(member);
        await coop.Link(phone, member);
        await Eventually.Holds(() => coop.IsLinked(member.Number, phone), "the new link");
    }

    private Task<Closing> Closing(string id) => Closing(id, coop);

    private static async Task<Closing> Closing(string id, RunningSystem of)
    {
        var message = (await of.Grains.Message(id).Read())!;
        return new(
            id, message.Plan!.Value, message.Definition, of.Host.Services.GetRequiredService<MessageBodies>(), of.Clock.GetUtcNow(), _ => 0);
    }

    private static Task<HeldRow> HeldPerson(RunningSystem of, string campaign, SimulatedPhone phone) => HeldRow.Take(
        of.Database, "send_person WHERE campaign = @campaign AND account = @account", ("@campaign", campaign), ("@account", phone.UserId));

    /// <summary>How many wait for a lock in the database of a system.</summary>
    private static async Task<long> Waiting(RunningSystem of)
    {
        await using var looking = await of.Database.OpenReader(Cancellation);
        await using var command = looking.Command(
            "SELECT count(DISTINCT pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'");
        return (long)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}

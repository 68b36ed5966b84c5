using CoopLine.Grains.Storage;
using CoopLine.Tests.Fixtures;
using Orleans.Storage;

namespace CoopLine.Tests.Storage;

public sealed class Keeping_states_with_group_commit(GroupCommitHost host) : Keeping_states(host), IClassFixture<GroupCommitHost>;

public sealed class Keeping_states_with_AdoNet(AdoNetHost host) : Keeping_states(host), IClassFixture<AdoNetHost>;

public abstract class Keeping_states(StorageHost host)
{
    private const int Callers = 32;

    [Fact]
    public async Task A_grain_that_never_wrote_has_no_record()
    {
        var read = await host.Read<Note>(StateNames.Coupon, "k-never");

        Assert.False(read.RecordExists);
        Assert.Null(read.ETag);
    }

    [Fact]
    public async Task What_was_written_is_read_with_its_etag()
    {
        var written = await host.Write(StateNames.Coupon, "k-first", new Note { Text = "豆腐" });
        var read = await host.Read<Note>(StateNames.Coupon, "k-first");

        Assert.True(written.RecordExists);
        Assert.True(read.RecordExists);
        Assert.Equal("豆腐", read.State!.Text);
        Assert.Equal(written.ETag, read.ETag);
    }

    [Fact]
    public async Task A_payload_is_JSON_that_SQL_can_read()
    {
        await host.Write(StateNames.Coupon, "k-json", new Note { Text = "豆腐" });

        Assert.Equal(
            "豆腐 false",
            await host.Scalar<string>(
                $"""
                SELECT ({TestDatabase.Payload} ->> 'text') || ' ' || CAST({TestDatabase.Payload} -> 'pending' AS TEXT)
                FROM OrleansStorage WHERE GrainIdExtensionString = 'k-json'
                """));
        Assert.Equal(
            "text pending",
            await host.Scalar<string>(
                $"""
                SELECT string_agg(key, ' ')
                FROM OrleansStorage, json_each({TestDatabase.Payload})
                WHERE GrainIdExtensionString = 'k-json'
                """)); // no empty ledger, no type names
    }

    [Fact]
    public async Task An_update_gets_another_etag()
    {
        var state = await host.Write(StateNames.Coupon, "k-update", new Note { Text = "one" });
        var first = state.ETag;
        state.State = new() { Text = "two" };
        await host.Write(StateNames.Coupon, "k-update", state);
        var read = await host.Read<Note>(StateNames.Coupon, "k-update");

        Assert.NotEqual(first, state.ETag);
        Assert.Equal(("two", state.ETag), (read.State!.Text, read.ETag));
    }

    [Fact]
    public async Task A_stale_etag_is_refused_and_changes_nothing()
    {
        var first = await host.Write(StateNames.Coupon, "k-stale", new Note { Text = "one" });
        await host.Write(StateNames.Coupon, "k-stale", new Note { Text = "two" }, first.ETag);

        await Assert.ThrowsAsync<InconsistentStateException>(
            () => host.Write(StateNames.Coupon, "k-stale", new Note { Text = "three" }, first.ETag));
        Assert.Equal("two", (await host.Read<Note>(StateNames.Coupon, "k-stale")).State!.Text);
    }

    [Fact]
    public async Task A_first_write_over_somebody_elses_is_refused()
    {
        await host.Write(StateNames.Coupon, "k-twice", new Note { Text = "one" });

        await Assert.ThrowsAsync<InconsistentStateException>(
            () => host.Write(StateNames.Coupon, "k-twice", new Note { Text = "two" }));
        Assert.Equal("one", (await host.Read<Note>(StateNames.Coupon, "k-twice")).State!.Text);
    }

    [Fact]
    public async Task A_cleared_state_leaves_its_version_behind()
    {
        var state = await host.Write(StateNames.Coupon, "k-clear", new Note { Text = "one" });
        var old = state.ETag;
        await host.Clear(StateNames.Coupon, "k-clear", state);
        var read = await host.Read<Note>(StateNames.Coupon, "k-clear");

        Assert.False(read.RecordExists);
        Assert.NotNull(read.ETag);
        await Assert.ThrowsAsync<InconsistentStateException>(
            () => host.Write(StateNames.Coupon, "k-clear", new Note { Text = "stale" }, old));
        await Assert.ThrowsAsync<InconsistentStateException>(
            () => host.Write(StateNames.Coupon, "k-clear", new Note { Text = "unaware" }));
        await host.Write(StateNames.Coupon, "k-clear", new Note { Text = "again" }, read.ETag);
        Assert.Equal("again", (await host.Read<Note>(StateNames.Coupon, "k-clear")).State!.Text);
    }

    [Fact]
    public async Task A_stale_clear_is_refused()
    {
        var first = await host.Write(StateNames.Coupon, "k-stale-clear", new Note { Text = "one" });
        var etag = first.ETag;
        await host.Write(StateNames.Coupon, "k-stale-clear", new Note { Text = "two" }, etag);

        await Assert.ThrowsAsync<InconsistentStateException>(
            () => host.Clear(StateNames.Coupon, "k-stale-clear", new GrainState<Note>(new(), etag) { RecordExists = true }));
        Assert.Equal("two", (await host.Read<Note>(StateNames.Coupon, "k-stale-clear")).State!.Text);
    }

    [Fact]
    public async Task An_etag_of_a_pruned_state_does_not_fit_the_next_one_under_its_key()
    {
        var pruned = await host.Write(StateNames.CouponCode, "k-pruned", new Note { Text = "one" });
        await host.Execute("DELETE FROM OrleansStorage WHERE GrainIdExtensionString = 'k-pruned'");
        await host.Write(StateNames.CouponCode, "k-pruned", new Note { Text = "another member's" });

        await Assert.ThrowsAsync<InconsistentStateException>(
            () => host.Write(StateNames.CouponCode, "k-pruned", new Note { Text = "stale" }, pruned.ETag));
    }

    [Fact]
    public async Task A_state_that_was_pruned_is_not_brought_back_by_a_later_write()
    {
        var pruned = await host.Write(StateNames.CouponCode, "k-gone", new Note { Text = "one" });
        await host.Execute("DELETE FROM OrleansStorage WHERE GrainIdExtensionString = 'k-gone'");

        await Assert.ThrowsAsync<InconsistentStateException>(
            () => host.Write(StateNames.CouponCode, "k-gone", new Note { Text = "two" }, pruned.ETag));
        Assert.False((await host.Read<Note>(StateNames.CouponCode, "k-gone")).RecordExists);
    }

    [Fact]
    public async Task Of_many_first_writes_at_once_one_wins()
    {
        var won = await Race(caller => host.Write(StateNames.Member, "m-race-1", new Note { Text = caller }));

        Assert.Equal(won, (await host.Read<Note>(StateNames.Member, "m-race-1")).State!.Text);
    }

    [Fact]
    public async Task Of_many_updates_of_one_version_one_wins()
    {
        var start = await host.Write(StateNames.Member, "m-race-2", new Note { Text = "start" });
        var etag = start.ETag;
        var won = await Race(caller => host.Write(StateNames.Member, "m-race-2", new Note { Text = caller }, etag));

        Assert.Equal(won, (await host.Read<Note>(StateNames.Member, "m-race-2")).State!.Text);
    }

    [Fact]
    public async Task Many_states_written_at_once_are_all_kept()
    {
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(i => Task.Run(
            () => host.Write(StateNames.Receipt, $"r-{i}", new Note { Text = $"{i}" }))));

        foreach (var i in Enumerable.Range(0, Callers))
        {
            Assert.Equal($"{i}", (await host.Read<Note>(StateNames.Receipt, $"r-{i}")).State!.Text);
        }
    }

    /// <returns>The text of the one that won.</returns>
    private static async Task<string> Race(Func<string, Task> write)
    {
        using var together = new Barrier(Callers);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, Callers).Select(i => Task.Factory.StartNew(
            async () =>
            {
                together.SignalAndWait();
                try
                {
                    await write($"caller {i}");
                    return $"caller {i}";
                }
                catch (InconsistentStateException)
                {
                    return null;
                }
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).Unwrap()));
        return Assert.Single(outcomes, outcome => outcome is not null)!;
    }
}

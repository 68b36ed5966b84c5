using CoopLine.Grains.Storage;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Storage;

public sealed class Unfinished_work_with_group_commit(GroupCommitHost host) : Unfinished_work(host), IClassFixture<GroupCommitHost>;

public sealed class Unfinished_work_with_AdoNet(AdoNetHost host) : Unfinished_work(host), IClassFixture<AdoNetHost>;

public abstract class Unfinished_work(StorageHost host)
{
    private IUnfinishedWork Work => host.Service<IUnfinishedWork>();

    [Fact]
    public async Task A_pending_state_is_found_once_it_was_left_alone_long_enough()
    {
        var started = host.Clock.GetUtcNow();
        await host.Write(StateNames.LineAccount, "u-left", new Note { Text = "outbox", Pending = true });
        await host.Write(StateNames.LineAccount, "u-done", new Note { Text = "nothing to do" });
        host.Clock.Advance(TimeSpan.FromSeconds(5));

        var left = new UnfinishedState(StateNames.LineAccount, "u-left");
        Assert.DoesNotContain(left, await Work.Find(started, 100));
        var found = await Work.Find(started.AddSeconds(1), 100);
        Assert.Contains(left, found);
        Assert.DoesNotContain(new(StateNames.LineAccount, "u-done"), found);
    }

    [Fact]
    public async Task A_state_that_was_finished_or_cleared_is_found_no_more()
    {
        var finished = await host.Write(StateNames.Receipt, "r-finished", new Note { Pending = true });
        await host.Write(StateNames.Receipt, "r-finished", new Note { Text = "answered" }, finished.ETag);
        var cleared = await host.Write(StateNames.Receipt, "r-cleared", new Note { Pending = true });
        await host.Clear(StateNames.Receipt, "r-cleared", cleared);
        await host.Write(StateNames.Receipt, "r-open", new Note { Pending = true });
        host.Clock.Advance(TimeSpan.FromSeconds(5));

        var found = await Work.Find(host.Clock.GetUtcNow(), 100);
        Assert.Equal(["r-open"], found.Where(state => state.StateName == StateNames.Receipt).Select(state => state.GrainKey));
    }

    [Fact]
    public async Task The_oldest_come_first_and_no_more_than_asked_for()
    {
        foreach (var key in new[] { "m-c", "m-a", "m-b" })
        {
            await host.Write(StateNames.Member, key, new Note { Pending = true });
            host.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        var members = (await Work.Find(host.Clock.GetUtcNow(), 100)).Where(s => s.StateName == StateNames.Member);
        Assert.Equal(["m-c", "m-a", "m-b"], members.Select(state => state.GrainKey));
        Assert.Equal(2, (await Work.Find(host.Clock.GetUtcNow(), 2)).Length);
    }

    [Fact]
    public async Task Those_behind_the_oldest_can_be_asked_for()
    {
        var all = (await Work.Find(host.Clock.GetUtcNow(), 100)).Length;
        foreach (var key in new[] { "u-x", "u-y" })
        {
            await host.Write(StateNames.LineAccount, key, new Note { Pending = true });
            host.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        Assert.Equal(["u-y"], (await Work.Find(host.Clock.GetUtcNow(), 100, skip: all + 1)).Select(state => state.GrainKey));
        Assert.Empty(await Work.Find(host.Clock.GetUtcNow(), 100, skip: all + 2));
    }

    [Fact]
    public async Task Pruning_takes_old_sessions_and_codes_and_nothing_else()
    {
        // More than one batch, in one statement: the database's own copy machine.
        await host.Write(StateNames.LinkSession, "s-old", new Note { Text = "old" });
        var more = TestDatabase.IsPostgreSql ? ", CreatedOn, Pending" : "";
        await host.Execute(
            $"""
            WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 1200)
            INSERT INTO OrleansStorage (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString,
                GrainIdExtensionString, ServiceId, PayloadBinary, Version, ModifiedOn{more})
            SELECT i, GrainTypeHash, 0, 0, 'coupon-code', 'k-' || i, ServiceId, PayloadBinary, 1, ModifiedOn{more}
            FROM n, OrleansStorage WHERE GrainIdExtensionString = 's-old'
            """);
        await host.Write(StateNames.LinkSession, "s-pending", new Note { Pending = true });
        await host.Write(StateNames.Coupon, "k-old", new Note { Text = "a coupon is kept" });
        var limit = host.Clock.GetUtcNow().AddMinutes(30);
        host.Clock.Advance(TimeSpan.FromHours(1));
        await host.Write(StateNames.LinkSession, "s-new", new Note { Text = "new" });

        Assert.Equal(1201, await Work.Prune(limit));
        Assert.Equal(0, await Work.Prune(limit));
        Assert.False((await host.Read<Note>(StateNames.LinkSession, "s-old")).RecordExists);
        Assert.True((await host.Read<Note>(StateNames.LinkSession, "s-pending")).RecordExists);
        Assert.True((await host.Read<Note>(StateNames.LinkSession, "s-new")).RecordExists);
        Assert.True((await host.Read<Note>(StateNames.Coupon, "k-old")).RecordExists);
    }
}

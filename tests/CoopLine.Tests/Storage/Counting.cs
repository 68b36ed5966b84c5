using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;
using CoopLine.Silo.Storage;
using CoopLine.Silo.Storage.GroupCommit;
using CoopLine.Tests.Fixtures;
using Orleans.Storage;

namespace CoopLine.Tests.Storage;

/// <summary>What a write counts is counted with it, and never passes its limit.</summary>
public abstract class Counting(StorageHost host)
{
    private static int receipts;

    [Theory]
    [InlineData(10, null)]
    [InlineData(null, 315L)] // yen: the eleventh would come to 330
    public async Task Of_many_writes_at_once_as_many_as_the_limit_allows_are_done(int? usesMax, long? yenMax)
    {
        var campaign = $"many-{usesMax}-{yenMax}";
        Task<bool>[] writing = [.. Enumerable.Range(0, 64).Select(i => TryUse($"k-{campaign}-{i}", campaign, usesMax, yenMax))];

        var done = await Task.WhenAll(writing);

        Assert.Equal(10, done.Count(each => each));
        Assert.Equal((10, 300), await Count(campaign));
        Assert.Equal(10, await host.Scalar<long>($"SELECT count(*) FROM ledger WHERE campaign = '{campaign}'"));
        Assert.Equal(10, await host.Scalar<long>(
            $"SELECT count(*) FROM OrleansStorage WHERE GrainIdExtensionString LIKE 'k-{campaign}-%'"));
    }

    [Fact]
    public async Task A_first_use_that_alone_is_more_than_the_limit_is_not_done()
    {
        Assert.False(await TryUse("k-first", "first", usesMax: null, yenMax: 29));
        Assert.True(await TryUse("k-first", "first", usesMax: null, yenMax: 30));

        Assert.Equal((1, 30), await Count("first"));
    }

    [Fact]
    public async Task What_is_given_back_makes_room()
    {
        const string campaign = "room";
        var use = Row(campaign);
        var first = await host.Write("tests-count", "k-room-1", Note(use, new CountChange(campaign, CountScope.All, 1, 30, UsesMax: 1)));
        Assert.False(await TryUse("k-room-2", campaign, usesMax: 1));

        first.State = Note(Rows.GivenBack(use), new CountChange(campaign, CountScope.All, -1, -30));
        await host.Write("tests-count", "k-room-1", first);

        Assert.Equal((0, 0), await Count(campaign));
        Assert.True(await TryUse("k-room-2", campaign, usesMax: 1));
        Assert.False(await TryUse("k-room-3", campaign, usesMax: 1));
    }

    [Fact]
    public async Task What_meets_one_limit_of_several_is_counted_nowhere()
    {
        const string campaign = "several";
        CountChange[] Changes(string store) =>
            [new(campaign, CountScope.All, 1, 30, UsesMax: 100), new(campaign, CountScope.Store(store), 1, 30, UsesMax: 1)];
        await host.Write("tests-count", "k-several-1", Note(Row(campaign), Changes("0123")));
        await Refused(host.Write("tests-count", "k-several-2", Note(Row(campaign), Changes("0123"))));
        await host.Write("tests-count", "k-several-3", Note(Row(campaign), Changes("0456")));

        Assert.Equal((2, 60), await Count(campaign));
        Assert.Equal((1, 30), await Count(campaign, CountScope.Store("0123")));
        Assert.False((await host.Read<Note>("tests-count", "k-several-2")).RecordExists);
    }

    [Fact]
    public async Task A_conflict_is_counted_nowhere()
    {
        const string campaign = "conflict";
        await host.Write("tests-count", "k-conflict", Note(Row(campaign), new CountChange(campaign, CountScope.All, 1, 30, UsesMax: 9)));
        await Assert.ThrowsAsync<InconsistentStateException>(() => host.Write(
            "tests-count", "k-conflict", Note(Row(campaign), new CountChange(campaign, CountScope.All, 1, 30, UsesMax: 9))));

        Assert.Equal((1, 30), await Count(campaign));
    }

    [Fact]
    public async Task A_payload_that_is_written_again_as_it_is_counts_once()
    {
        await host.Write("tests-count", "k-again", Note(Row("again"), new CountChange("again", CountScope.All, 1, 30, UsesMax: 9)));

        await host.Execute("UPDATE OrleansStorage SET PayloadBinary = PayloadBinary WHERE GrainIdExtensionString = 'k-again'");

        Assert.Equal((1, 30), await Count("again"));
    }

    [Fact]
    public async Task A_limit_that_is_lower_than_what_is_used_lets_nothing_through_and_takes_back()
    {
        const string campaign = "lower";
        var use = Row(campaign);
        var first = await host.Write("tests-count", "k-lower-1", Note(use, new CountChange(campaign, CountScope.All, 1, 30)));
        Assert.True(await TryUse("k-lower-2", campaign, usesMax: null));
        Assert.False(await TryUse("k-lower-3", campaign, usesMax: 1));

        first.State = Note(Rows.GivenBack(use), new CountChange(campaign, CountScope.All, -1, -30));
        await host.Write("tests-count", "k-lower-1", first);

        Assert.False(await TryUse("k-lower-3", campaign, usesMax: 1));
        Assert.Equal((1, 30), await Count(campaign));
    }

    protected static LedgerRow Row(string campaign)
    {
        var number = Interlocked.Increment(ref receipts);
        return Rows.Used($"2026-11-22/0123/05/{number:000000}", campaign, $"{number}");
    }

    private static Note Note(LedgerRow row, params CountChange[] counts) => Rows.With(row) with { Counts = [.. counts] };

    private static async Task Refused(Task writing) =>
        Assert.True(StorageRefusal.IsLimitReached(await Assert.ThrowsAnyAsync<Exception>(() => writing)));

    private async Task<bool> TryUse(string key, string campaign, int? usesMax, long? yenMax = null)
    {
        try
        {
            await host.Write(
                "tests-count", key, Note(Row(campaign), new CountChange(campaign, CountScope.All, 1, 30, usesMax, yenMax)));
            return true;
        }
        catch (Exception e) when (StorageRefusal.IsLimitReached(e))
        {
            return false;
        }
    }

    protected async Task<(long Uses, long Yen)> Count(string campaign, string scope = CountScope.All) => (
        await host.Scalar<long>($"SELECT uses FROM campaign_count WHERE campaign = '{campaign}' AND scope = '{scope}'"),
        await host.Scalar<long>($"SELECT yen FROM campaign_count WHERE campaign = '{campaign}' AND scope = '{scope}'"));
}

public sealed class Counting_with_AdoNet(AdoNetHost host) : Counting(host), IClassFixture<AdoNetHost>;

public sealed class Counting_together(GroupCommitHost host) : Counting(host), IClassFixture<GroupCommitHost>
{
    [Fact]
    public async Task In_a_batch_what_is_given_back_makes_no_room_yet_for_it_may_fail()
    {
        const string campaign = "same-batch";
        await host.Service<IStateTable>().Commit([Using(campaign, 1, usesMax: 1)]);

        var late = new StateWrite(
            Place(campaign, 1), "{}"u8.ToArray(), version: -1, pending: false, [Rows.GivenBack(Row(campaign))],
            [new(campaign, CountScope.All, -1, -30)], relied: null);
        var next = Using(campaign, 2, usesMax: 1);
        await host.Service<IStateTable>().Commit([late, next]);

        Assert.Null(await late.Result);
        Assert.True(StorageRefusal.IsLimitReached(await Assert.ThrowsAnyAsync<Exception>(() => next.Result)));
        Assert.Equal((1, 30), await Count(campaign));
    }

    [Fact]
    public async Task A_batch_keeps_its_numbers_to_itself_until_it_is_done()
    {
        TestDatabase.SkipOnSqlite("several writers");
        const string campaign = "to-itself";
        var cancellation = TestContext.Current.CancellationToken;
        var first = Using(campaign, 1, usesMax: 2);
        await host.Service<IStateTable>().Commit([first]);
        await using var somebody = await host.Database.OpenWriter(cancellation);
        await using var holding = await somebody.BeginTransactionAsync(cancellation);
        await using var touch = somebody.Command($"UPDATE OrleansStorage SET ModifiedOn = ModifiedOn WHERE GrainIdExtensionString = 'k-{campaign}-1'");
        await touch.ExecuteNonQueryAsync(cancellation);

        // The slow one has looked at the number, and waits for its state.
        var (slow, quick) = (Using(campaign, 1, usesMax: 2, await first.Result), Using(campaign, 2, usesMax: 2));
        var slowly = Task.Run(() => host.Service<IStateTable>().Commit([slow]), cancellation);
        await host.UntilWaiting(1, cancellation);
        var quickly = Task.Run(() => host.Service<IStateTable>().Commit([quick]), cancellation);
        await Task.WhenAny(quickly, host.UntilWaiting(2, cancellation));
        await holding.CommitAsync(cancellation);
        await Task.WhenAll(slowly, quickly);

        Assert.NotNull(await slow.Result);
        Assert.True(StorageRefusal.IsLimitReached(await Assert.ThrowsAnyAsync<Exception>(() => quick.Result)));
        Assert.Equal((2, 60), await Count(campaign));
    }

    [Fact]
    public async Task Two_batches_at_once_do_not_pass_the_limit_together()
    {
        TestDatabase.SkipOnSqlite("several writers");
        const string campaign = "batches";
        var writes = Enumerable.Range(0, 60).Select(i =>
        {
            var use = Rows.Used($"2026-11-22/0123/06/{i:000000}", campaign, $"6{i}");
            return new StateWrite(
                new StateRow(i, 7, "tests-count", $"k-batches-{i}"), "{}"u8.ToArray(), version: null, pending: false, [use],
                [new(campaign, CountScope.All, 1, use.Yen, UsesMax: 10)], relied: null);
        }).ToArray();

        await Task.WhenAll(writes.Chunk(6).Select(batch => Task.Run(() => host.Service<IStateTable>().Commit(batch))));

        Assert.Equal(10, writes.Count(write => write.Result.IsCompletedSuccessfully));
        Assert.Equal(10, await host.Scalar<long>($"SELECT uses FROM campaign_count WHERE campaign = '{campaign}'"));
    }

    /// <param name="place">States are committed in the order of their places.</param>
    private static StateWrite Using(string campaign, int place, int usesMax, int? version = null) => new(
        Place(campaign, place), "{}"u8.ToArray(), version, pending: false, [Row(campaign)],
        [new(campaign, CountScope.All, 1, 30, usesMax)], relied: null);

    private static StateRow Place(string campaign, int place) => new(place, 7, "tests-count", $"k-{campaign}-{place}");
}

using System.Data.Common;
using System.Globalization;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;
using CoopLine.Silo.Storage;
using CoopLine.Silo.Storage.GroupCommit;
using CoopLine.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using Orleans.Storage;

namespace CoopLine.Tests.Storage;

/// <summary>What one grain of a batch meets is no other's business.</summary>
public sealed class Committing_together(GroupCommitHost host) : IClassFixture<GroupCommitHost>
{
    private const int Neighbours = 60;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Conflicts_refused_rows_and_states_that_are_too_large_fail_alone()
    {
        const string receipt = "2026-11-22/0123/05/007001";
        await host.Write("tests-batch", "k-first", Rows.With(Rows.Used(receipt, "tofu", "7001", hash: "aa")));
        var stale = await host.Write("tests-batch", "k-stale", new Note { Text = "one" });
        await host.Write("tests-batch", "k-stale", new Note { Text = "two" }, stale.ETag);
        var etag = stale.ETag;
        Task<GrainState<Note>>[] well =
            [.. Enumerable.Range(0, Neighbours).Select(i => host.Write("tests-batch", $"k-well-{i}", new Note { Text = $"{i}" }))];
        var conflict = host.Write("tests-batch", "k-stale", new Note { Text = "three" }, etag);
        var refused = host.Write("tests-batch", "k-refused", Rows.With(Rows.Used(receipt, "milk", "7001", hash: "bb")));
        var tooLarge = host.Write(
            "tests-batch", "k-large", new Note { Text = new('x', GroupCommitStorage.MaxPayloadBytes) });
        Task<GrainState<Note>>[] alsoWell =
            [.. Enumerable.Range(0, Neighbours).Select(i => host.Write("tests-batch", $"k-also-{i}", new Note { Text = $"{i}" }))];

        await Assert.ThrowsAsync<InconsistentStateException>(() => conflict);
        Assert.True(StorageRefusal.IsReceiptOfAnotherRequest(await Assert.ThrowsAnyAsync<Exception>(() => refused)));
        await Assert.ThrowsAsync<InvalidOperationException>(() => tooLarge);
        await Task.WhenAll([.. well, .. alsoWell]);
        Assert.Equal(
            2L * Neighbours,
            await host.Scalar<long>(
                "SELECT count(*) FROM OrleansStorage WHERE GrainIdExtensionString LIKE 'k-well-%' OR GrainIdExtensionString LIKE 'k-also-%'"));
        Assert.Equal("two", (await host.Read<Note>("tests-batch", "k-stale")).State!.Text);
        Assert.False((await host.Read<Note>("tests-batch", "k-refused")).RecordExists);
        Assert.False((await host.Read<Note>("tests-batch", "k-large")).RecordExists);
    }

    [Theory]
    [InlineData("k-a")]
    [InlineData("k-企画/0012345")]
    [InlineData("m-0042+7")]
    public async Task Either_provider_goes_on_where_the_other_stopped(string key)
    {
        var id = GrainId.Create("test", key);
        var plain = new GrainState<Note>(new() { Text = "AdoNet" });
        await host.AdoNet.WriteStateAsync("tests-either", id, plain);

        var grouped = await host.Read<Note>("tests-either", key);
        Assert.Equal(("AdoNet", plain.ETag), (grouped.State!.Text, grouped.ETag));
        await host.Write("tests-either", key, new GrainState<Note>(new() { Text = "together" }, grouped.ETag));
        await Assert.ThrowsAsync<InconsistentStateException>(() => host.AdoNet.WriteStateAsync("tests-either", id, plain));
        await host.AdoNet.ReadStateAsync("tests-either", id, plain);
        Assert.Equal("together", plain.State!.Text);
        await host.AdoNet.ClearStateAsync("tests-either", id, plain);
        grouped = await host.Read<Note>("tests-either", key);
        Assert.Equal((false, plain.ETag), (grouped.RecordExists, grouped.ETag));
    }

    [Fact]
    public async Task A_key_that_AdoNet_would_fold_is_refused()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => host.Write("tests-batch", "42", new Note()));
        await Assert.ThrowsAsync<ArgumentException>(() => host.Read<Note>("tests-batch", "abc"));
    }

    [Fact]
    public async Task Two_first_writes_of_one_state_in_one_batch_are_one_write_and_one_conflict()
    {
        StateWrite[] writes = [Write("k-both", """{"text":"a"}"""), Write("k-both", """{"text":"b"}""")];
        await host.Service<IStateTable>().Commit(writes);

        Assert.Single(writes, write => write.Result.Result is not null);
        Assert.Single(writes, write => write.Result.Result is null);
    }

    [Fact]
    public async Task Who_is_refused_for_a_neighbours_receipt_finds_that_receipt_on_disk()
    {
        const string receipt = "2026-11-22/0123/05/007002";
        // On SQLite long enough to look meanwhile; on PostgreSQL it is one statement, which has a limit of time.
        var beside = TestDatabase.IsPostgreSql ? GroupCommitStorage.MaxBatch - 2 : 2_000;
        StateWrite[] writes =
        [
            Write("k-one", "{}", ledger: Rows.Used(receipt, "tofu", "7002", hash: "aa")),
            Write("k-other", "{}", ledger: Rows.Used(receipt, "milk", "7002", hash: "bb")),
            .. Enumerable.Range(0, beside).Select(i => Write($"k-long-{i}", $$"""{"text":"{{new string('x', 8_000)}}"}""")),
        ];

        var committing = Task.Run(() => host.Service<IStateTable>().Commit(writes), Cancellation);

        await await Task.WhenAny(committing, writes[1].Result.ContinueWith(_ => { }, TaskScheduler.Default));
        var filed = await host.Service<ILedger>().OfReceipt(receipt);
        await committing;
        Assert.Single(filed);
        await Assert.ThrowsAnyAsync<Exception>(() => writes[1].Result);
    }

    [Fact]
    public async Task What_relied_on_something_that_is_not_so_is_a_conflict_and_files_nothing()
    {
        var read = await host.Write("tests-batch", "k-fact", new Note { Text = "as it was read" });
        StateVersion fact = new("tests-batch", "k-fact", int.Parse(read.ETag!, CultureInfo.InvariantCulture));
        StateWrite[] writes =
        [
            Relying("k-relied-1", 0, fact),
            Relying("k-relied-2", 0, fact with { Version = fact.Version - 1 }),
            Relying("k-relied-3", 0, fact, fact with { Key = "k-never-written" }),
            Relying("k-relied-4", import: 1, fact),
            Relying("k-relied-5", 0, fact),
        ];

        await host.Service<IStateTable>().Commit(writes);

        Assert.Equal([true, false, false, false, true], writes.Select(write => write.Result.Result is not null));
        foreach (var write in writes)
        {
            var filed = await host.Service<ILedger>().OfReceipt(write.UsedFor!);
            Assert.Equal(await write.Result is null ? 0 : 1, filed.Length);
        }

        static StateWrite Relying(string key, long import, params StateVersion[] states) => Write(
            key, "{}", new Reliance(import, [.. states], Remembered: true),
            ledger: Rows.Used($"2026-11-22/0123/05/00701{key[^1]}", "tofu", $"701{key[^1]}"));
    }

    [Fact]
    public async Task Of_two_first_uses_of_a_receipt_at_one_moment_one_is_refused_whatever_else_is_in_its_batch()
    {
        TestDatabase.SkipOnSqlite("several writers");
        const string receipt = "2026-11-22/0123/05/007021";
        await using var somebody = await host.Database.OpenWriter(Cancellation);
        await using var filing = await somebody.BeginTransactionAsync(Cancellation);
        await using (var file = somebody.Command(
            $"""
            INSERT INTO ledger (id, kind, at, at_utc, receipt, yen, given_back, request_hash, decision, entry)
            VALUES ('used|first', 'used', '2026-11-22T12:00:00+09:00', '2026-11-22T03:00:00Z', '{receipt}', 30, false, 'aa', '01', 0)
            """))
            await file.ExecuteNonQueryAsync(Cancellation);
        StateWrite[] writes =
        [
            Write("k-moment-1", "{}", ledger: Rows.Used("2026-11-22/0123/05/007020", "tofu", "7020")),
            Write("k-moment-2", "{}", ledger: Rows.Used(receipt, "tofu", "7021", decision: "02")),
        ];

        var committing = Task.Run(() => host.Service<IStateTable>().Commit(writes), Cancellation);
        await Task.WhenAny(committing, host.UntilWaiting(1, Cancellation));
        await filing.CommitAsync(Cancellation);
        await committing;

        Assert.NotNull(await writes[0].Result);
        Assert.True(StorageRefusal.IsReceiptOfAnotherRequest(await Assert.ThrowsAnyAsync<Exception>(() => writes[1].Result)));
        Assert.Equal("01", Assert.Single(await host.Service<ILedger>().OfReceipt(receipt)).Decision);
    }

    [Fact]
    public async Task A_batch_that_fails_in_the_middle_leaves_nothing_and_is_in_nobodys_way()
    {
        var unknown = Rows.Used("2026-11-22/0123/05/007030", "tofu", "7030") with { Kind = (LedgerKind)99 };
        StateWrite[] writes = [Write("k-middle-1", "{}"), Write("k-middle-2", "{}", ledger: unknown)];
        await Assert.ThrowsAnyAsync<Exception>(() => host.Service<IStateTable>().Commit(writes));

        StateWrite[] again = [Write("k-middle-1", "{}"), Write("k-middle-2", "{}")];
        await host.Service<IStateTable>().Commit(again);

        Assert.DoesNotContain(again, write => write.Result.Result is null);
    }

    [Fact]
    public async Task Two_updates_of_one_version_in_one_batch_are_one_write_and_one_conflict()
    {
        var first = Write("k-two", """{"text":"start"}""");
        await host.Service<IStateTable>().Commit([first]);
        var version = await first.Result;
        StateWrite[] writes = [Write("k-two", """{"text":"a"}""", version), Write("k-two", """{"text":"b"}""", version)];
        await host.Service<IStateTable>().Commit(writes);

        Assert.Single(writes, write => write.Result.Result is not null);
        Assert.Single(writes, write => write.Result.Result is null);
    }

    [Fact]
    public async Task Who_loses_a_deadlock_tries_again()
    {
        TestDatabase.SkipOnSqlite("several writers");
        StateWrite[] first = [Write("k-lock-1", "{}"), Write("k-lock-2", "{}"), Write("k-lock-3", "{}")];
        await host.Service<IStateTable>().Commit(first);
        await host.Execute($"GRANT SET ON PARAMETER deadlock_timeout TO {Postgres.RuntimeRole}");

        // The batch takes the rows in their order and comes to the last, which somebody has who waits for the first. Who is ended
        // is who closed the circle, the batch: somebody waits before it does, and never looks for circles.
        await using var somebody = await host.Database.OpenWriter(Cancellation);
        await using var holding = await somebody.BeginTransactionAsync(Cancellation);
        await Run(somebody, "SET LOCAL deadlock_timeout = '1h'");
        await Run(somebody, Touch("k-lock-3"));
        await using var third = await host.Database.OpenWriter(Cancellation);
        await using var holdingBack = await third.BeginTransactionAsync(Cancellation);
        await Run(third, Touch("k-lock-2"));
        StateWrite[] again = [.. first.Select(write => Write(write.Row.Key, """{"text":"again"}""", write.Result.Result))];
        var committing = host.Service<IStateTable>().Commit(again);
        await host.UntilWaiting(1, Cancellation);
        var waiting = Run(somebody, Touch("k-lock-1"));
        await host.UntilWaiting(2, Cancellation);
        await holdingBack.CommitAsync(Cancellation);
        await waiting;
        await holding.CommitAsync(Cancellation);
        await committing;

        Assert.All(again, write => Assert.NotNull(write.Result.Result));

        static string Touch(string key) =>
            $"UPDATE OrleansStorage SET ModifiedOn = ModifiedOn WHERE GrainIdExtensionString = '{key}'";

        static async Task Run(DbConnection connection, string sql)
        {
            await using var command = connection.Command(sql);
            await command.ExecuteNonQueryAsync(Cancellation);
        }
    }

    [Fact]
    public async Task When_the_connection_is_cut_everybody_in_the_batch_learns_it_and_the_next_batch_goes_well()
    {
        TestDatabase.SkipOnSqlite("connections");
        var first = Write("k-cut", "{}");
        await host.Service<IStateTable>().Commit([first]);

        await using var somebody = await host.Database.OpenWriter(Cancellation);
        await using (var transaction = await somebody.BeginTransactionAsync(Cancellation))
        {
            await using var touch = somebody.Command(
                "UPDATE OrleansStorage SET ModifiedOn = ModifiedOn WHERE GrainIdExtensionString = 'k-cut'");
            await touch.ExecuteNonQueryAsync(Cancellation);
            var committing = host.Service<IStateTable>().Commit(
                [Write("k-cut", """{"text":"never"}""", await first.Result), Write("k-cut-2", "{}")]);
            await host.UntilWaiting(1, Cancellation);
            await host.Scalar<long>($"SELECT count(pg_terminate_backend(pid)) {StorageHost.Waiting}");
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => committing);
        }

        Assert.Equal(0L, await host.Scalar<long>("SELECT count(*) FROM OrleansStorage WHERE GrainIdExtensionString = 'k-cut-2'"));
        var after = Write("k-cut", """{"text":"after"}""", await first.Result);
        await host.Service<IStateTable>().Commit([after]);
        Assert.NotNull(await after.Result);
    }

    [Fact]
    public async Task A_batch_is_planned_once_whatever_it_carries()
    {
        TestDatabase.SkipOnSqlite("prepared statements");
        var connection = host.Service<IConfiguration>().GetConnectionString("CoopLine") + ";Maximum Pool Size=1";
        await using var source = PostgreSqlDatabase.Connect(connection, NullLoggerFactory.Instance);
        var table = new PostgreSqlStateTable(new(source), host.Service<IOptions<ClusterOptions>>());
        for (var i = 0; i < Neighbours; i++)
        {
            await table.Commit(i % 2 == 0
                ? [Write($"k-bare-{i}", "{}")]
                : [Write($"k-used-{i}", "{}", ledger: Rows.Used($"2026-11-22/0123/05/0071{i:00}", "tofu", $"71{i:00}"))]);
        }

        await using var asking = source.CreateCommand(
            "SELECT generic_plans FROM pg_prepared_statements WHERE statement LIKE '%asked AS MATERIALIZED%'");
        Assert.InRange((long)(await asking.ExecuteScalarAsync(Cancellation))!, Neighbours - 2, Neighbours);
    }

    private static StateWrite Write(string key, string payload, int? version = null, params LedgerRow[] ledger) =>
        Write(key, payload, relied: null, version, ledger);

    private static StateWrite Write(
        string key, string payload, Reliance? relied, int? version = null, params LedgerRow[] ledger) => new(
        new StateRow(key[^1], 7, "tests-batch", key), System.Text.Encoding.UTF8.GetBytes(payload), version, pending: false,
        [.. ledger], [], relied);
}

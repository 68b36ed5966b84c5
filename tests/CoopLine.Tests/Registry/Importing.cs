using System.Data.Common;
using System.IO.Pipelines;
using System.Text;
using CoopLine.Grains.Registry;
using CoopLine.Silo.Registry;
using CoopLine.Silo.Storage;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Registry;

public sealed class Importing : IDisposable
{
    private readonly RegistryDesk desk = new();

    public void Dispose() => desk.Dispose();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_full_import_replaces_what_was_known_and_reports_who_is_missing()
    {
        await desk.Full("00000001,,,active,,old,", "00000002,,,active,,old,");

        var report = await desk.Forced("00000002,,,active,,new,", "00000003,,,active,,new,");

        Assert.Equal(ImportOutcome.Applied, report.Outcome);
        Assert.Equal(1, report.Missing);
        Assert.Equal(["00000001"], report.MissingNumbers);
        Assert.Null(await desk.Find("00000001"));
        Assert.Equal("new", (await desk.Find("00000002"))?.HomeStore);
        Assert.Equal("new", (await desk.Find("00000003"))?.HomeStore);
        Assert.Equal(2, desk.Scalar("SELECT count(*) FROM registry_row"));
    }

    [Fact]
    public async Task What_a_full_import_replaced_is_deleted_chunk_by_chunk_to_the_end()
    {
        var members = RegistryDesk.Members(3 * desk.Database.ChunkRows + 1).ToArray();
        await desk.Full(members);

        await desk.Full(members);

        Assert.Equal(members.Length, desk.Scalar("SELECT count(*) FROM registry_row WHERE import_id = 2"));
        Assert.Equal(members.Length, desk.Scalar("SELECT count(*) FROM registry_row"));
    }

    [Fact]
    public async Task A_delta_adds_and_changes_and_leaves_the_others()
    {
        await desk.Full("00000001,,,active,,old,", "00000002,,,active,,old,", "00000003,,,active,,old,");

        var report = await desk.Take(
            RegistryDesk.Csv("00000002,,,withdrawn,,new,", "00000004,,,active,,new,", "00000003,,,nobody,,new,"), ImportMode.Delta, force: true);

        Assert.Equal((ImportOutcome.Applied, 2L, 1L, 0L), (report.Outcome, report.Accepted, report.Rejected, report.Missing));
        Assert.Equal("old", (await desk.Find("00000001"))?.HomeStore);
        Assert.Equal((MemberStatus.Withdrawn, "new"), await Of("00000002"));
        Assert.Equal((MemberStatus.Active, "old"), await Of("00000003"));
        Assert.Equal((MemberStatus.Active, "new"), await Of("00000004"));
        Assert.Equal(4, desk.Scalar("SELECT count(*) FROM registry_row"));

        async Task<(MemberStatus?, string?)> Of(string number) =>
            await desk.Find(number) is { } entry ? (entry.Status, entry.HomeStore) : (null, null);
    }

    [Fact]
    public async Task Given_a_row_rejected_from_a_full_import_then_its_member_stays_as_known_and_is_not_missing()
    {
        await desk.Full("00000001,,,active,,old,", "00000002,,,active,,old,", "00000003,,,active,,old,");

        var report = await desk.Forced(
            "00000001,,19710431,withdrawn,,new,", // rejected: as known
            "00000002,,19710431,withdrawn,,new,", // rejected, but a later row of the member is good
            "00000002,,,active,,new,",
            "00000003,\",,withdrawn,,new,", // not even split into columns
            "00000004,,,nobody,,new,"); // never known

        Assert.Equal((ImportOutcome.Applied, 1L, 4L, 0L), (report.Outcome, report.Accepted, report.Rejected, report.Missing));
        Assert.Equal("old", (await desk.Find("00000001"))?.HomeStore);
        Assert.Equal("new", (await desk.Find("00000002"))?.HomeStore);
        Assert.Equal("old", (await desk.Find("00000003"))?.HomeStore);
        Assert.Null(await desk.Find("00000004"));
    }

    [Fact]
    public async Task One_missing_in_a_hundred_is_taken_and_more_stops_the_import_unless_forced()
    {
        await desk.Full(RegistryDesk.Members(200));

        var stopped = await desk.Full(RegistryDesk.Members(197).Append("00009999,,,active,,,"));
        Assert.Equal((ImportOutcome.TooManyMissing, 3L), (stopped.Outcome, stopped.Missing));
        Assert.Equal(["00000198", "00000199", "00000200"], stopped.MissingNumbers);
        Assert.NotNull(await desk.Find("00000200"));
        Assert.Null(await desk.Find("00009999"));
        Assert.Equal(200, desk.Scalar("SELECT count(*) FROM registry_row"));

        Assert.Equal(ImportOutcome.Applied, (await desk.Forced(RegistryDesk.Members(197))).Outcome);
        Assert.Null(await desk.Find("00000200"));

        Assert.Equal(ImportOutcome.Applied, (await desk.Forced(RegistryDesk.Members(200))).Outcome);
        Assert.Equal(ImportOutcome.Applied, (await desk.Full(RegistryDesk.Members(198))).Outcome);
    }

    [Fact]
    public async Task Given_numbers_that_replace_each_other_in_a_circle_then_their_rows_are_rejected()
    {
        await desk.Full("00000001,,,active,,old,", "00000005,,,active,,old,00000006");

        var report = await desk.Forced(
            "00000001,,,active,,new,00000002",
            "00000002,,,active,,new,00000003",
            "00000003,,,active,,new,00000001",
            "00000004,,,active,,new,00000001", // leads into the circle, and is none
            "00000005,,,nobody,,new,", // keeps its old row, which closes another circle
            "00000006,,,active,,new,00000005");

        Assert.Equal((ImportOutcome.Applied, 1L, 5L), (report.Outcome, report.Accepted, report.Rejected));
        Assert.Equal([2L, 3L, 4L, 6L, 7L], report.RejectedRows.Select(row => row.Line));
        Assert.Equal("old", (await desk.Find("00000001"))?.HomeStore);
        Assert.Null(await desk.Find("00000002"));
        Assert.Equal("00000001", (await desk.Find("00000004"))?.ReplacedBy);
        Assert.Equal("00000006", (await desk.Find("00000005"))?.ReplacedBy);
        Assert.Null(await desk.Find("00000006"));
    }

    [Fact]
    public async Task Given_a_delta_that_closes_a_circle_with_what_is_known_then_its_row_is_rejected()
    {
        await desk.Full("00000001,,,active,,,00000002", "00000002,,,active,,,");

        var closing = await desk.Delta("00000002,,,active,,,00000001");
        var turning = await desk.Delta("00000001,,,active,,,", "00000002,,,active,,,00000001");

        Assert.Equal(2, Assert.Single(closing.RejectedRows).Line);
        Assert.Equal(2, turning.Accepted);
        Assert.Equal(["00000002"], (await desk.Find("00000001"))?.Predecessors);
    }

    [Fact]
    public async Task A_member_is_found_with_the_last_ten_numbers_before()
    {
        await desk.Full(Enumerable.Range(1, 12).Select(i => $"{i:00000000},,,active,,,{(i < 12 ? $"{i + 1:00000000}" : "")}"));

        Assert.Equal(["00000002", "00000001"], (await desk.Find("00000003"))?.Predecessors);
        Assert.Equal(
            Enumerable.Range(2, 10).Reverse().Select(i => $"{i:00000000}"), (await desk.Find("00000012"))?.Predecessors);
    }

    [Fact]
    public async Task Given_a_chain_of_too_many_numbers_then_its_beginning_is_rejected()
    {
        var report = await desk.Forced(Enumerable.Range(1, 103).Select(i => $"{i:00000000},,,active,,,{i + 1:00000000}"));

        Assert.Equal([2L, 3L, 4L, 5L], report.RejectedRows.Select(row => row.Line));
    }

    [Fact]
    public async Task Linked_members_that_left_or_have_another_number_are_named()
    {
        await desk.Full(
            "00000001,,,active,,,", "00000002,,,withdrawn,,,", "00000003,,,active,,,00000001", "00000004,,,withdrawn,,,");
        desk.Execute(
            """
            INSERT INTO linked_members (member_number, account, link_id, since)
            VALUES ('00000001', 'a', '', ''), ('00000003', 'b', '', ''), ('00000002', 'c', '', ''), ('00000099', 'd', '', '')
            """);

        Assert.Equal(["00000002", "00000003"], await desk.Registry.LinkedButLeft(10, Cancellation));
        Assert.Equal(["00000002"], await desk.Registry.LinkedButLeft(1, Cancellation));
    }

    [Fact]
    public async Task While_an_import_runs_the_old_registry_answers_and_the_database_is_free_between_chunks()
    {
        await desk.Full("00000001,,,active,,old,");
        var seen = new List<string?>();
        var between = new Each(_ =>
        {
            using var writer = desk.Database.OpenWriter(Cancellation).AsTask();
            Assert.True(TestDatabase.IsPostgreSql || writer.IsCompletedSuccessfully); // PostgreSQL has many writers
            writer.GetAwaiter().GetResult().Dispose();
            seen.Add(desk.Find("00000001").GetAwaiter().GetResult()?.HomeStore);
        });
        using var csv = new MemoryStream(Encoding.UTF8.GetBytes(RegistryDesk.Csv(RegistryDesk.Members(3 * desk.Database.ChunkRows))));

        await desk.Import.Run(csv, new(ImportMode.Full), between, Cancellation);

        Assert.Equal(["old", "old", "old"], seen);
        Assert.Equal("0001", (await desk.Find("00000001"))?.HomeStore);
    }

    [Fact]
    public async Task Given_a_crash_between_two_chunks_then_nothing_is_visible_and_later_imports_clear_it_away()
    {
        await desk.Full("00000001,,,active,,old,");
        var tally = new ImportTally();
        var crashed = await StagedImport.Begin(desk.Database, desk.Clock, ImportMode.Full, Cancellation);
        Assert.NotNull(crashed);
        await crashed.Write([Line(2, "00000001"), Line(3, "00000002")], tally, Cancellation);

        Assert.Equal("old", (await desk.Find("00000001"))?.HomeStore);
        Assert.Null(await desk.Find("00000002"));
        Assert.Equal(ImportOutcome.AlreadyRunning, (await desk.Full("00000001,,,active,,new,")).Outcome);

        desk.Clock.Advance(StagedImport.Lease + TimeSpan.FromSeconds(1));
        var next = await desk.Full("00000001,,,active,,new,");

        Assert.Equal((ImportOutcome.Applied, 0L), (next.Outcome, next.Missing));
        Assert.Equal("new", (await desk.Find("00000001"))?.HomeStore);
        Assert.Equal(1, desk.Scalar("SELECT count(*) FROM registry_row"));

        // It had only stalled, and goes on: too late.
        await Assert.ThrowsAsync<ImportTakenOverException>(() => crashed.Write([Line(4, "00000003")], tally, Cancellation));
        Assert.False(await crashed.Apply(tally, Cancellation));
        Assert.Equal("new", (await desk.Find("00000001"))?.HomeStore);

    }

    [Fact]
    public async Task While_rows_are_written_nobody_takes_the_import_over()
    {
        if (!TestDatabase.IsPostgreSql) return; // on SQLite nobody else writes at all
        var staged = await StagedImport.Begin(desk.Database, desk.Clock, ImportMode.Full, Cancellation);
        await using var connection = await desk.Database.OpenWriter(Cancellation);
        await using var holding = await connection.BeginTransactionAsync(Cancellation);
        desk.Execute("GRANT ALL ON registry_row TO PUBLIC");
        await using var hold = connection.Command("LOCK TABLE registry_row IN EXCLUSIVE MODE");
        await hold.ExecuteNonQueryAsync(Cancellation);
        var writing = staged!.Write([Line(2, "00000001")], new(), Cancellation);
        await Eventually.Holds(IsWaiting, "the rows wait for the table");

        var taken = Assert.ThrowsAny<DbException>(() => desk.Execute(
            "SET lock_timeout = '1s'; UPDATE registry_import SET status = 'stopped' WHERE status = 'staging'"));

        Assert.Equal("55P03", taken.SqlState);
        await holding.RollbackAsync(Cancellation);
        await writing;
        Assert.True(await staged.Apply(new(), Cancellation));
        Assert.NotNull(await desk.Find("00000001"));

        async Task<bool> IsWaiting()
        {
            await using var reader = await desk.Database.OpenReader(Cancellation);
            await using var command = reader.Command(
                "SELECT count(*) FROM pg_locks WHERE relation = 'registry_row'::regclass AND NOT granted");
            return (long)(await command.ExecuteScalarAsync(Cancellation))! == 1;
        }
    }

    [Fact]
    public async Task Given_an_import_that_runs_then_a_second_is_refused_and_the_first_ends_well()
    {
        var (begun, goOn) = (new TaskCompletionSource(), new TaskCompletionSource());
        using var csv = new MemoryStream(Encoding.UTF8.GetBytes(RegistryDesk.Csv(RegistryDesk.Members(30_000))));
        var wait = new Each(_ =>
        {
            begun.TrySetResult();
            goOn.Task.Wait(Cancellation);
        });
        var first = Task.Run(() => desk.Import.Run(csv, new(ImportMode.Full), wait, Cancellation), Cancellation);
        await begun.Task.WaitAsync(TimeSpan.FromMinutes(1), Cancellation);

        var second = await desk.Full("00000001,,,active,,,");
        goOn.SetResult();

        Assert.Equal(ImportOutcome.AlreadyRunning, second.Outcome);
        Assert.NotNull(second.Problem);
        Assert.Equal((ImportOutcome.Applied, 30_000L), ((await first).Outcome, (await first).Accepted));
        Assert.Equal("0001", (await desk.Find("00000001"))?.HomeStore);
    }

    [Fact]
    public async Task Given_an_import_that_looks_at_all_its_rows_for_long_then_nobody_takes_it_for_dead()
    {
        var staged = await StagedImport.Begin(desk.Database, desk.Clock, ImportMode.Full, Cancellation);
        using var checkedAll = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var alive = staged!.StayAlive(checkedAll.Token);

        for (var i = 0; i < 9; i++)
        {
            desk.Clock.Advance(StagedImport.Lease / 3);
            await Eventually.Holds(IsAliveNow, "the import says that it is alive");
        }

        Assert.Equal(ImportOutcome.AlreadyRunning, (await desk.Full("00000001,,,active,,,")).Outcome);
        await checkedAll.CancelAsync();
        await alive;
        Assert.True(await staged.Apply(new(), Cancellation));

        async Task<bool> IsAliveNow()
        {
            await using var connection = await desk.Database.OpenReader(Cancellation);
            await using var command = connection.Command(
                "SELECT count(*) FROM registry_import WHERE alive_at = @now", ("@now", desk.Database.Time(desk.Clock.GetUtcNow())));
            return (long)(await command.ExecuteScalarAsync(Cancellation))! == 1;
        }
    }

    [Fact]
    public async Task Given_an_import_called_off_half_way_then_nothing_is_visible_and_the_next_may_begin_at_once()
    {
        await desk.Full("00000001,,,active,,old,");
        using var calledOff = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        using var csv = new MemoryStream(Encoding.UTF8.GetBytes(RegistryDesk.Csv(RegistryDesk.Members(5 * desk.Database.ChunkRows))));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => desk.Import.Run(
            csv, new(ImportMode.Full), new Each(_ => calledOff.Cancel()), calledOff.Token));

        Assert.Equal("old", (await desk.Find("00000001"))?.HomeStore);
        Assert.Null(await desk.Find("00000002"));
        Assert.Equal(ImportOutcome.Applied, (await desk.Full("00000001,,,active,,new,")).Outcome);
        Assert.Equal(1, desk.Scalar("SELECT count(*) FROM registry_row"));
    }

    [Fact]
    public async Task Given_numbers_again_in_a_later_chunk_then_the_first_rows_count_and_the_other_rows_of_the_chunk_are_taken()
    {
        await desk.Full("00000001,,,active,,old,", "00000002,,,active,,old,");

        var report = await desk.Forced([
            "00000001,,,nobody,,new,", // rejected and carried forward, until a good row comes
            "00000003,,,active,,first,",
            .. RegistryDesk.Members(desk.Database.ChunkRows, first: 1_000_000),
            "00000001,,,active,,new,",
            "00000002,,,active,,new,",
            "00000003,,,active,,second,",
        ]);

        var again = desk.Database.ChunkRows + 6;
        Assert.Equal((ImportOutcome.Applied, 2L, 0L), (report.Outcome, report.Rejected, report.Missing));
        Assert.Equal([2L, again], report.RejectedRows.Select(row => row.Line));
        Assert.Contains("line 3,", report.RejectedRows[1].Reason, StringComparison.Ordinal);
        Assert.Equal("new", (await desk.Find("00000001"))?.HomeStore);
        Assert.Equal("new", (await desk.Find("00000002"))?.HomeStore);
        Assert.Equal("first", (await desk.Find("00000003"))?.HomeStore);
        Assert.Equal(desk.Database.ChunkRows + 3, desk.Scalar("SELECT count(*) FROM registry_row"));
    }

    [Fact]
    public async Task Given_an_upload_that_breaks_off_then_the_old_registry_stays_in_force()
    {
        await desk.Full("00000001,,,active,,old,");
        var pipe = new Pipe(new(pauseWriterThreshold: 0));
        using var upload = pipe.Reader.AsStream();
        var rows = RegistryDesk.Members(desk.Database.ChunkRows + 1);
        await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(RegistryDesk.Csv(rows)), Cancellation);
        var broken = new IOException("broken off");
        await pipe.Writer.CompleteAsync(broken);

        Assert.Same(broken, await Assert.ThrowsAsync<IOException>(() => desk.Import.Run(
            upload, new(ImportMode.Full), progress: null, Cancellation)));

        Assert.Equal("old", (await desk.Find("00000001"))?.HomeStore);
        Assert.Equal(1, desk.Scalar("SELECT count(*) FROM registry"));
        Assert.Equal(ImportOutcome.Applied, (await desk.Full("00000001,,,active,,new,")).Outcome);
        Assert.Equal(1, desk.Scalar("SELECT count(*) FROM registry_row"));
    }

    [Fact]
    public async Task While_a_file_comes_in_another_may_be_imported()
    {
        var pipe = new Pipe(new(pauseWriterThreshold: 1, resumeWriterThreshold: 1)); // what is sent is taken
        using var slow = pipe.Reader.AsStream();
        var importing = desk.Import.Run(slow, new(ImportMode.Delta), progress: null, Cancellation);
        await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(RegistryDesk.Csv("00000001,,,active,,slow,")), Cancellation);

        Assert.Equal(ImportOutcome.Applied, (await desk.Full("00000001,,,active,,first,", "00000002,,,active,,first,")).Outcome);
        await pipe.Writer.CompleteAsync();

        Assert.Equal(ImportOutcome.Applied, (await importing).Outcome);
        Assert.Equal("slow", (await desk.Find("00000001"))?.HomeStore);
        Assert.Equal("first", (await desk.Find("00000002"))?.HomeStore);
    }

    [Fact]
    public async Task Phones_and_birth_dates_are_nowhere_in_the_database()
    {
        TestDatabase.SkipOnPostgreSql("looks into the file");
        await desk.Full("00000001,09012345678,19710401,active,,,");
        desk.Execute("PRAGMA wal_checkpoint(TRUNCATE)");

        var bytes = await File.ReadAllBytesAsync(((SqliteDataSource)desk.Database.Source).File, Cancellation);

        Assert.True(bytes.AsSpan().IndexOf("00000001"u8) >= 0);
        Assert.True(bytes.AsSpan().IndexOf("9012345678"u8) < 0);
        Assert.True(bytes.AsSpan().IndexOf("19710401"u8) < 0);
    }

    private static RegistryRecord Line(long number, string member) => new(
        number, 0, member, RegistryRow.Of(member, "[]", null, "active", "[]", "crashed", null), RowNotes.None, null);

    private sealed class Each(Action<ImportProgress> action) : IProgress<ImportProgress>
    {
        public void Report(ImportProgress value) => action(value);
    }
}

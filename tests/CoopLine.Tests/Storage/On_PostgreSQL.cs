using System.Data.Common;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;
using CoopLine.Silo.Commands;
using CoopLine.Silo.Hosting;
using CoopLine.Silo.Storage;
using CoopLine.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CoopLine.Tests.Storage;

/// <summary>What SQLite needs no test for.</summary>
public sealed class On_PostgreSQL(AdoNetHost host) : IClassFixture<AdoNetHost>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("SELECT * FROM ledger WHERE receipt = 'x' ORDER BY receipt, seq")]
    [InlineData("SELECT * FROM standing_uses WHERE member = ANY (ARRAY['x', 'y']) AND (account = 'x' OR member = ANY (ARRAY['x'])) ORDER BY seq DESC")]
    [InlineData("SELECT 1 FROM ledger WHERE campaign = 'x' AND kind = 'used'")]
    [InlineData("SELECT * FROM ledger WHERE kind = 'unlinked' ORDER BY seq DESC LIMIT 50")]
    [InlineData("SELECT * FROM ledger WHERE store = 'x' AND at_utc >= now() AND at_utc < now() ORDER BY seq DESC LIMIT 50")]
    [InlineData("SELECT id FROM ledger AS link WHERE kind = 'linked' AND member = ANY (ARRAY['x', 'y']) AND NOT EXISTS (SELECT 1 FROM ledger AS ended WHERE ended.id = 'un' || link.id AND ended.receipt IS NULL)")]
    [InlineData("SELECT * FROM ledger WHERE at_utc >= now() ORDER BY seq DESC LIMIT 50")]
    [InlineData("SELECT GrainIdExtensionString FROM OrleansStorage WHERE Pending = 1 AND ModifiedOn < now() ORDER BY ModifiedOn LIMIT 9")]
    [InlineData("SELECT ctid FROM OrleansStorage WHERE GrainTypeString IN ('link-session', 'coupon-code') AND CreatedOn < now() AND ModifiedOn < now() AND Pending = 0 LIMIT 9 FOR UPDATE SKIP LOCKED")]
    [InlineData("SELECT * FROM linked_members WHERE member_number = 'x'")]
    [InlineData("SELECT id FROM campaigns WHERE definition IS NOT NULL ORDER BY id")]
    [InlineData("SELECT * FROM registry WHERE member_number = 'x'")]
    [InlineData("SELECT * FROM registry_replacement WHERE replaced_by = 'x'")]
    public async Task Questions_asked_often_have_an_index(string question)
    {
        TestDatabase.SkipOnSqlite("plans of PostgreSQL");
        await using var connection = await host.Database.OpenReader(Cancellation);
        await using var transaction = await connection.BeginTransactionAsync(Cancellation);
        await using (var small = connection.Command("SET LOCAL enable_seqscan = off")) // the tables are almost empty
            await small.ExecuteNonQueryAsync(Cancellation);
        await using var explain = connection.Command("EXPLAIN " + question);
        await using var row = await explain.ExecuteReaderAsync(Cancellation);
        var plan = new List<string>();
        while (await row.ReadAsync(Cancellation)) plan.Add(row.GetString(0));

        Assert.DoesNotContain(plan, step =>
            step.Contains("Seq Scan", StringComparison.Ordinal)
            && !step.Contains("registry_import", StringComparison.Ordinal)); // a row an import
    }

    [Theory]
    [InlineData("SELECT * FROM ledger WHERE {receipt} ORDER BY receipt, seq")]
    [InlineData("SELECT * FROM registry WHERE {member_number}")]
    public async Task Questions_for_any_list_have_an_index(string question)
    {
        TestDatabase.SkipOnSqlite("plans of PostgreSQL");
        var column = question.Split('{', '}')[1];
        var sql = question.Replace($"{{{column}}}", host.Database.IsAmong(column, "$1"), StringComparison.Ordinal);
        await using var connection = await host.Database.OpenReader(Cancellation);
        await using (var prepare = connection.Command($"SET plan_cache_mode = force_generic_plan; PREPARE list (text[]) AS {sql}"))
            await prepare.ExecuteNonQueryAsync(Cancellation);
        var plan = new List<string>();
        await using (var explain = connection.Command("EXPLAIN EXECUTE list (ARRAY['x', 'y'])"))
        await using (var row = await explain.ExecuteReaderAsync(Cancellation))
            while (await row.ReadAsync(Cancellation)) plan.Add(row.GetString(0));

        Assert.Contains(plan, step =>
            step.Contains("Index Cond", StringComparison.Ordinal) && step.Contains($"{column} = ANY", StringComparison.Ordinal));
        await using var tidy = connection.Command("DEALLOCATE list; RESET plan_cache_mode");
        await tidy.ExecuteNonQueryAsync(Cancellation);
    }

    [Fact]
    public async Task No_plan_made_for_an_empty_table_reads_it_whole_or_is_worth_translating()
    {
        TestDatabase.SkipOnSqlite("plans of PostgreSQL");

        Assert.Equal("off", await host.Scalar<string>("SHOW enable_seqscan"));
        Assert.Equal("off", await host.Scalar<string>("SHOW jit"));
    }

    [Fact]
    public async Task No_index_has_what_every_write_changes()
    {
        TestDatabase.SkipOnSqlite("heap-only updates");

        Assert.Equal(0L, await host.Scalar<long>(
            "SELECT count(*) FROM pg_indexes WHERE tablename = 'orleansstorage' AND indexdef ~* 'payload|modifiedon|version'"));
    }

    [Theory]
    [InlineData("aa", true, true)]
    [InlineData("bb", true, false)]
    [InlineData("bb", false, true)]
    public async Task A_receipt_that_two_file_at_once_gets_the_request_of_the_first_to_commit(
        string second, bool firstCommits, bool secondIsFiled)
    {
        TestDatabase.SkipOnSqlite("several writers");
        var receipt = $"2026-11-22/0123/09/{second}{firstCommits}";
        await using var one = await host.Database.OpenWriter(Cancellation);
        await using var other = await host.Database.OpenWriter(Cancellation);
        var begun = await one.BeginTransactionAsync(Cancellation);
        await Insert(one, "k-one-" + receipt, Rows.Used(receipt, "tofu", "1"));
        var waiting = Insert(other, "k-other-" + receipt, Rows.Used(receipt, "milk", "1", second));
        await host.UntilWaiting(1, Cancellation);
        if (firstCommits) await begun.CommitAsync(Cancellation);
        else await begun.RollbackAsync(Cancellation);

        if (secondIsFiled) await waiting;
        else Assert.True(StorageRefusal.IsReceiptOfAnotherRequest(await Assert.ThrowsAsync<PostgresException>(() => waiting)));
        var filed = await host.Service<ILedger>().OfReceipt(receipt, Cancellation);
        Assert.Equal((firstCommits ? 1 : 0) + (secondIsFiled ? 1 : 0), filed.Length);
    }

    [Fact]
    public async Task Of_a_sale_and_its_void_that_two_file_at_once_the_second_is_refused()
    {
        TestDatabase.SkipOnSqlite("several writers");
        const string receipt = "2026-11-22/0123/09/void";
        await using var one = await host.Database.OpenWriter(Cancellation);
        await using var other = await host.Database.OpenWriter(Cancellation);
        var begun = await one.BeginTransactionAsync(Cancellation);
        await Insert(one, "k-one-" + receipt, Rows.VoidBeforeItsSale(receipt));
        var waiting = Insert(other, "k-other-" + receipt, Rows.Used(receipt, "tofu", "1", decision: "02"));
        await host.UntilWaiting(1, Cancellation);
        await begun.CommitAsync(Cancellation);

        Assert.True(StorageRefusal.IsReceiptOfAnotherRequest(await Assert.ThrowsAsync<PostgresException>(() => waiting)));
        Assert.Single(await host.Service<ILedger>().OfReceipt(receipt, Cancellation));
    }

    [Fact]
    public async Task One_statement_files_the_rows_of_many_states()
    {
        TestDatabase.SkipOnSqlite("the trigger by statement");
        await using var connection = await host.Database.OpenWriter(Cancellation);
        await using var insert = connection.Command(
            """
            INSERT INTO OrleansStorage
            SELECT i, 1, 0, 0, 'coupon', 'k-many-' || i, 'test', convert_to(json_build_object('ledger', json_build_array(
                json_build_object('id', 'many-' || i, 'kind', 'used', 'at', '2026-11-22T12:00:00+09:00',
                    'receipt', '2026-11-22/0123/09/many-' || i % 2, 'requestHash', 'aa')))::text, 'UTF8'), 1, now(), now(), 0
            FROM generate_series(1, 100) AS i
            """);
        await insert.ExecuteNonQueryAsync(Cancellation);

        Assert.Equal(50, (await host.Service<ILedger>().OfReceipt("2026-11-22/0123/09/many-1", Cancellation)).Length);
    }

    [Fact]
    public async Task The_service_changes_no_table_and_no_query()
    {
        TestDatabase.SkipOnSqlite("roles");
        foreach (var forbidden in new[]
        {
            "CREATE TABLE mine (x int)", "UPDATE OrleansQuery SET QueryText = 'SELECT 1'", "DELETE FROM ledger",
            "ALTER TABLE ledger DISABLE TRIGGER ALL", "DELETE FROM schemaversions",
        })
        {
            await using var connection = await host.Database.OpenWriter(Cancellation);
            await using var command = connection.Command(forbidden);
            var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync(Cancellation));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
        }
    }

    [Fact]
    public async Task The_stored_queries_are_those_of_the_contract()
    {
        TestDatabase.SkipOnSqlite("clustering");

        Assert.Equal(
            "CleanupDefunctSiloEntriesKey,CleanupDefunctSiloEntryKey,ClearStorageKey,DeleteMembershipTableEntriesKey,"
            + "GatewaysQueryKey,InsertMembershipKey,InsertMembershipVersionKey,MembershipReadAllKey,MembershipReadRowKey,"
            + "ReadFromStorageKey,UpdateIAmAlivetimeKey,UpdateMembershipKey,WriteToStorageKey",
            await host.Scalar<string>("SELECT string_agg(QueryKey, ',' ORDER BY QueryKey COLLATE \"C\") FROM OrleansQuery"));
    }

    [Fact]
    public async Task Programs_that_migrate_together_migrate_once_and_the_service_starts_only_then()
    {
        TestDatabase.SkipOnSqlite("migrations");
        var empty = Postgres.Running.Create(empty: true);
        try
        {
            using var database = PostgreSqlDatabase.Connect(empty, NullLoggerFactory.Instance);
            var refused = Assert.Throws<SchemaException>(() => PostgreSqlMigrations.Check(database));
            Assert.Contains("\"migrate\"", refused.Message, StringComparison.Ordinal);

            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(
                () => PostgreSqlMigrations.Apply(database, NullLoggerFactory.Instance))));
            PostgreSqlMigrations.Apply(database, NullLoggerFactory.Instance);
            PostgreSqlMigrations.Check(database);

            PostgresServer.Execute(empty, "DELETE FROM schemaversions WHERE scriptname LIKE '%0010%'");
            var older = Assert.Throws<SchemaException>(() => PostgreSqlMigrations.Check(database));
            Assert.Contains("Missing: PostgreSql/0010-registry.sql.", older.Message, StringComparison.Ordinal);
        }
        finally
        {
            Postgres.Running.Drop(empty);
        }
    }

    [Fact]
    public void The_command_migrates_and_says_what_it_could_not_do()
    {
        TestDatabase.SkipOnSqlite("migrations");
        var empty = Postgres.Running.Create(empty: true);
        try
        {
            string[] settings = ["--CoopLine:Storage:Provider=PostgreSql", $"--ConnectionStrings:CoopLine={empty}"];
            Assert.Equal(0, MigrateCommand.Run(settings));
            Assert.Equal(0, MigrateCommand.Run([.. settings, "--environment=Development"])); // there, all services are checked
            Assert.Equal(1, MigrateCommand.Run([settings[0], $"--ConnectionStrings:CoopLine={empty};Database=nowhere"]));
            Assert.Throws<MissingSettingsException>(() => MigrateCommand.Run([settings[0]]));
        }
        finally
        {
            Postgres.Running.Drop(empty);
        }
    }

    private static async Task Insert(DbConnection connection, string key, LedgerRow row)
    {
        await using var insert = connection.Command(
            "INSERT INTO OrleansStorage VALUES (1, 1, 0, 0, 'coupon', @key, 'test', @payload, 1, now(), now(), 0)",
            ("@key", key),
            ("@payload", System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(Rows.With(row), StateJson.Options)));
        await insert.ExecuteNonQueryAsync(Cancellation);
    }
}

using CoopLine.Silo.Storage;
using CoopLine.Tests.Fixtures;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace CoopLine.Tests.Storage;

public sealed class Opening_the_database : IDisposable
{
    private readonly Sqlite sqlite = new();

    public Opening_the_database() => TestDatabase.SkipOnPostgreSql("about SQLite");

    public void Dispose() => sqlite.Dispose();

    [Fact]
    public void Migrations_run_once_however_often_the_program_starts()
    {
        using var first = sqlite.Open();
        const string run = "SELECT group_concat(ScriptName) FROM (SELECT ScriptName FROM SchemaVersions ORDER BY 1)";
        var scripts = (string)Scalar(first, run);
        using var second = sqlite.Open();

        Assert.StartsWith(
            "Sqlite/0001-orleans-storage.sql,Sqlite/0002-ledger.sql", scripts, StringComparison.Ordinal);
        Assert.Equal(scripts, Scalar(second, run));
    }

    [Fact]
    public async Task Programs_that_start_together_migrate_once()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => sqlite.Open().Dispose())));

        using var database = sqlite.Open();
        Assert.Equal(1L, Scalar(database, "SELECT count(*) FROM SchemaVersions WHERE ScriptName LIKE '%0001%'"));
    }

    [Fact]
    public void The_stored_queries_are_those_of_the_contract()
    {
        using var database = sqlite.Open();

        Assert.Equal(
            "ClearStorageKey,ReadFromStorageKey,WriteToStorageKey",
            Scalar(database, "SELECT group_concat(QueryKey) FROM (SELECT QueryKey FROM OrleansQuery ORDER BY QueryKey)"));
    }

    [Fact]
    public void A_commit_is_on_the_disk_before_it_is_reported()
    {
        using var database = sqlite.Open();
        using var connection = database.OpenConnection();
        object? Pragma(string name)
        {
            using var command = connection.CreateCommand();
            command.CommandText = $"PRAGMA {name}";
            return command.ExecuteScalar();
        }

        Assert.Equal("wal", Pragma("journal_mode"));
        Assert.Equal(2L, Pragma("synchronous")); // FULL
        Assert.Equal(1L, Pragma("foreign_keys"));
        Assert.Equal(5000L, Pragma("busy_timeout"));
    }

    [Fact]
    public async Task Writers_of_one_file_come_one_after_another_through_whatever_data_source()
    {
        using var one = sqlite.Open();
        using var other = sqlite.Open();
        var first = await one.OpenConnectionAsync();
        var second = other.OpenConnectionAsync().AsTask();

        Assert.False(second.IsCompleted);
        using (var reader = other.OpenReader()) Assert.NotNull(reader.ServerVersion); // a reader does not wait

        await first.DisposeAsync();
        await (await second.WaitAsync(TimeSpan.FromMinutes(1))).DisposeAsync();
    }

    [Fact]
    public async Task A_writer_that_gives_up_waiting_leaves_the_gate_in_order()
    {
        using var database = sqlite.Open();
        using var patience = new CancellationTokenSource();
        var first = await database.OpenConnectionAsync();
        var second = database.OpenConnectionAsync(patience.Token).AsTask();
        await patience.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        await first.DisposeAsync();
        await first.DisposeAsync(); // twice gives the gate back once
        var third = await database.OpenConnectionAsync();
        var fourth = database.OpenConnectionAsync().AsTask();
        Assert.False(fourth.IsCompleted);
        await third.DisposeAsync();
        await (await fourth.WaitAsync(TimeSpan.FromMinutes(1))).DisposeAsync();
    }

    [Fact]
    public async Task A_reader_sees_what_was_committed_and_changes_nothing()
    {
        using var database = sqlite.Open();
        await using var writer = await database.OpenConnectionAsync();
        await using var change = writer.CreateCommand();
        change.CommandText = "CREATE TABLE seen (x INTEGER); INSERT INTO seen VALUES (7);";
        await change.ExecuteNonQueryAsync();

        using var reader = database.OpenReader();
        using var look = reader.CreateCommand();
        look.CommandText = "SELECT x FROM seen";
        Assert.Equal(7L, look.ExecuteScalar());
        look.CommandText = "DELETE FROM seen";
        Assert.Throws<SqliteException>(() => look.ExecuteNonQuery());
    }

    [Fact]
    public async Task A_statement_that_fails_spoils_nothing_for_the_next()
    {
        using var database = sqlite.Open();
        foreach (var bad in new[] { "SELECT", "INSERT INTO ledger (id) VALUES (NULL)", "INSERT INTO nowhere VALUES (1)" })
        {
            await using var connection = await database.OpenConnectionAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = bad;
            await Assert.ThrowsAsync<SqliteException>(() => command.ExecuteNonQueryAsync());
        }

        await using var next = await database.OpenConnectionAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1));
        await using var transaction = await next.BeginTransactionAsync();
        await transaction.CommitAsync();
    }

    [Fact]
    public void A_folder_that_cannot_be_used_is_named()
    {
        var file = Path.Combine(sqlite.DataDirectory, "not-a-folder");
        File.WriteAllText(file, "");
        using var database = new SqliteDataSource(Path.Combine(file, "coopline.db"), TimeProvider.System);

        var refused = Assert.Throws<InvalidOperationException>(
            () => SqliteMigrations.Apply(database, NullLoggerFactory.Instance));
        Assert.Contains("CoopLine:DataDirectory", refused.Message, StringComparison.Ordinal);
        Assert.Contains(database.File, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_database_is_named_and_left_alone()
    {
        File.WriteAllText(sqlite.File, new string('x', 4096));

        var refused = Assert.Throws<InvalidOperationException>(() => sqlite.Open());
        Assert.Contains(sqlite.File, refused.Message, StringComparison.Ordinal);
        Assert.Equal(new string('x', 4096), File.ReadAllText(sqlite.File));
    }

    private static object Scalar(SqliteDataSource database, string sql)
    {
        using var connection = database.OpenReader();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar()!;
    }
}

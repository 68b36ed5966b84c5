using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace CoopLine.Silo.Storage;

/// <summary>
/// One SQLite file. SQLite has one writer at a time and lets others wait by sleeping; here they wait asynchronously, in
/// order, before their connection opens. Never open a second connection while holding one: it would wait for ever.
/// </summary>
internal sealed class SqliteDataSource : DbDataSource
{
    // By file and for the whole process: two hosts in one process may share a file.
    private static readonly ConcurrentDictionary<string, SemaphoreSlim> Gates = new(StringComparer.Ordinal);

    private readonly SemaphoreSlim gate;
    private readonly TimeProvider clock;
    private readonly string readOnly;

    public SqliteDataSource(string file, TimeProvider clock)
    {
        File = Path.GetFullPath(file);
        this.clock = clock;
        gate = Gates.GetOrAdd(File, _ => new SemaphoreSlim(1));
        ConnectionString = Connect(SqliteOpenMode.ReadWriteCreate);
        readOnly = Connect(SqliteOpenMode.ReadOnly);
    }

    public string File { get; }

    public override string ConnectionString { get; }

    /// <summary>The one connection that may write, when its turn has come.</summary>
    public async Task<SqliteConnection> OpenWriter(CancellationToken cancellation) =>
        (SqliteConnection)await OpenConnectionAsync(cancellation);

    /// <summary>The file's turn to be written, for somebody who keeps a connection of their own; over when disposed.</summary>
    public async Task<IDisposable> Turn(CancellationToken cancellation)
    {
        await gate.WaitAsync(cancellation).ConfigureAwait(false);
        return new Held(gate);
    }

    /// <summary>
    /// A connection that writes only while its owner has a <see cref="Turn"/>, and stays open between them. Not pooled: when
    /// it is closed, what it did not commit is gone.
    /// </summary>
    public SqliteConnection OpenKeptWriter()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder(ConnectionString) { Pooling = false }.ToString());
        try
        {
            connection.Open();
            Prepare(connection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>
    /// A connection for reading beside the writer: in WAL mode it sees everything committed before it was opened, and
    /// neither waits for a writer nor holds one up.
    /// </summary>
    public SqliteConnection OpenReader()
    {
        var connection = new SqliteConnection(readOnly);
        connection.Open();
        return connection;
    }

    /// <summary>The form in which times are stored: text that sorts by time.</summary>
    public static string Timestamp(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>
    /// What the connection string has no keywords for. A commit is on the disk before it is reported; other processes (a
    /// backup, sqlite3) may hold the file for a moment.
    /// </summary>
    public static void Prepare(SqliteConnection connection)
    {
        using var pragmas = connection.CreateCommand();
        pragmas.CommandText = """
            PRAGMA synchronous = FULL;
            PRAGMA busy_timeout = 5000;
            PRAGMA recursive_triggers = ON; -- REPLACE deletes, and the ledger must notice
            """;
        pragmas.ExecuteNonQuery();
    }

    protected override DbConnection CreateDbConnection() => new GatedConnection(ConnectionString, gate, clock);

    /// <summary>Closes the pooled connections, so that the file can be moved or deleted.</summary>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        ClearPools();
    }

    protected override async ValueTask DisposeAsyncCore()
    {
        await base.DisposeAsyncCore();
        ClearPools();
    }

    private void ClearPools()
    {
        foreach (var pooled in new[] { ConnectionString, readOnly })
        {
            using var connection = new SqliteConnection(pooled);
            SqliteConnection.ClearPool(connection);
        }
    }

    private string Connect(SqliteOpenMode mode) => new SqliteConnectionStringBuilder
    {
        DataSource = File,
        Mode = mode,
        ForeignKeys = true,
    }.ToString();

    private sealed class Held(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}

/// <summary>Holds the file's gate from open to close. Every command knows the time as <c>@Now</c>.</summary>
internal sealed class GatedConnection(string connectionString, SemaphoreSlim gate, TimeProvider clock)
    : SqliteConnection(connectionString)
{
    private bool holdsGate;

    public override void Open()
    {
        if (State == ConnectionState.Open) throw new InvalidOperationException("The connection is already open.");
        gate.Wait();
        OpenBehindGate();
    }

    public override async Task OpenAsync(CancellationToken cancellationToken)
    {
        if (State == ConnectionState.Open) throw new InvalidOperationException("The connection is already open.");
        await gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        OpenBehindGate();
    }

    public override void Close()
    {
        try
        {
            base.Close();
        }
        finally
        {
            if (holdsGate) gate.Release();
            holdsGate = false;
        }
    }

    public override SqliteCommand CreateCommand()
    {
        var command = base.CreateCommand();
        command.Parameters.AddWithValue("@Now", SqliteDataSource.Timestamp(clock.GetUtcNow()));
        return command;
    }

    private void OpenBehindGate()
    {
        holdsGate = true;
        try
        {
            base.Open();
            SqliteDataSource.Prepare(this);
        }
        catch
        {
            Close();
            throw;
        }
    }
}

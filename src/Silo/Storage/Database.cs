using System.Data.Common;
using CoopLine.Grains.Storage;

namespace CoopLine.Silo.Storage;

/// <summary>The database, whichever it is: its connections, and the few words of SQL that the two engines do not share.</summary>
internal abstract class Database
{
    /// <summary>Seconds, for a statement that looks at all rows; a till would not wait so long.</summary>
    public const int PatienceSeconds = 60;

    /// <summary>SQL: the number of the registry's newest applied import, 0 for none.</summary>
    public const string NewestImport = "SELECT coalesce(max(id), 0) FROM registry_import WHERE status = 'applied'";

    /// <summary>
    /// SQL: the table <c>predecessor</c> of one column <c>number</c>, in front of a query: the numbers that this one replaced, and those
    /// that they replaced. UNION ends a circle, and then the number itself is among them.
    /// </summary>
    public static string Predecessors(string number) => $"""
        WITH RECURSIVE predecessor (number) AS (
            SELECT member_number FROM registry_replacement WHERE replaced_by = {number}
            UNION
            SELECT earlier.member_number
            FROM predecessor
            JOIN registry_replacement AS earlier ON earlier.replaced_by = predecessor.number)
        """;

    /// <summary>Its connections.</summary>
    public abstract DbDataSource Source { get; }

    /// <summary>The connections of Orleans' own storage provider.</summary>
    public virtual DbDataSource OfProvider => Source;

    /// <summary>Orleans' name for the engine's driver.</summary>
    public abstract string Invariant { get; }

    /// <summary>A connection for reading, which never waits for a writer.</summary>
    public abstract ValueTask<DbConnection> OpenReader(CancellationToken cancellation);

    /// <summary>A connection that may write. Never open one while holding one.</summary>
    public abstract ValueTask<DbConnection> OpenWriter(CancellationToken cancellation);

    /// <summary>How many rows bulk work may write in one transaction, so that nobody waits for long.</summary>
    public abstract int ChunkRows { get; }

    /// <summary>How many connections write at once when bulk work is divided.</summary>
    public abstract int Writers { get; }

    /// <summary>SQL: keeps a row that a transaction has read from being changed until it ends.</summary>
    public abstract string Share { get; }

    /// <summary>A time as a parameter that can be stored and compared with stored ones.</summary>
    public abstract object Time(DateTimeOffset time);

    /// <summary>SQL: a column's text, a time with its offset, as something that compares with <see cref="Time"/>.</summary>
    public abstract string Moment(string column);

    /// <summary>SQL: milliseconds since 1970, as something that compares with <see cref="Time"/>.</summary>
    public abstract string MomentOf(string milliseconds);

    /// <summary>SQL, in front of a statement of a transaction that looks at all rows of large tables; null: nothing.</summary>
    protected abstract string? ForAllRows { get; }

    /// <summary>For the rest of a transaction, whose statements look at all rows of large tables.</summary>
    public async Task LookAtAll(DbConnection connection, CancellationToken cancellation)
    {
        if (ForAllRows is not { } sql) return;
        await using var command = connection.Command(sql);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>A list of words as a parameter for <see cref="IsAmong"/>.</summary>
    public abstract object List(IEnumerable<string> words);

    /// <summary>SQL: whether a column's value is in the list of a parameter.</summary>
    public abstract string IsAmong(string column, string parameter);

    /// <summary>SQL: whether a column of bytes has the bytes of a parameter somewhere.</summary>
    public abstract string Holds(string column, string parameter);

    /// <summary>SQL: a table whose rows are the elements of a parameter's JSON array, in the column <c>value</c>.</summary>
    public abstract string Elements(string parameter);

    /// <summary>SQL: a table whose rows are the texts of a column's JSON array, in the column <c>value</c>.</summary>
    public abstract string Texts(string column);

    /// <summary>SQL: a column's values as a JSON array.</summary>
    public abstract string JsonArray(string column);

    /// <summary>SQL: the column by whose index short-lived states are found: when they were written, first or last.</summary>
    public abstract string WrittenOn { get; }

    /// <summary>
    /// SQL: deletes at most <c>@batch</c> of the states that lose their meaning by themselves and were last written
    /// before <c>@before</c>.
    /// </summary>
    public abstract string Prune { get; }

    /// <summary>
    /// SQL: deletes at most <c>@batch</c> of the codes last written between <c>@since</c> and <c>@before</c> around which their
    /// member used nothing. A code's row is last written when it is issued or ended; both are within five minutes of its use.
    /// </summary>
    public abstract string PruneUnusedCodes { get; }

    /// <summary>SQL: a write that nobody ever reads, for whoever wants to know whether writing works.</summary>
    public abstract string TryWriting { get; }

    /// <summary>SQL: the names of those states.</summary>
    protected const string ShortLived = $"'{StateNames.LinkSession}', '{StateNames.CouponCode}'";
}

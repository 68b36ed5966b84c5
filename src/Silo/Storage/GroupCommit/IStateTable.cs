namespace CoopLine.Silo.Storage.GroupCommit;

/// <summary>The table OrleansStorage of one database engine, many rows at a time.</summary>
internal interface IStateTable
{
    /// <summary>
    /// Writes all of them in one transaction, as if one after the other in some order. Each gets its own result: a
    /// conflict or a refused row fails alone. When this returns, what succeeded is on disk; when it throws, nobody knows,
    /// and every write without a result fails.
    /// </summary>
    Task Commit(IReadOnlyList<StateWrite> writes);

    /// <summary>Reads all of them with one statement, and gives each its result.</summary>
    Task Read(IReadOnlyList<StateRead> reads);
}

using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace CoopLine.Silo.Storage.GroupCommit;

/// <summary>
/// One connection that writes and one that reads. Both stay open, since opening one and parsing its statements costs
/// more than running them; a connection that failed is replaced.
/// </summary>
internal sealed class SqliteStateTable(SqliteDataSource database, IOptions<ClusterOptions> cluster, TimeProvider clock)
    : IStateTable, IDisposable
{
    /// <summary>SQL: which row it is.</summary>
    public const string Identity = """
        GrainIdHash = @KeyHash AND GrainTypeHash = @NameHash AND GrainIdN0 = 0 AND GrainIdN1 = 0
        AND GrainTypeString = @StateName AND GrainIdExtensionString = @Key AND ServiceId = @ServiceId
        """;

    public static readonly string[] IdentityParameters = ["@KeyHash", "@NameHash", "@StateName", "@Key", "@ServiceId"];

    private readonly string serviceId = cluster.Value.ServiceId;
    private readonly Lock reading = new();
    private SqliteWriter? writer; // of whoever has the file's turn
    private SqliteConnection? reader;
    private SqliteStatement? select;

    public async Task Commit(IReadOnlyList<StateWrite> writes)
    {
        using var turn = await database.Turn(CancellationToken.None);
        try
        {
            writer ??= new(database.OpenKeptWriter(), serviceId, clock);
            writer.Commit(writes);
        }
        catch
        {
            CloseWriter();
            throw;
        }
    }

    public Task Read(IReadOnlyList<StateRead> reads)
    {
        lock (reading)
        {
            try
            {
                select ??= new(
                    reader = database.OpenReader(), $"SELECT PayloadBinary, Version FROM OrleansStorage WHERE {Identity}",
                    IdentityParameters);
                foreach (var read in reads)
                {
                    using var found = select.Query(
                        read.Row.KeyHash, read.Row.NameHash, read.Row.StateName, read.Row.Key, serviceId);
                    read.Succeed(found.Read()
                        ? new(found.IsDBNull(0) ? null : found.GetFieldValue<byte[]>(0), found.GetInt32(1))
                        : null);
                }
            }
            catch
            {
                CloseReader();
                throw;
            }
        }

        return Task.CompletedTask;
    }

    public void Dispose()
    {
        CloseWriter();
        lock (reading) CloseReader();
    }

    private void CloseWriter()
    {
        writer?.Dispose();
        writer = null;
    }

    private void CloseReader()
    {
        select?.Dispose();
        reader?.Dispose();
        (select, reader) = (null, null);
    }
}

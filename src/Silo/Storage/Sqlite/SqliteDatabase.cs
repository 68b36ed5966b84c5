using System.Data.Common;
using System.Text.Json;

namespace CoopLine.Silo.Storage;

internal sealed class SqliteDatabase(SqliteDataSource source) : Database
{
    public override DbDataSource Source => source;

    public override string Invariant => "System.Data.SQLite"; // which stands for Microsoft.Data.Sqlite

    public override string WrittenOn => "ModifiedOn";

    public override string Prune => $"""
        DELETE FROM OrleansStorage
        WHERE rowid IN (
            SELECT rowid
            FROM OrleansStorage
            WHERE GrainTypeString IN ({ShortLived}) AND ModifiedOn < @before AND Pending = 0
            LIMIT @batch)
        """;

    public override ValueTask<DbConnection> OpenReader(CancellationToken cancellation) => new(source.OpenReader());

    public override ValueTask<DbConnection> OpenWriter(CancellationToken cancellation) =>
        source.OpenConnectionAsync(cancellation);

    public override int ChunkRows => 2_000; // meanwhile no till can write

    public override int Writers => 1;

    public override string Share => ""; // there is one writer

    public override object Time(DateTimeOffset time) => SqliteDataSource.Timestamp(time);

    public override object List(IEnumerable<string> words) => JsonSerializer.Serialize(words);

    public override string IsAmong(string column, string parameter) =>
        $"{column} IN (SELECT value FROM json_each({parameter}))";

    public override string Elements(string parameter) => $"json_each({parameter})";

    public override string Texts(string column) => $"json_each({column})";

    public override string JsonArray(string column) => $"json_group_array({column})";
}

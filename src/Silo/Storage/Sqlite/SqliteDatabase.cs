using System.Data.Common;
using System.Text.Json;
using CoopLine.Grains.Storage;

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

    public override string PruneUnusedCodes => $"""
        DELETE FROM OrleansStorage
        WHERE rowid IN (
            SELECT code.rowid
            FROM OrleansStorage AS code
            WHERE GrainTypeString IN ({ShortLived}) AND GrainTypeString = '{StateNames.CouponCode}'
                AND ModifiedOn BETWEEN @since AND @before
                AND NOT EXISTS (
                    SELECT 1
                    FROM ledger AS used
                    WHERE used.member = CAST(code.PayloadBinary AS TEXT) ->> '$.grant.member' AND used.kind = 'used'
                        AND used.at_utc BETWEEN strftime('%Y-%m-%dT%H:%M:%fZ', code.ModifiedOn, '-5 minutes')
                            AND strftime('%Y-%m-%dT%H:%M:%fZ', code.ModifiedOn, '+5 minutes'))
            LIMIT @batch)
        """;

    // A number in the file's head that is the program's to use. It is written and committed even when it stays the same.
    public override string TryWriting => "PRAGMA user_version = 0";

    public override ValueTask<DbConnection> OpenReader(CancellationToken cancellation) => new(source.OpenReader());

    public override ValueTask<DbConnection> OpenWriter(CancellationToken cancellation) =>
        source.OpenConnectionAsync(cancellation);

    public override int ChunkRows => 2_000; // meanwhile no till can write

    public override int Writers => 1;

    public override string Share => ""; // there is one writer

    public override object Time(DateTimeOffset time) => SqliteDataSource.Timestamp(time);

    public override string Moment(string column) => $"strftime('%Y-%m-%dT%H:%M:%fZ', {column})";

    public override string MomentOf(string milliseconds) => $"strftime('%Y-%m-%dT%H:%M:%fZ', ({milliseconds}) / 1000.0, 'unixepoch')";

    protected override string? ForAllRows => null;

    public override object List(IEnumerable<string> words) => JsonSerializer.Serialize(words);

    public override string IsAmong(string column, string parameter) =>
        $"{column} IN (SELECT value FROM json_each({parameter}))";

    public override string Holds(string column, string parameter) => $"instr({column}, {parameter}) > 0";

    public override string Elements(string parameter) => $"json_each({parameter})";

    public override string Texts(string column) => $"json_each({column})";

    public override string JsonArray(string column) => $"json_group_array({column})";
}

using System.Data.Common;
using CoopLine.Grains.Storage;
using Npgsql;

namespace CoopLine.Silo.Storage;

/// <param name="source">Of Npgsql's connections.</param>
/// <param name="now">SQL: the time. The database's, which all silos share, except in tests.</param>
internal sealed class PostgreSqlDatabase(DbDataSource source, DbDataSource? unprepared = null, string now = "now()") : Database
{
    /// <summary>SQL: the time at which something is written.</summary>
    public string Now { get; } = now;

    public override DbDataSource Source => source;

    public override DbDataSource OfProvider => unprepared ?? source;

    public override string Invariant => "Npgsql";

    public override string WrittenOn => "CreatedOn";

    // By CreatedOn, because the index that leads here has no time that changes. Locked, so that nothing is written between
    // finding and deleting.
    public override string Prune => $"""
        DELETE FROM OrleansStorage
        WHERE ctid = ANY (ARRAY (
            SELECT ctid
            FROM OrleansStorage
            WHERE GrainTypeString IN ({ShortLived})
                AND CreatedOn < @before AND ModifiedOn < @before AND Pending = 0
            LIMIT @batch
            FOR UPDATE SKIP LOCKED))
        """;

    public override string PruneUnusedCodes => $"""
        DELETE FROM OrleansStorage
        WHERE ctid = ANY (ARRAY (
            SELECT code.ctid
            FROM OrleansStorage AS code
            WHERE GrainTypeString IN ({ShortLived}) AND GrainTypeString = '{StateNames.CouponCode}'
                AND CreatedOn BETWEEN @since AND @before AND ModifiedOn < @before
                AND NOT EXISTS (
                    SELECT 1
                    FROM ledger AS used
                    WHERE used.member = convert_from(code.PayloadBinary, 'UTF8')::json #>> ARRAY['grant', 'member'] AND used.kind = 'used'
                        AND used.at_utc BETWEEN code.ModifiedOn - interval '5 minutes' AND code.ModifiedOn + interval '5 minutes')
            LIMIT @batch
            FOR UPDATE SKIP LOCKED))
        """;

    // One row, which looks like a state that was cleared. Updating it leaves nothing behind: there is room on its page (HOT).
    public override string TryWriting => $"""
        INSERT INTO OrleansStorage
            (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString, GrainIdExtensionString, ServiceId,
             PayloadBinary, Version, ModifiedOn, Pending)
        VALUES (0, 0, 0, 0, 'readiness', '', '', NULL, 1, {Now}, 0)
        ON CONFLICT (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString, GrainIdExtensionString, ServiceId)
            DO UPDATE SET ModifiedOn = excluded.ModifiedOn
        """;

    // Prepare and plan_cache_mode: every statement comes again and again, and costs half when it is planned once. By itself,
    // PostgreSQL would plan a statement with a list anew each time.
    // enable_seqscan: a plan made while a table was empty would read it whole until its rows are counted; every query here
    // has an index. jit: a plan without one then looks so dear that PostgreSQL would compile it each time, for some tenths
    // of a second.
    // No Reset On Close: nothing is left on a connection that would have to be reset. Timeouts: a till does not wait long.
    private const string Defaults =
        "Application Name=coopline;Max Auto Prepare=100;Auto Prepare Min Usages=2;"
        + "Options=-c enable_seqscan=off -c jit=off -c plan_cache_mode=force_generic_plan;"
        + "No Reset On Close=true;Timeout=5;Command Timeout=10;";

    /// <summary>
    /// Comes behind a connection string, and is the key of the connections that have it: those of Orleans' own provider. A trigger
    /// may refuse what it writes, and a statement that fails at the moment at which Npgsql prepares it by itself leaves its
    /// connection unusable for the next one (npgsql issue 6391).
    /// </summary>
    public const string Unprepared = ";Max Auto Prepare=0";

    /// <summary>The operator's connection string overrides the defaults of this program.</summary>
    public static NpgsqlDataSource Connect(string connectionString, ILoggerFactory logs)
    {
        var builder = new NpgsqlDataSourceBuilder(Defaults + connectionString);
        builder.UseLoggerFactory(logs);
        return builder.Build();
    }

    public override ValueTask<DbConnection> OpenReader(CancellationToken cancellation) =>
        source.OpenConnectionAsync(cancellation);

    public override ValueTask<DbConnection> OpenWriter(CancellationToken cancellation) =>
        source.OpenConnectionAsync(cancellation);

    public override int ChunkRows => 20_000; // nobody waits for another's rows

    public override int Writers => 2;

    public override string Share => "FOR SHARE";

    public override object Time(DateTimeOffset time) => time.UtcDateTime;

    public override string Moment(string column) => $"{column}::timestamptz";

    public override string MomentOf(string milliseconds) => $"to_timestamp(({milliseconds}) / 1000.0)";

    // What serves statements that look for a few rows would be wrong here.
    protected override string ForAllRows => "SET LOCAL enable_seqscan = on; SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL work_mem = '64MB'";

    public override object List(IEnumerable<string> words) => words.ToArray();

    public override string IsAmong(string column, string parameter) => $"{column} = ANY ({parameter})";

    public override string Holds(string column, string parameter) => $"position({parameter} IN {column}) > 0";

    public override string Elements(string parameter) => $"json_array_elements({parameter}::json)";

    public override string Texts(string column) => $"json_array_elements_text({column}::json)";

    public override string JsonArray(string column) => $"coalesce(json_agg({column})::text, '[]')";
}

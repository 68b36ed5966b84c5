using System.Data.Common;
using System.Diagnostics.Metrics;
using CoopLine.Grains;
using CoopLine.Grains.Storage;
using CoopLine.Silo.Storage;

namespace CoopLine.Silo.Monitoring;

/// <summary>
/// Counts every half minute what is in the database and waits: unfinished work, and the codes and link sessions that are out.
/// Every process with grains tells the same numbers; take the largest, not the sum.
/// </summary>
internal sealed partial class Backlog : Rounds
{
    private static readonly TimeSpan CodesLive = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan SessionsLive = TimeSpan.FromMinutes(10);

    private static readonly string[] Unfinished = [StateNames.LineAccount, StateNames.Member, StateNames.Receipt];

    private readonly Database database;
    private readonly TimeProvider clock;
    private readonly ILogger<Backlog> log;
    private Counts? counts;

    public Backlog(Database database, TimeProvider clock, IMeterFactory meters, ILogger<Backlog> log)
        : base(TimeSpan.FromSeconds(30), TimeProvider.System, atOnce: true)
    {
        (this.database, this.clock, this.log) = (database, clock, log);
        var meter = meters.Create(Telemetry.Name);
        meter.CreateObservableGauge(
            "coopline.outbox.depth", () => Each(waiting => waiting.Count), "{state}",
            "States with work left, by state: line-account is LINE calls and links under way.");
        meter.CreateObservableGauge(
            "coopline.outbox.age", () => Each(waiting => waiting.Seconds), "s", "Since the longest waiting of them was last touched, by state.");
        meter.CreateObservableGauge("coopline.codes.active", () => One(now => now.Codes), "{code}", "Coupon codes given out in the last five minutes.");
        meter.CreateObservableGauge(
            "coopline.sessions.active", () => One(now => now.Sessions), "{session}", "Link sessions written in the last ten minutes.");
    }

    protected override async Task Round(CancellationToken stopping) => counts = await Count(stopping);

    /// <summary>The database does not answer: then nothing is told, rather than something old.</summary>
    protected override void Failed(Exception fault)
    {
        LogNotCounted(fault);
        counts = null;
    }

    private IEnumerable<Measurement<double>> Each(Func<Waiting, double> value) => counts is { } now
        ? [.. Unfinished.Select(state => new Measurement<double>(
            value(now.Waiting.GetValueOrDefault(state, new(0, 0))), new KeyValuePair<string, object?>("coopline.state", state)))]
        : [];

    private IEnumerable<Measurement<long>> One(Func<Counts, long> value) => counts is { } now ? [new(value(now))] : [];

    private async Task<Counts> Count(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        await using var connection = await database.OpenReader(cancellation);
        var waiting = new Dictionary<string, Waiting>();
        await using (var command = connection.Command(
            "SELECT GrainTypeString, count(*), min(ModifiedOn) FROM OrleansStorage WHERE Pending = 1 GROUP BY GrainTypeString"))
        await using (var row = await command.ExecuteReaderAsync(cancellation))
        {
            while (await row.ReadAsync(cancellation))
                waiting[row.GetString(0)] = new(row.GetInt64(1), Math.Max(0, (now.UtcDateTime - row.GetDateTime(2).ToUniversalTime()).TotalSeconds));
        }

        return new(
            waiting,
            await Since(connection, StateNames.CouponCode, now - CodesLive, cancellation),
            await Since(connection, StateNames.LinkSession, now - SessionsLive, cancellation));
    }

    private async Task<long> Since(DbConnection connection, string state, DateTimeOffset since, CancellationToken cancellation)
    {
        // The words of the index, so that it is found.
        await using var command = connection.Command(
            $"""
            SELECT count(*)
            FROM OrleansStorage
            WHERE GrainTypeString IN ('link-session', 'coupon-code') AND {database.WrittenOn} >= @since AND GrainTypeString = @state
            """,
            ("@since", database.Time(since)), ("@state", state));
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    [LoggerMessage(LogLevel.Warning, "What waits could not be counted")]
    private partial void LogNotCounted(Exception e);

    private sealed record Waiting(long Count, double Seconds);

    private sealed record Counts(IReadOnlyDictionary<string, Waiting> Waiting, long Codes, long Sessions);
}

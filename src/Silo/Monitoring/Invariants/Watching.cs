using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using CoopLine.Grains;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;
using CoopLine.Silo.Storage;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CoopLine.Silo.Monitoring.Invariants;

/// <summary>
/// Has the <see cref="InvariantWatcher"/> look every ten seconds, in one process of the cluster: a metric, a detail of
/// readiness, and an error in the log for each violation.
/// </summary>
internal sealed partial class Watching : Rounds, IHealthCheck
{
    /// <summary>At start it looks back so far: what went wrong while nobody watched is found.</summary>
    private const long LookBackRows = 10_000;

    private const int RememberedMax = 10_000;

    private readonly Database database;
    private readonly Func<long, InvariantWatcher> watcher;
    private readonly ISiloStatusOracle silos;
    private readonly ILogger<Watching> log;
    private ImmutableHashSet<Violation> known = [];
    private InvariantWatcher? mine;

    public Watching(
        Database database, ILedger ledger, IStateReader states, ISiloStatusOracle silos,
        IMeterFactory meters, ILogger<Watching> log)
        : base(TimeSpan.FromSeconds(10), TimeProvider.System, atOnce: false)
    {
        (this.database, this.silos, this.log) = (database, silos, log);
        watcher = from => new(database, ledger, states, TimeProvider.System, from);
        meters.Create(Telemetry.Name).CreateObservableGauge(
            "coopline.invariant.violations", Count, "{violation}", "Violations found since this process began to watch: must be 0.");
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(known.IsEmpty
            ? HealthCheckResult.Healthy("No violation.")
            : HealthCheckResult.Degraded($"{known.Count} violations: see the log."));

    protected override async Task Round(CancellationToken stopping)
    {
        if (!IsFirst())
        {
            mine = null;
            return;
        }

        mine ??= watcher(await Start(stopping));
        foreach (var violation in await mine.Check(stopping)) Report(violation);
        Telemetry.Looks.Add(1);
    }

    protected override void Failed(Exception fault)
    {
        LogNotLooked(fault);
        mine = null; // Begins again, some way back.
    }

    /// <summary>One process is enough. While silos come and go, two may look or none; nothing depends on it.</summary>
    private bool IsFirst() => silos.GetApproximateSiloStatuses(onlyActive: true).Keys.Min() is { } first && first.Equals(silos.SiloAddress);

    private async Task<long> Start(CancellationToken cancellation)
    {
        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command("SELECT coalesce(max(seq), 0) FROM ledger");
        return Math.Max(0, (long)(await command.ExecuteScalarAsync(cancellation))! - LookBackRows);
    }

    private void Report(Violation violation)
    {
        if (known.Contains(violation) || known.Count >= RememberedMax) return;
        known = known.Add(violation);
        LogViolation(violation.Invariant, PersonalData.Mask(violation.What), violation.Traces);
    }

    private IEnumerable<Measurement<long>> Count() => Enum.GetValues<Invariant>().Select(invariant => new Measurement<long>(
        known.Count(one => one.Invariant == invariant), new KeyValuePair<string, object?>("coopline.invariant", invariant.ToString())));

    [LoggerMessage(LogLevel.Error, "Invariant {Invariant} is violated: {What}; traces {Traces}")]
    private partial void LogViolation(Invariant invariant, string what, string traces);

    [LoggerMessage(LogLevel.Warning, "The invariants could not be looked at; the next round begins again some way back")]
    private partial void LogNotLooked(Exception e);
}

using System.Collections.Immutable;
using CoopLine.Webhook.Pos;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace CoopLine.Webhook.Ops;

/// <summary>What is not well now, as far as this process can see: the first thing that the operations page says.</summary>
internal sealed class Troubles(Vitals vitals, RecentErrors errors, UnknownCodes unknown, HealthCheckService health, TimeProvider clock)
{
    public const int UnknownCodesMost = 20;

    private const int LockoutsMost = 10;
    private const int LineFailuresMost = 5;
    private const double SlowSeconds = 1;
    private const double WaitsTooLongSeconds = 300;
    private const int AnswersThatTell = 20;

    private static readonly TimeSpan Lately = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan ErrorsLately = TimeSpan.FromMinutes(15);

    /// <summary>Till calls took too long.</summary>
    public bool IsSlow => Last(Lately).Any(one => one.P99 > SlowSeconds);

    /// <summary>Most of the answers to tills were refusals.</summary>
    public bool IsRefusing
    {
        get
        {
            var (refused, redeemed) = (Last(Lately).Sum(one => one.Refused), Last(Lately).Sum(one => one.Redeemed));
            return refused + redeemed >= AnswersThatTell && refused > redeemed;
        }
    }

    public bool IsLineFailing => Last(Lately).Sum(one => one.LineFailures) >= LineFailuresMost;

    /// <returns>A sentence for each; none when all is well.</returns>
    public async Task<ImmutableArray<string>> Now(IReadOnlyCollection<(string Address, string Status)> silos, CancellationToken cancellation = default)
    {
        var found = new List<string>();
        var checks = await health.CheckHealthAsync(cancellation);
        foreach (var (name, check) in checks.Entries.Where(check => check.Value.Status is not HealthStatus.Healthy))
            found.Add(OpsTexts.All["TroubleCheck", name, check.Description]);
        if (vitals.Gauge("coopline.invariant.violations") is > 0 and var violations) found.Add($"{OpsTexts.All["Violations"]}: {violations}");
        foreach (var (address, status) in silos.Where(silo => silo.Status != "Active")) found.Add(OpsTexts.All["TroubleSilo", address, status]);
        if (vitals.Gauge("coopline.outbox.age") is > WaitsTooLongSeconds and var waits) found.Add(OpsTexts.All["TroubleWaiting", Math.Round(waits / 60)]);
        if (IsSlow) found.Add(OpsTexts.All["TroubleSlow"]);
        if (IsRefusing) found.Add(OpsTexts.All["TroubleRefusing"]);
        if (IsLineFailing) found.Add(OpsTexts.All["TroubleLine"]);
        var lockouts = vitals.Past.Sum(one => one.Lockouts);
        if (lockouts > LockoutsMost) found.Add(OpsTexts.All["TroubleLockouts", lockouts]);
        foreach (var (store, register, count) in unknown.Most(3).Where(till => till.Count >= UnknownCodesMost))
            found.Add(OpsTexts.All["TroubleCodes", $"{store}/{register}", count]);
        var logged = errors.Newest.Count(one => one.At > clock.GetUtcNow() - ErrorsLately);
        if (logged > 0) found.Add(OpsTexts.All["TroubleErrors", logged]);
        return [.. found];
    }

    private IEnumerable<Vitals.Interval> Last(TimeSpan span) => vitals.Past.TakeLast((int)(span / Vitals.Step));
}

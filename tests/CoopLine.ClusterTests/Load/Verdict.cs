using System.Globalization;
using CoopLine.ClusterTests.Fixtures;
using CoopLine.ClusterTests.Histories;
using CoopLine.Grains.Ledger;
using CoopLine.Silo.Monitoring.Invariants;
using CoopLine.Silo.Registry;
using CoopLine.Silo.Storage;
using CoopLine.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Npgsql;
using Orleans.Configuration;
using PostgreSqlStateTable = CoopLine.Silo.Storage.GroupCommit.PostgreSqlStateTable;

namespace CoopLine.ClusterTests.Load;

/// <summary>What must be true when everything has come to rest.</summary>
internal static class Verdict
{
    public const string Lost = "Lost: ";
    public const string Double = "Double: ";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Waits until the sweepers have left nothing to do.</summary>
    public static async Task Settled(ClusterDatabase server, string database)
    {
        await using var source = Open(server, database);
        var all = new PostgreSqlDatabase(source);
        using var patience = new CancellationTokenSource(Patience);
        using var looks = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (await StoredState.Pending(all) is { Count: > 0 } left)
        {
            if (patience.IsCancellationRequested) throw new TimeoutException($"Still pending: {string.Join(" | ", left)}");
            await looks.WaitForNextTickAsync();
        }
    }

    public static async Task<List<LedgerRow>> Ledger(ClusterDatabase server, string database)
    {
        await using var source = Open(server, database);
        return await StoredState.Ledger(new Ledger(new PostgreSqlDatabase(source)));
    }

    /// <summary>Every register's history fits; every promise to a till is kept; nothing was decided twice.</summary>
    /// <returns>All violations; those that begin with <see cref="Lost"/> or <see cref="Double"/> are counted.</returns>
    public static async Task<IReadOnlyList<string>> Violations(
        ClusterDatabase server, string database, History history, IEnumerable<Basket> baskets)
    {
        var ledger = await Ledger(server, database);
        var uses = ledger.Where(row => row.Kind == LedgerKind.Used).ToLookup(row => (row.Campaign!, row.Member!));
        var givenBack = ledger.Where(row => row.GivenBack).Select(row => row.Amends!).ToHashSet();
        var violations = new List<string>();

        foreach (var (key, coupon) in history.Coupons)
        {
            var (standing, used, voided) = ((int?)null, 0UL, 0UL);
            foreach (var use in uses[key])
            {
                var receipt = coupon.Receipt(use.Receipt!);
                used |= 1UL << receipt;
                if (givenBack.Contains(use.Id)) voided |= 1UL << receipt;
                else standing = receipt;
            }

            var stored = new CouponRegister(standing, used, voided);
            coupon.Add($"end: {stored}", history.Now(), history.Now(), now => now.End(stored));
            if (Register.Violation($"coupon {key.Campaign}", coupon.Steps, CouponRegister.Start) is { } violation)
                violations.Add($"{violation}In the ledger:\n{string.Join('\n', Of(ledger, key))}\n");
        }

        var ids = ledger.Select(row => row.Id).ToHashSet();
        var links = ledger.Where(row => row.Kind == LedgerKind.Linked && !ids.Contains("un" + row.Id))
            .ToDictionary(row => row.Member!, row => Counter.Shown(row.Account!));
        foreach (var (number, member) in history.Members)
        {
            var stored = links.GetValueOrDefault(number);
            member.Add($"end: {stored ?? "free"}", history.Now(), history.Now(), now => now.Seen(stored));
            if (Register.Violation("member", member.Steps, MemberRegister.Free) is { } violation) violations.Add(violation);
        }

        var decided = ledger.Where(row => row.Kind == LedgerKind.Used).ToLookup(row => row.Receipt!);
        foreach (var (key, receipt) in history.Receipts)
        {
            var rows = decided[key].ToArray();
            var trace = rows.FirstOrDefault(row => row.Answer is not null)?.TraceId; // rows of a plan have those of whoever carried it out
            receipt.Add($"end: {rows.Length} uses, trace {trace}", history.Now(), history.Now(), now => now.End(rows is not [], trace));
            if (Register.Violation($"receipt {key}", receipt.Steps, ReceiptRegister.Open) is { } violation) violations.Add(violation);
            if (rows.DistinctBy(row => (row.RequestHash, row.Decision)).Count() > 1) violations.Add($"{Double}receipt {key} has several decisions.");
        }

        foreach (var (campaign, limits) in history.Limits)
        {
            var given = ledger.Where(row => row.Kind == LedgerKind.Used && row.Campaign == campaign).ToArray();
            var takenBack = given.Where(use => givenBack.Contains(use.Id));
            violations.AddRange(
                from violation in limits.Violations(given.Select(use => use.Receipt!).ToHashSet(), takenBack.Select(use => use.Receipt!).ToHashSet())
                select $"Limits of {campaign}: {violation}");
        }

        violations.AddRange(
            from coupon in uses
            where coupon.Count(use => !givenBack.Contains(use.Id)) > 1
            select $"{Double}coupon {coupon.Key} is used on several receipts.");

        foreach (var basket in baskets)
        {
            foreach (var campaign in basket.Promised)
            {
                var rows = uses[(campaign, basket.Member)].Count(row => row.Receipt == basket.Sale.Path);
                if (rows == 0) violations.Add($"{Lost}receipt {basket.Sale.Path} was promised {campaign}, which the ledger does not know.");
                if (rows > 1) violations.Add($"{Double}receipt {basket.Sale.Path} was promised {campaign} once and has it several times.");
            }
        }

        return violations;
    }

    /// <summary>Every call that was left had happened once or not at all, and its till is told which.</summary>
    public static IEnumerable<string> Violations(IEnumerable<LearnedCall> learned)
    {
        foreach (var one in learned)
        {
            if (one.IsLost) yield return $"{Lost}{one}";
            if (one.IsDouble) yield return $"{Double}{one}";
        }
    }

    /// <summary>How many violations are of one kind.</summary>
    public static int HowMany(string kind, IEnumerable<string> violations) => violations.Count(one => one.StartsWith(kind, StringComparison.Ordinal));

    /// <summary>Receipts that coupons were used on.</summary>
    public static async Task<int> Decided(ClusterDatabase server, string database) =>
        (await Ledger(server, database)).Where(row => row.Kind == LedgerKind.Used).DistinctBy(row => row.Receipt).Count();

    /// <summary>Watches from beside, as the service does, until the end; the database may die meanwhile.</summary>
    /// <returns>What was found on the way, and at last in the whole ledger.</returns>
    public static async Task<IReadOnlyList<string>> Watch(ClusterDatabase server, string database, CancellationToken end)
    {
        await using var source = Open(server, database);
        var all = new PostgreSqlDatabase(source);
        var found = new HashSet<string>();
        await using var states = new StateReader(new PostgreSqlStateTable(all, Options.Create(new ClusterOptions { ServiceId = "coopline" })));
        await using var ledger = new Ledger(all);
        var live = Watcher();
        using var looks = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (!end.IsCancellationRequested)
        {
            await looks.WaitForNextTickAsync(CancellationToken.None);
            try
            {
                await Look(live);
            }
            catch (NpgsqlException)
            {
                // The database was killed or restarted: the next look sees all that this one would have.
                live = Watcher();
            }
        }

        await Look(Watcher());
        return [.. found];

        InvariantWatcher Watcher() => new(all, ledger, states, TimeProvider.System, sample: 500);

        async Task Look(InvariantWatcher watcher)
        {
            foreach (var violation in await watcher.Check(CancellationToken.None)) found.Add($"The watcher: {violation}");
        }
    }

    public static void AssertNone(IReadOnlyList<string> violations) =>
        Assert.True(violations is [], $"{violations.Count} violations:\n{string.Join('\n', violations)}");

    /// <summary>Whole database, as the other tests check it.</summary>
    public static async Task Consistent(ClusterDatabase server, string database)
    {
        await using var source = Open(server, database);
        var all = new PostgreSqlDatabase(source);
        await Consistency.Check(all, new Ledger(all), new MemberRegistry(all), new CampaignCounts(all));
    }

    /// <summary>What the ledger tells of the dangers: whose answer was lost although it was decided.</summary>
    public static async Task Count(
        ClusterDatabase server, string database, IReadOnlyDictionary<string, Answer> unknown, IEnumerable<long> kills,
        Sometimes sometimes)
    {
        foreach (var trace in (await Ledger(server, database)).Select(row => row.TraceId).OfType<string>().Distinct())
        {
            if (!unknown.TryGetValue(trace, out var lost)) continue;
            sometimes.Saw(Danger.DecidedWithoutAnswer);
            if (kills.Any(kill => lost.Invoked < kill && kill < lost.Returned))
                sometimes.Saw(Danger.KilledBetweenDecisionAndAnswer);
        }
    }

    /// <summary>What the ledger tells of a coupon, for whoever reads a violation.</summary>
    private static IEnumerable<string> Of(IEnumerable<LedgerRow> ledger, (string Campaign, string Member) coupon) =>
        from row in ledger
        where row.Campaign == coupon.Campaign && row.Member == coupon.Member
        select string.Create(CultureInfo.InvariantCulture, $"    {row.At:HH:mm:ss.fff} {row.Kind} {row.Receipt} decision {row.Decision} trace {row.TraceId}");

    private static NpgsqlDataSource Open(ClusterDatabase server, string database) =>
        PostgreSqlDatabase.Connect(server.OwnerOf(database), NullLoggerFactory.Instance);
}

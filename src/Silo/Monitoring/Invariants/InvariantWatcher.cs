using System.Data.Common;
using System.Globalization;
using CoopLine.Grains;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;
using CoopLine.Silo.Storage;

namespace CoopLine.Silo.Monitoring.Invariants;

/// <summary>What must never be, whatever crashes.</summary>
internal enum Invariant
{
    /// <summary>
    /// No person has two standing uses of one campaign, counted by member number, and by LINE account under all its numbers.
    /// Numbers that were merged are not counted together: both may have used it before.
    /// </summary>
    OneUseAPerson,

    /// <summary>No member number is linked to two LINE accounts.</summary>
    OneAccountAMember,

    /// <summary>No LINE account is linked to two member numbers.</summary>
    OneMemberAnAccount,

    /// <summary>A coupon's state agrees with its uses in the ledger, less those given back.</summary>
    LedgerIsState,

    /// <summary>The numbers that a campaign limits are the sums of its uses in the ledger.</summary>
    CountsAreLedger,

    /// <summary>Of a message to many that is over, everybody who was planned has one end.</summary>
    MessagesAddUp,
}

/// <summary>Two facts that exclude each other.</summary>
/// <param name="What">What clashes: a campaign with receipts, or link ids. No member number, no account.</param>
/// <param name="Traces">Trace ids of the rows that clash.</param>
internal sealed record Violation(Invariant Invariant, string What, string Traces);

/// <summary>
/// Reads the ledger as it grows, and looks in the database at everything that a new row touches. It keeps nothing but its
/// place in the ledger, so that it can watch a service of any size, for ever.
/// </summary>
/// <param name="from">Sequence number after which it begins.</param>
/// <param name="sample">
/// How many uses one look compares with account and state, the newest ones, at a few queries each. With the member number it
/// compares them all.
/// </param>
internal sealed class InvariantWatcher(
    Database database, ILedger ledger, IStateReader states, TimeProvider clock, long from = 0, int sample = 200)
{
    private const int RowsMax = 5_000;

    private const int Attempts = 3;

    /// <summary>Transactions do not commit in the order in which they took their numbers. None takes longer than this.</summary>
    private static readonly TimeSpan Overtaking = TimeSpan.FromSeconds(20);

    private readonly Queue<(DateTimeOffset At, long Seq)> places = new([(DateTimeOffset.MinValue, from)]);
    private readonly HashSet<long> seen = [];
    private readonly CountedUses counted = new(database, states, clock);
    private readonly SendSums sums = new(database);

    /// <returns>What is wrong with what is new.</returns>
    public async Task<IReadOnlyList<Violation>> Check(CancellationToken cancellation)
    {
        var found = new List<Violation>();
        IReadOnlyList<Row> rows;
        do
        {
            rows = await NewRows(cancellation);
            found.AddRange(await UsesByMember(rows, cancellation));
            found.AddRange(await Links(rows, cancellation));
            foreach (var use in rows.Where(row => row.Kind == "used").TakeLast(sample))
                found.AddRange(await UsesByPerson(use, cancellation));
            foreach (var (campaign, member) in Coupons(rows).TakeLast(sample))
                if (await State(campaign, member, cancellation) is { } violation) found.Add(violation);
            foreach (var campaign in rows.Where(row => row.Member is not null).Select(row => row.Campaign).OfType<string>().Distinct())
                counted.Touch(campaign);
            foreach (var over in rows.Where(row => row.Kind == "messageEnded").Select(row => row.Campaign!).Distinct())
                if (await sums.Check(over[LedgerRow.OfMessage.Length..], cancellation) is { } violation) found.Add(violation);
        }
        while (rows.Count == RowsMax);
        found.AddRange(await counted.Check(cancellation));
        return found;
    }

    private static IEnumerable<(string Campaign, string Member)> Coupons(IReadOnlyList<Row> rows) =>
        rows.Where(row => row is { Campaign: not null, Member: not null }).Select(row => (row.Campaign!, row.Member!)).Distinct();

    private async Task<IReadOnlyList<Row>> NewRows(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        while (places.Count > 1 && places.ElementAt(1).At <= now - Overtaking) places.Dequeue();
        var after = places.Peek().Seq;
        seen.RemoveWhere(seq => seq <= after);

        var rows = new List<Row>();
        var last = places.Last().Seq;
        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command(
            "SELECT seq, kind, campaign, member, account FROM ledger WHERE seq > @after ORDER BY seq LIMIT @limit",
            ("@after", after), ("@limit", RowsMax + seen.Count));
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (rows.Count < RowsMax && await row.ReadAsync(cancellation))
        {
            var seq = row.GetInt64(0);
            if (!seen.Add(seq)) continue;
            rows.Add(new(row.GetString(1), Text(row, 2), Text(row, 3), Text(row, 4)));
            last = Math.Max(last, seq);
        }

        places.Enqueue((now, last));
        return rows;
    }

    private async Task<IReadOnlyList<Violation>> UsesByMember(IReadOnlyList<Row> rows, CancellationToken cancellation)
    {
        var members = rows.Where(row => row.Kind == "used").Select(row => row.Member!).ToHashSet();
        if (members.Count == 0) return [];

        var found = new List<Violation>();
        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command(
            $"""
            SELECT campaign, min(receipt), max(receipt), min(trace_id), max(trace_id)
            FROM standing_uses
            WHERE {database.IsAmong("member", "@members")}
            GROUP BY campaign, member
            HAVING count(*) > 1
            """,
            ("@members", database.List(members)));
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
            found.Add(TwoUses(row.GetString(0), row.GetString(1), row.GetString(2), Text(row, 3), Text(row, 4)));
        return found;
    }

    /// <summary>The same account under its other numbers.</summary>
    private async Task<IReadOnlyList<Violation>> UsesByPerson(Row use, CancellationToken cancellation)
    {
        var others = await Numbers(use.Account!);
        if (others.All(number => number == use.Member)) return [];

        var standing = await ledger.StandingUses([use.Member!], others, use.Account!, cancellation);
        LedgerRow[] ofCampaign = [.. standing.Where(row => row.Campaign == use.Campaign && row.Account == use.Account).OrderBy(row => row.Id, StringComparer.Ordinal)];
        return ofCampaign is [var one, .., var other]
            ? [TwoUses(use.Campaign!, one.Receipt!, other.Receipt!, one.TraceId, other.TraceId)]
            : [];
    }

    private async Task<IReadOnlyList<Violation>> Links(IReadOnlyList<Row> rows, CancellationToken cancellation)
    {
        var found = new List<Violation>();
        foreach (var link in rows.Where(row => row.Kind == "linked"))
        {
            var standing = await StandingLinks([link.Member!, .. await Numbers(link.Account!)], cancellation);
            if (Two(standing.Where(one => one.Member == link.Member)) is var (a, b))
                found.Add(new(Invariant.OneAccountAMember, $"links {a.Id} and {b.Id}", $"{a.Trace} {b.Trace}"));
            if (Two(standing.Where(one => one.Account == link.Account)) is var (c, d))
                found.Add(new(Invariant.OneMemberAnAccount, $"links {c.Id} and {d.Id}", $"{c.Trace} {d.Trace}"));
        }

        return found;
    }

    private static (Linked One, Linked Other)? Two(IEnumerable<Linked> links) =>
        links.OrderBy(link => link.Id, StringComparer.Ordinal).ToArray() is [var one, .., var other] ? (one, other) : null;

    /// <summary>The account's numbers, now and before.</summary>
    private async Task<string[]> Numbers(string account)
    {
        var state = await states.Account(account);
        return [.. state?.EarlierMembers ?? [], .. state?.Link is { } link ? [link.Member] : Array.Empty<string>()];
    }

    private async Task<IReadOnlyList<Linked>> StandingLinks(HashSet<string> members, CancellationToken cancellation)
    {
        var found = new List<Linked>();
        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command(
            $"""
            SELECT id, member, account, trace_id
            FROM ledger AS link
            WHERE kind = 'linked' AND {database.IsAmong("member", "@members")}
                AND NOT EXISTS (SELECT 1 FROM ledger AS ended WHERE ended.id = 'un' || link.id AND ended.receipt IS NULL)
            """,
            ("@members", database.List(members)));
        await using var row = await command.ExecuteReaderAsync(cancellation);
        while (await row.ReadAsync(cancellation))
            found.Add(new(row.GetString(0), row.GetString(1), row.GetString(2), Text(row, 3)));
        return found;
    }

    /// <summary>State, ledger, and the state once more: if it is still the same, the ledger that was read belongs to it.</summary>
    private async Task<Violation?> State(string campaign, string member, CancellationToken cancellation)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var before = await states.Coupon(campaign, member);
            var standing = await ledger.StandingUses([member], [], "", cancellation);
            var after = await states.Coupon(campaign, member);
            if (before?.Use != after?.Use || before?.TakenBack.Length != after?.TakenBack.Length) continue;

            var filed = standing.Where(row => row.Campaign == campaign && row.Member == member).Select(row => row.Receipt!).Order().ToArray();
            string[] kept = after?.Use is { } use ? [use.Receipt.ToString()] : [];
            if (filed.SequenceEqual(kept)) return null;
            var what = string.Create(
                CultureInfo.InvariantCulture, $"{campaign}: in the ledger {string.Join(' ', filed)}, in the state {string.Join(' ', kept)}");
            return new(Invariant.LedgerIsState, what, string.Join(' ', standing.Where(row => row.Campaign == campaign).Select(row => row.TraceId)));
        }

        return null; // It is so busy that its next row will be looked at.
    }

    private static Violation TwoUses(string campaign, string one, string other, string? trace, string? otherTrace) =>
        new(Invariant.OneUseAPerson, $"{campaign} on receipts {one} and {other}", $"{trace} {otherTrace}");

    private static string? Text(DbDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private sealed record Row(string Kind, string? Campaign, string? Member, string? Account);

    private sealed record Linked(string Id, string Member, string Account, string? Trace);
}

using System.Collections.Immutable;
using System.Data.Common;
using System.Globalization;
using System.Text;
using CoopLine.Grains;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Ledger;
using CoopLine.Silo.Storage.Batching;

namespace CoopLine.Silo.Storage;

internal sealed class Ledger : ILedger, IAsyncDisposable
{
    public const string Columns =
        "seq, id, kind, at, campaign, member, account, store, receipt, line, yen, request_hash, amends, given_back, "
        + "actor, reason, identity_check, answer, trace_id, version, decision, planned";

    private readonly Database database;
    private readonly Lookups<string, ImmutableArray<LedgerRow>> receipts;

    public Ledger(Database database)
    {
        this.database = database;
        receipts = new("ledger", OfReceipts, none: []);
    }

    public Task<ImmutableArray<LedgerRow>> OfReceipt(string receipt, CancellationToken cancellation) =>
        receipts.Find(receipt, cancellation);

    public Task<ImmutableArray<LedgerRow>> StandingUses(
        IReadOnlyCollection<string> members, IReadOnlyCollection<string> earlierMembers, string account,
        CancellationToken cancellation) =>
        Rows(
            $"""
            SELECT {Columns}
            FROM standing_uses
            WHERE {database.IsAmong("member", "@all")} AND (account = @account OR {database.IsAmong("member", "@members")})
            ORDER BY seq DESC
            """,
            [
                ("@account", account),
                ("@members", database.List(members)),
                ("@all", database.List([.. members, .. earlierMembers])),
            ],
            cancellation);

    public async Task<bool> EverUsed(string campaign, CancellationToken cancellation)
    {
        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command(
            "SELECT EXISTS (SELECT 1 FROM ledger WHERE campaign = @campaign AND kind = 'used')", ("@campaign", campaign));
        return Convert.ToBoolean(await command.ExecuteScalarAsync(cancellation), CultureInfo.InvariantCulture);
    }

    public async Task<ImmutableArray<UsesOfDay>> UsesOf(string campaign, CancellationToken cancellation)
    {
        // The business date is the first part of a receipt's name.
        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command(
            """
            SELECT store, substr(receipt, 1, 10) AS day, count(*), sum(yen)
            FROM standing_uses
            WHERE campaign = @campaign
            GROUP BY store, day
            """,
            ("@campaign", campaign));
        command.CommandTimeout = Database.PatienceSeconds;
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var uses = ImmutableArray.CreateBuilder<UsesOfDay>();
        while (await row.ReadAsync(cancellation))
        {
            if (!ReceiptKey.TryParseDate(row.GetString(1), out var day)) throw new InvalidDataException("A receipt has no date.");
            uses.Add(new(row.GetString(0), day, row.GetInt64(2), row.GetInt64(3)));
        }

        return uses.ToImmutable();
    }

    public async Task<ImmutableArray<CampaignVersion>> VersionsOf(string campaign, CancellationToken cancellation)
    {
        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command(
            $"""
            SELECT {Columns}, coalesce(uses, 0)
            FROM ledger
            LEFT JOIN (
                SELECT version AS decided_by, count(*) AS uses
                FROM standing_uses
                WHERE campaign = @campaign
                GROUP BY version) AS decided ON decided_by = version
            WHERE campaign = @campaign AND kind = '{EnumNames.Of(LedgerKind.CampaignDefined)}'
            ORDER BY version
            """,
            ("@campaign", campaign));
        command.CommandTimeout = Database.PatienceSeconds;
        await using var row = await command.ExecuteReaderAsync(cancellation);
        var versions = ImmutableArray.CreateBuilder<CampaignVersion>();
        while (await row.ReadAsync(cancellation)) versions.Add(new(Read(row), row.GetInt64(row.FieldCount - 1)));
        return versions.ToImmutable();
    }

    public async Task<LedgerPage> Find(LedgerQuery query, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, LedgerQuery.LimitMax);

        var sql = new StringBuilder($"SELECT {Columns} FROM ledger WHERE true");
        var values = new List<(string, object?)>();
        // In the index's own words and not as a parameter: only then do the planners see that rare kinds have an index.
        if (query.Kind is { } kind) sql.Append(CultureInfo.InvariantCulture, $" AND kind = '{EnumNames.Of(kind)}'");
        if (query.Kind is not (null or LedgerKind.Used)) sql.Append(" AND kind <> 'used'");
        Where("member =", "@member", query.Member);
        Where("campaign =", "@campaign", query.Campaign);
        Where("store =", "@store", query.Store);
        Where("receipt =", "@receipt", query.Receipt);
        Where("trace_id =", "@trace", query.TraceId);
        Where("receipt LIKE '%/' ||", "@number", query.ReceiptNumber);
        Where("substr(trace_id, 1, 8) =", "@beginning", query.TraceBeginning);
        Where("at_utc >=", "@from", query.From is { } from ? database.Time(from) : null);
        Where("at_utc <", "@until", query.Until is { } until ? database.Time(until) : null);
        Where("seq <", "@before", query.Before);
        sql.Append(" ORDER BY seq DESC LIMIT @limit");
        values.Add(("@limit", query.Limit + 1)); // one more tells whether there is a next page

        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command(sql.ToString(), [.. values]);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = ImmutableArray.CreateBuilder<LedgerRow>();
        long? last = null;
        while (await reader.ReadAsync(cancellation))
        {
            if (rows.Count == query.Limit) return new(rows.ToImmutable(), last);
            rows.Add(Read(reader));
            last = reader.GetInt64(0);
        }

        return new(rows.ToImmutable(), null);

        void Where(string condition, string name, object? value)
        {
            if (value is null) return;
            sql.Append(CultureInfo.InvariantCulture, $" AND {condition} {name}");
            values.Add((name, value));
        }
    }

    public ValueTask DisposeAsync() => receipts.DisposeAsync();

    /// <summary>Every refusal asks.</summary>
    private async Task<IReadOnlyDictionary<string, ImmutableArray<LedgerRow>>> OfReceipts(IReadOnlyCollection<string> asked)
    {
        // In the order of the index that finds them. By seq alone, the planner may prefer to walk the whole table in that order.
        var found = await Rows(
            $"SELECT {Columns} FROM ledger WHERE {database.IsAmong("receipt", "@receipts")} ORDER BY receipt, seq",
            [("@receipts", database.List(asked))],
            CancellationToken.None);
        return found.GroupBy(row => row.Receipt!).ToDictionary(rows => rows.Key, rows => rows.ToImmutableArray());
    }

    private async Task<ImmutableArray<LedgerRow>> Rows(
        string sql, (string Name, object? Value)[] values, CancellationToken cancellation)
    {
        await using var connection = await database.OpenReader(cancellation);
        await using var command = connection.Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = ImmutableArray.CreateBuilder<LedgerRow>();
        while (await reader.ReadAsync(cancellation)) rows.Add(Read(reader));
        return rows.ToImmutable();
    }

    /// <param name="row">Of <see cref="Columns"/>.</param>
    public static LedgerRow Read(DbDataReader row)
    {
        return new()
        {
            Id = row.GetString(1),
            Kind = EnumNames.Read<LedgerKind>(row.GetString(2)),
            At = DateTimeOffset.Parse(row.GetString(3), CultureInfo.InvariantCulture),
            Campaign = Text(4),
            Member = Text(5),
            Account = Text(6),
            Store = Text(7),
            Receipt = Text(8),
            Line = Number(9),
            Yen = row.GetInt32(10),
            RequestHash = Text(11),
            Amends = Text(12),
            GivenBack = row.GetBoolean(13),
            Actor = Text(14),
            Reason = Text(15),
            IdentityCheck = Text(16),
            Answer = Text(17),
            TraceId = Text(18),
            Version = Number(19),
            Decision = Text(20),
            Planned = row.GetBoolean(21),
        };

        string? Text(int column) => row.IsDBNull(column) ? null : row.GetString(column);
        int? Number(int column) => row.IsDBNull(column) ? null : row.GetInt32(column);
    }

    /// <summary>A time as the states' JSON has it, to its last digit.</summary>
    public static string Write(DateTimeOffset at) => at.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture);
}

using System.Collections.Frozen;
using Npgsql;

namespace CoopLine.Peer;

/// <param name="Outcome"><c>redeemed</c>, <c>replayed</c>, or why not.</param>
internal sealed record Redemption(string Outcome, string? Campaign, int Line, int Yen, string TraceId);

/// <summary>On PostgreSQL there are two ways to do the same; the bench competes with the faster. On SQLite there is one.</summary>
internal interface IRedeem
{
    Task<Redemption> Redeem(Request request, byte[] hash, string trace);
}

/// <summary>
/// One round trip and one transaction: the program works out what each campaign would give on these lines, and one
/// statement looks the code up, takes what its campaign gives, and inserts both rows.
/// </summary>
internal sealed class RedeemByOneStatement(NpgsqlDataSource database, Campaigns campaigns) : IRedeem
{
    public async Task<Redemption> Redeem(Request request, byte[] hash, string trace)
    {
        var known = await campaigns.Current();
        var offers = new List<(Campaign Campaign, int Line, int Yen)>(known.Count);
        foreach (var campaign in known.Values)
            if (campaign.Refusal(request) is null && campaign.Best(request.Lines) is { } best)
                offers.Add((campaign, best.Number, Math.Min(best.UnitPrice, campaign.YenOff)));

        var receipt = request.Receipt.ToString();
        await using var command = database.CreateCommand(
            """
            WITH used AS (
                INSERT INTO redemption (receipt, request_hash, member, campaign, account, at, line, yen, trace_id)
                SELECT $1, $2, code.member, code.campaign, code.account, now(), offer.line, offer.yen, $3
                FROM coupon_code AS code
                JOIN member ON member.number = code.member
                JOIN unnest($4, $5, $6, $7) AS offer (campaign, line, yen, businesses) ON offer.campaign = code.campaign
                WHERE code.code = $8 AND code.expires_at > now() AND member.account = code.account AND member.active
                  AND member.businesses && offer.businesses::text[]
                ON CONFLICT DO NOTHING
                RETURNING campaign, member, account, line, yen
            ), filed AS (
                INSERT INTO ledger (kind, at, campaign, member, account, store, receipt, line, yen, actor, trace_id)
                SELECT 'used', now(), campaign, member, account, $9, $1, line, yen, 'till', $3
                FROM used
            )
            SELECT campaign, line, yen FROM used
            """);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = receipt });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = hash });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = trace });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. offers.Select(offer => offer.Campaign.Id)] });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. offers.Select(offer => offer.Line)] });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = [.. offers.Select(offer => offer.Yen)] });
        command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. offers.Select(offer => offer.Campaign.Audience)] });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = request.Code });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = request.Receipt.Store });
        await using (var row = await command.ExecuteReaderAsync())
        {
            if (await row.ReadAsync()) return new("redeemed", row.GetString(0), row.GetInt32(1), row.GetInt32(2), trace);
        }

        await using var connection = await database.OpenConnectionAsync();
        return await Refusals.Of(connection, known, request, receipt, hash, trace);
    }
}

/// <summary>The plain way: one query, the rules in the program, one statement that inserts both rows; two round trips.</summary>
internal sealed class RedeemByTwoStatements(NpgsqlDataSource database, Campaigns campaigns, TimeProvider clock) : IRedeem
{
    public async Task<Redemption> Redeem(Request request, byte[] hash, string trace)
    {
        var known = await campaigns.Current(); // before a connection is held: it may need one
        await using var connection = await database.OpenConnectionAsync();
        var receipt = request.Receipt.ToString();
        if (await Code.Find(connection, request.Code) is { } code
            && code.Refusal(known[code.Campaign], request, clock.GetUtcNow()) is null
            && known[code.Campaign].Best(request.Lines) is { } best)
        {
            var (line, yen) = (best.Number, Math.Min(best.UnitPrice, known[code.Campaign].YenOff));
            await using var command = new NpgsqlCommand(
                """
                WITH used AS (
                    INSERT INTO redemption (receipt, request_hash, member, campaign, account, at, line, yen, trace_id)
                    VALUES ($1, $2, $3, $4, $5, now(), $6, $7, $8)
                    ON CONFLICT DO NOTHING
                    RETURNING 1)
                INSERT INTO ledger (kind, at, campaign, member, account, store, receipt, line, yen, actor, trace_id)
                SELECT 'used', now(), $4, $3, $5, $9, $1, $6, $7, 'till', $8
                FROM used
                """, connection);
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = receipt });
            command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = hash });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = code.Member });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = code.Campaign });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = code.Account });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = line });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = yen });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = trace });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = request.Receipt.Store });
            if (await command.ExecuteNonQueryAsync() == 1) return new("redeemed", code.Campaign, line, yen, trace);
        }

        return await Refusals.Of(connection, known, request, receipt, hash, trace);
    }
}

/// <summary>What a code stands for, and whether it still does.</summary>
internal sealed record Code(
    string Member, string Account, string Campaign, DateTime ExpiresAt, string? Linked, bool Active, string[] Businesses)
{
    public static async Task<Code?> Find(NpgsqlConnection connection, string code)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT code.member, code.account, code.campaign, code.expires_at, member.account, member.active,
                   member.businesses
            FROM coupon_code AS code
            JOIN member ON member.number = code.member
            WHERE code.code = $1
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = code });
        await using var row = await command.ExecuteReaderAsync();
        return await row.ReadAsync()
            ? new(
                row.GetString(0), row.GetString(1), row.GetString(2), row.GetDateTime(3),
                row.IsDBNull(4) ? null : row.GetString(4), row.GetBoolean(5), row.GetFieldValue<string[]>(6))
            : null;
    }

    public string? Refusal(Campaign campaign, Request request, DateTimeOffset now)
    {
        if (now.UtcDateTime >= ExpiresAt) return "codeExpired";
        if (Linked != Account || !Active) return "notLinked";
        return Businesses.AsSpan().ContainsAny(campaign.Businesses) ? campaign.Refusal(request) : "notInAudience";
    }
}

/// <summary>Nothing was inserted: the receipt was decided before, or a rule says why not.</summary>
internal static class Refusals
{
    public static async Task<Redemption> Of(
        NpgsqlConnection connection, IReadOnlyDictionary<string, Campaign> campaigns, Request request, string receipt,
        byte[] hash, string trace)
    {
        await using (var command = new NpgsqlCommand(
            "SELECT request_hash, campaign, line, yen, trace_id FROM redemption WHERE receipt = $1", connection))
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = receipt });
            await using var row = await command.ExecuteReaderAsync();
            if (await row.ReadAsync())
            {
                var same = row.GetFieldValue<byte[]>(0).AsSpan().SequenceEqual(hash);
                return new(
                    same ? "replayed" : "anotherRequest", row.GetString(1), row.GetInt32(2), row.GetInt32(3), row.GetString(4));
            }
        }

        if (await Code.Find(connection, request.Code) is not { } code) return new("codeUnknown", null, 0, 0, trace);
        var campaign = campaigns[code.Campaign];
        var reason = code.Refusal(campaign, request, TimeProvider.System.GetUtcNow())
            ?? (campaign.Best(request.Lines) is null ? "noEligibleItem" : "alreadyUsed");
        return new(reason, code.Campaign, 0, 0, trace);
    }
}

/// <summary>One offer, and its rules.</summary>
internal sealed record Campaign(
    string Id, int YenOff, string[] Jans, string[] Categories, string[] Stores, string[] Businesses, DateTime StartsAt,
    DateTime EndsAt, bool Stopped, bool AllowUnknownMarkdown)
{
    /// <summary>As PostgreSQL writes an array.</summary>
    public string Audience { get; } = $"{{{string.Join(',', Businesses)}}}";

    public string? Refusal(Request request)
    {
        if (Stopped) return "stopped";
        if (request.PurchasedAt.UtcDateTime < StartsAt) return "notStarted";
        if (request.PurchasedAt.UtcDateTime >= EndsAt) return "ended";
        return Stores.AsSpan().Contains(request.Receipt.Store) ? null : "storeNotEligible";
    }

    /// <summary>The line that gives the largest discount.</summary>
    public Line? Best(Line[] lines)
    {
        Line? best = null;
        foreach (var line in lines)
        {
            var mine = (line.Jan is { } jan && Jans.AsSpan().Contains(jan))
                || (line.Category is { } category && Categories.AsSpan().Contains(category));
            var sold = line.Markdown == "no" || (line.Markdown is "unknown" or null && AllowUnknownMarkdown);
            if (mine && sold && (best is null || Math.Min(line.UnitPrice, YenOff) > Math.Min(best.UnitPrice, YenOff)))
                best = line;
        }

        return best;
    }
}

/// <summary>All campaigns, at most a second old.</summary>
internal sealed class Campaigns(NpgsqlDataSource database, TimeProvider clock)
{
    private static readonly TimeSpan MaxAge = TimeSpan.FromSeconds(1);
    private (Task<FrozenDictionary<string, Campaign>> All, long Since)? latest;
    private readonly Lock gate = new();

    public Task<FrozenDictionary<string, Campaign>> Current()
    {
        lock (gate)
        {
            if (latest is not { } known || known.All.IsFaulted || clock.GetElapsedTime(known.Since) > MaxAge)
                latest = (Load(), clock.GetTimestamp());
            return latest.Value.All;
        }
    }

    private async Task<FrozenDictionary<string, Campaign>> Load()
    {
        await using var command = database.CreateCommand(
            """
            SELECT id, yen_off, jans, categories, stores, businesses, starts_at, ends_at, stopped, allow_unknown_markdown
            FROM campaign
            """);
        await using var row = await command.ExecuteReaderAsync();
        var all = new List<Campaign>();
        while (await row.ReadAsync())
            all.Add(new(
                row.GetString(0), row.GetInt32(1), row.GetFieldValue<string[]>(2), row.GetFieldValue<string[]>(3),
                row.GetFieldValue<string[]>(4), row.GetFieldValue<string[]>(5), row.GetDateTime(6), row.GetDateTime(7),
                row.GetBoolean(8), row.GetBoolean(9)));
        return all.ToFrozenDictionary(one => one.Id, StringComparer.Ordinal);
    }
}

using System.Collections.Frozen;
using Npgsql;

namespace CoopLine.Peer;

/// <param name="Outcome"><c>redeemed</c>, <c>replayed</c>, or why not.</param>
internal sealed record Redemption(string Outcome, string? Campaign, int Line, int Yen, string TraceId);

/// <summary>Two ways to do the same; the bench measures both and competes with the faster.</summary>
internal interface IRedeem
{
    Task<Redemption> Redeem(Request request, byte[] hash, string trace);
}

/// <summary>Everything in one call of a function: one round trip.</summary>
internal sealed class RedeemByFunction(NpgsqlDataSource database) : IRedeem
{
    public async Task<Redemption> Redeem(Request request, byte[] hash, string trace)
    {
        await using var command = database.CreateCommand(
            "SELECT outcome, used_campaign, used_line, used_yen, used_trace "
            + "FROM redeem($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)");
        var lines = request.Lines;
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = request.Code });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = request.Receipt.ToString() });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = hash });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = request.Receipt.Store });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = request.PurchasedAt.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = Array.ConvertAll(lines, line => line.Number) });
        command.Parameters.Add(new NpgsqlParameter<string?[]> { TypedValue = Array.ConvertAll(lines, line => line.Jan) });
        command.Parameters.Add(new NpgsqlParameter<string?[]> { TypedValue = Array.ConvertAll(lines, line => line.Category) });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = Array.ConvertAll(lines, line => line.UnitPrice) });
        command.Parameters.Add(
            new NpgsqlParameter<string[]> { TypedValue = Array.ConvertAll(lines, line => line.Markdown ?? "unknown") });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = trace });
        await using var row = await command.ExecuteReaderAsync();
        await row.ReadAsync();
        return new(
            row.GetString(0), row.IsDBNull(1) ? null : row.GetString(1), row.GetInt32(2), row.GetInt32(3), row.GetString(4));
    }
}

/// <summary>One query, the rules in the program, one statement that inserts both rows: two round trips.</summary>
internal sealed class RedeemByStatements(NpgsqlDataSource database, Campaigns campaigns, TimeProvider clock) : IRedeem
{
    public async Task<Redemption> Redeem(Request request, byte[] hash, string trace)
    {
        var known = await campaigns.Current(); // before a connection is held: it may need one
        await using var connection = await database.OpenConnectionAsync();
        string campaignId, member, account;
        string? refusal = null;
        int line = 0, yen = 0;
        await using (var command = new NpgsqlCommand(
            """
            SELECT code.member, code.account, code.campaign, code.expires_at, member.account, member.active,
                   member.businesses
            FROM coupon_code AS code
            JOIN member ON member.number = code.member
            WHERE code.code = $1
            """, connection))
        {
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = request.Code });
            await using var row = await command.ExecuteReaderAsync();
            if (!await row.ReadAsync()) return new("codeUnknown", null, 0, 0, trace);
            (member, account, campaignId) = (row.GetString(0), row.GetString(1), row.GetString(2));
            var campaign = known[campaignId];
            if (clock.GetUtcNow().UtcDateTime >= row.GetDateTime(3)) refusal = "codeExpired";
            else if (row.IsDBNull(4) || row.GetString(4) != account || !row.GetBoolean(5)) refusal = "notLinked";
            else refusal = campaign.Refusal(request, row.GetFieldValue<string[]>(6));
            if (refusal is null && campaign.Best(request.Lines) is { } best)
                (line, yen) = (best.Number, Math.Min(best.UnitPrice, campaign.YenOff));
            else refusal ??= "noEligibleItem";
        }

        var receipt = request.Receipt.ToString();
        if (refusal is null)
        {
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
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = member });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = campaignId });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = account });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = line });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = yen });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = trace });
            command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = request.Receipt.Store });
            if (await command.ExecuteNonQueryAsync() == 1) return new("redeemed", campaignId, line, yen, trace);
            refusal = "alreadyUsed";
        }

        return await Earlier(connection, receipt, hash) ?? new(refusal, campaignId, 0, 0, trace);
    }

    /// <summary>What was decided for this receipt before.</summary>
    private static async Task<Redemption?> Earlier(NpgsqlConnection connection, string receipt, byte[] hash)
    {
        await using var command = new NpgsqlCommand(
            "SELECT request_hash, campaign, line, yen, trace_id FROM redemption WHERE receipt = $1", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = receipt });
        await using var row = await command.ExecuteReaderAsync();
        if (!await row.ReadAsync()) return null;
        var same = row.GetFieldValue<byte[]>(0).AsSpan().SequenceEqual(hash);
        return new(same ? "replayed" : "anotherRequest", row.GetString(1), row.GetInt32(2), row.GetInt32(3), row.GetString(4));
    }
}

/// <summary>One offer, and its rules.</summary>
internal sealed record Campaign(
    string Id, int YenOff, string[] Jans, string[] Categories, string[] Stores, string[] Businesses, DateTime StartsAt,
    DateTime EndsAt, bool Stopped, bool AllowUnknownMarkdown)
{
    public string? Refusal(Request request, string[] businesses)
    {
        if (Stopped) return "stopped";
        if (request.PurchasedAt.UtcDateTime < StartsAt) return "notStarted";
        if (request.PurchasedAt.UtcDateTime >= EndsAt) return "ended";
        if (!businesses.AsSpan().ContainsAny(Businesses)) return "notInAudience";
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

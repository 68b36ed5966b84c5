using System.Collections.Frozen;
using System.Threading.Channels;
using Microsoft.Data.Sqlite;

namespace CoopLine.Peer;

/// <summary>
/// SQLite has one writer at a time, so one thread has the file to itself: it decides everybody who waits in one transaction, and
/// one commit, which is one wait for the disk, answers them all.
/// </summary>
internal sealed class RedeemOnSqlite : IRedeem, IDisposable
{
    private const int MostTogether = 512;

    private static readonly TimeSpan CampaignsMaxAge = TimeSpan.FromSeconds(1);

    private readonly Channel<Call> waiting = Channel.CreateUnbounded<Call>(new() { SingleReader = true });
    private readonly TimeProvider clock;
    private readonly SqliteConnection connection;
    private readonly SqliteCommand begin, commit, rollback, findCode, findReceipt, use, file;
    private readonly Thread writer;
    private (FrozenDictionary<string, Campaign> All, long Since)? campaigns;

    public RedeemOnSqlite(string path, TimeProvider clock)
    {
        this.clock = clock;
        connection = new(new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ToString());
        connection.Open();
        Command("PRAGMA synchronous = FULL").ExecuteNonQuery();
        begin = Command("BEGIN IMMEDIATE");
        commit = Command("COMMIT");
        rollback = Command("ROLLBACK");
        findCode = Command(
            """
            SELECT code.member, code.account, code.campaign, code.expires_at, member.account, member.active, member.businesses
            FROM coupon_code AS code
            JOIN member ON member.number = code.member
            WHERE code.code = @code
            """, "@code");
        findReceipt = Command(
            "SELECT request_hash, campaign, line, yen, trace_id FROM redemption WHERE receipt = @receipt", "@receipt");
        use = Command(
            """
            INSERT INTO redemption (receipt, request_hash, member, campaign, account, at, line, yen, trace_id)
            VALUES (@receipt, @hash, @member, @campaign, @account, @at, @line, @yen, @trace)
            ON CONFLICT DO NOTHING
            """, "@receipt", "@hash", "@member", "@campaign", "@account", "@at", "@line", "@yen", "@trace");
        file = Command(
            """
            INSERT INTO ledger (kind, at, campaign, member, account, store, receipt, line, yen, actor, trace_id)
            VALUES ('used', @at, @campaign, @member, @account, @store, @receipt, @line, @yen, 'till', @trace)
            """, "@at", "@campaign", "@member", "@account", "@store", "@receipt", "@line", "@yen", "@trace");
        writer = new(Work) { IsBackground = true };
        writer.Start();
    }

    public void Dispose()
    {
        waiting.Writer.Complete();
        writer.Join();
        connection.Dispose();
    }

    public Task<Redemption> Redeem(Request request, byte[] hash, string trace)
    {
        var call = new Call(request, hash, trace, new(TaskCreationOptions.RunContinuationsAsynchronously));
        waiting.Writer.TryWrite(call);
        return call.Answer.Task;
    }

    private void Work()
    {
        var together = new List<(Call Call, Redemption Answer)>(MostTogether);
        while (waiting.Reader.WaitToReadAsync().AsTask().Result)
        {
            Call? last = null;
            try
            {
                begin.ExecuteNonQuery();
                while (together.Count < MostTogether && waiting.Reader.TryRead(out last)) together.Add((last, Decide(last)));
                commit.ExecuteNonQuery();
                foreach (var (call, answer) in together) call.Answer.SetResult(answer);
            }
            catch (SqliteException e)
            {
                foreach (var (call, _) in together) call.Answer.TrySetException(e);
                last?.Answer.TrySetException(e);
                if (SQLitePCL.raw.sqlite3_get_autocommit(connection.Handle) == 0) rollback.ExecuteNonQuery();
            }

            together.Clear();
        }
    }

    private Redemption Decide(Call call)
    {
        var request = call.Request;
        var (receipt, now) = (request.Receipt.ToString(), clock.GetUtcNow());
        var code = Find(request.Code);
        var campaign = code is null ? null : Campaigns()[code.Campaign];
        var best = campaign?.Best(request.Lines);
        var reason = code is null ? "codeUnknown"
            : code.Refusal(campaign!, request, now) ?? (best is null ? "noEligibleItem" : null);
        if (reason is null)
        {
            var (at, line, yen) = (now.ToUnixTimeSeconds(), best!.Number, Math.Min(best.UnitPrice, campaign!.YenOff));
            Set(use, receipt, call.Hash, code!.Member, code.Campaign, code.Account, at, line, yen, call.Trace);
            if (use.ExecuteNonQuery() == 1)
            {
                Set(file, at, code.Campaign, code.Member, code.Account, request.Receipt.Store, receipt, line, yen, call.Trace);
                file.ExecuteNonQuery();
                return new("redeemed", code.Campaign, line, yen, call.Trace);
            }
        }

        Set(findReceipt, receipt);
        using var row = findReceipt.ExecuteReader();
        if (!row.Read()) return new(reason ?? "alreadyUsed", code?.Campaign, 0, 0, call.Trace);
        var same = row.GetFieldValue<byte[]>(0).AsSpan().SequenceEqual(call.Hash);
        return new(same ? "replayed" : "anotherRequest", row.GetString(1), row.GetInt32(2), row.GetInt32(3), row.GetString(4));
    }

    private Code? Find(string code)
    {
        Set(findCode, code);
        using var row = findCode.ExecuteReader();
        return row.Read()
            ? new(
                row.GetString(0), row.GetString(1), row.GetString(2), Time(row.GetInt64(3)), row.IsDBNull(4) ? null : row.GetString(4),
                row.GetBoolean(5), row.GetString(6).Split(';'))
            : null;
    }

    private FrozenDictionary<string, Campaign> Campaigns()
    {
        if (campaigns is { } known && clock.GetElapsedTime(known.Since) <= CampaignsMaxAge) return known.All;

        using var command = Command(
            """
            SELECT id, yen_off, jans, categories, stores, businesses, starts_at, ends_at, stopped, allow_unknown_markdown
            FROM campaign
            """);
        using var row = command.ExecuteReader();
        var all = new List<Campaign>();
        while (row.Read())
            all.Add(new(
                row.GetString(0), row.GetInt32(1), row.GetString(2).Split(';'), row.GetString(3).Split(';'),
                row.GetString(4).Split(';'), row.GetString(5).Split(';'), Time(row.GetInt64(6)), Time(row.GetInt64(7)),
                row.GetBoolean(8), row.GetBoolean(9)));
        campaigns = (all.ToFrozenDictionary(one => one.Id, StringComparer.Ordinal), clock.GetTimestamp());
        return campaigns.Value.All;
    }

    private SqliteCommand Command(string sql, params string[] parameters)
    {
        var command = connection.CreateCommand();
        command.CommandText = sql;
        foreach (var name in parameters) command.Parameters.Add(new(name, null));
        return command;
    }

    private static void Set(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var i = 0; i < values.Length; i++) command.Parameters[i].Value = values[i];
    }

    private static DateTime Time(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds).UtcDateTime;

    private sealed record Call(Request Request, byte[] Hash, string Trace, TaskCompletionSource<Redemption> Answer);
}

using System.Globalization;

namespace CoopLine.Load;

/// <summary>The peer's transaction for pgbench: a fresh code and receipt each time, as in <see cref="Sale"/>.</summary>
internal static class PgBenchScript
{
    private const string Numbers = """
        \set i :first + :n * :clients + :client_id
        \set n :n + 1
        \set c (:i * 7393913321) % 10000000000
        \set odd :c / 1000000000 + :c / 10000000 % 10 + :c / 100000 % 10 + :c / 1000 % 10 + :c / 10 % 10
        \set even :c / 100000000 % 10 + :c / 1000000 % 10 + :c / 10000 % 10 + :c / 100 % 10 + :c % 10
        \set code (250000000000 + :c) * 10 + (10 - (17 + :odd + 3 * :even) % 10) % 10
        \set store 100 + :i % 16
        \set receipt 1000000000 + :i

        """;

    private const string Hash = @"'\x9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'";
    private const string Trace = "'4bf92f3577b34da6a3ce929d0e0e4736'";

    /// <param name="variant">As the peer's.</param>
    public static string Of(string variant)
    {
        var day = TimeProvider.System.GetUtcNow().ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return Numbers + (variant == "function"
            ? $$"""
                SELECT outcome, used_campaign, used_line, used_yen, used_trace FROM redeem(:code, '{{day}}/05/' || :receipt, {{Hash}}, '0' || :store, now(), '{1,2,3,4,5}', '{4901234567924,4901234567894,4901234567931,4901234567948,NULL}', '{1101,1201,2204,2301,0100}', '{238,198,128,98,540}', '{no,no,yes,no,unknown}', {{Trace}});
                """
            : $$"""
                SELECT code.member, code.account, code.campaign, code.expires_at, member.account AS linked, member.active, member.businesses FROM coupon_code AS code JOIN member ON member.number = code.member WHERE code.code = :code \gset
                WITH used AS (INSERT INTO redemption (receipt, request_hash, member, campaign, account, at, line, yen, trace_id) VALUES ('{{day}}/05/' || :receipt, {{Hash}}, :member, :campaign, :account, now(), 2, 30, {{Trace}}) ON CONFLICT DO NOTHING RETURNING 1) INSERT INTO ledger (kind, at, campaign, member, account, store, receipt, line, yen, actor, trace_id) SELECT 'used', now(), :campaign, :member, :account, '0' || :store, '{{day}}/05/' || :receipt, 2, 30, 'till', {{Trace}} FROM used;
                """) + "\n";
    }
}

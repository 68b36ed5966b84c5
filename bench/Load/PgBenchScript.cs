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
        string Each(Func<int, object> what) => string.Join(',', Enumerable.Range(0, Sale.Campaigns).Select(what));
        return Numbers + (variant == "one"
            ? $$"""
                WITH used AS (INSERT INTO redemption (receipt, request_hash, member, campaign, account, at, line, yen, trace_id) SELECT '{{day}}/05/' || :receipt, {{Hash}}, code.member, code.campaign, code.account, now(), offer.line, offer.yen, {{Trace}} FROM coupon_code AS code JOIN member ON member.number = code.member JOIN unnest('{{{Each(i => Sale.Campaign(i))}}}'::text[], '{{{Each(_ => 2)}}}'::int[], '{{{Each(_ => Sale.YenOff)}}}'::int[], '{{{Each(_ => "\"{store}\"")}}}'::text[]) AS offer (campaign, line, yen, businesses) ON offer.campaign = code.campaign WHERE code.code = :code AND code.expires_at > now() AND member.account = code.account AND member.active AND member.businesses && offer.businesses::text[] ON CONFLICT DO NOTHING RETURNING campaign, member, account, line, yen), filed AS (INSERT INTO ledger (kind, at, campaign, member, account, store, receipt, line, yen, actor, trace_id) SELECT 'used', now(), campaign, member, account, '0' || :store, '{{day}}/05/' || :receipt, line, yen, 'till', {{Trace}} FROM used) SELECT campaign, line, yen FROM used;
                """
            : $$"""
                SELECT code.member, code.account, code.campaign, code.expires_at, member.account AS linked, member.active, member.businesses FROM coupon_code AS code JOIN member ON member.number = code.member WHERE code.code = :code \gset
                WITH used AS (INSERT INTO redemption (receipt, request_hash, member, campaign, account, at, line, yen, trace_id) VALUES ('{{day}}/05/' || :receipt, {{Hash}}, :member, :campaign, :account, now(), 2, 30, {{Trace}}) ON CONFLICT DO NOTHING RETURNING 1) INSERT INTO ledger (kind, at, campaign, member, account, store, receipt, line, yen, actor, trace_id) SELECT 'used', now(), :campaign, :member, :account, '0' || :store, '{{day}}/05/' || :receipt, 2, 30, 'till', {{Trace}} FROM used;
                """) + "\n";
    }
}

using System.Text.Json;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Edge;

/// <summary>
/// Good requests to every endpoint, each damaged at random. Whatever is wrong with them is their sender's fault: no 5xx, but for
/// 503, and for 501 and 505, which the web server says to a protocol that it does not speak. <c>tests/run --long</c> sends 20,000.
/// </summary>
[OneDatabase]
[Trait("Speed", "random")]
public sealed class Mutated_requests(OpenToOperators open) : IClassFixture<OpenToOperators>
{
    private const int AtOnce = 16;

    /// <summary>Hosts, lengths, encodings, JSON, CSV, forms, times and numbers that somebody might not have thought of.</summary>
    private static readonly string[] Oddities =
    [
        "", "\0", "\r\n", "\r\n\r\n", "\u00ff\u00fe", "\u00ed\u00a0\u0080", "\\ud800", "\\u0000", "%", "%00", "%ff", "%ed%a0%80", "..%2f", "+",
        "null", "true", "{}", "[]", "\"\"", "\"", "{", "}", "[[[[[[[[", "-1", "0", "1e999", "1e-999", "0.5", "99999999999999999999", "NaN",
        "9999-12-31T23:59:59+00:00", "0001-01-01T00:00:00+14:00", "2026-11-22T10:00:00+24:00", "2026-02-30", "10000-01-01", "S46",
        "a:99999", "[::", "charset=\"\"", ";charset=utf-16", "multipart/form-data", "boundary=\"\"", "application/json", "text/csv",
        "Transfer-Encoding: chunked\r\n", "Content-Length: -1\r\n", "Expect: 100-continue\r\n", "FFFFFFFFFFFFFFFF\r\n", "Bearer ", "=?",
        new string('9', 30), new string('a', 5_000), new string('[', 200), new string('あ', 50),
    ];

    [Fact]
    public async Task No_damage_makes_a_defect_of_ours()
    {
        var requests = await Good();
        await AllAreGood(requests);
        var random = Chance.New(out _);
        var count = Chance.Time > TimeSpan.Zero ? 20_000 : 400;
        var damaged = Enumerable.Range(0, count).Select(i => (requests[i % requests.Length].Server, Text: Damage(requests[i % requests.Length], random)));

        await Parallel.ForEachAsync(damaged, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (request, _) =>
        {
            var answer = await RawRequest.Send(request.Server, request.Text, hangUp: true);
            Assert.False(answer?.Status is >= 500 and not (503 or 501 or 505), $"{answer?.Head}\n\nto\n\n{request.Text}\n\n{string.Join('\n', open.Troubles)}");
        });

        Assert.Equal(200, (await RawRequest.Send(open.Public, "GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n"))?.Status);
    }

    /// <summary>Every endpoint has a request here that it answers as it should.</summary>
    private static async Task AllAreGood(Request[] requests)
    {
        foreach (var request in requests)
        {
            var answer = await RawRequest.Send(request.Server, request.Text());
            Assert.True(answer?.Status is >= 200 and < 400 or 401 or 404 or 409 or 410, $"{answer?.Status} {request.Line}");
        }
    }

    private async Task<Request[]> Good()
    {
        var coop = open.Coop;
        var (phone, member) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var code = await coop.ShowCode(phone, tofu);
        var sale = coop.Sale(code);
        var page = await coop.OpenPage(await coop.NewFriend());
        await coop.Redeem(sale);
        var (till, staff, friend) = (RunningSystem.TillKey("0123"), RunningSystem.StaffKey, phone.IdToken());
        var another = await coop.NewMember();
        using var door = new StaffBrowser(open.Public);
        var token = Uri.EscapeDataString((await door.Open("/staff/sign-in")).Token!);
        var cookie = $"Cookie: {door.Cookies.GetCookieHeader(open.Public)}\r\n";
        return
        [
            Post("/pos/v1/evaluations", till, sale),
            Post("/pos/v1/redemptions", till, sale),
            Get($"/pos/v1/receipts/{sale.Key}", till),
            Post($"/pos/v1/receipts/{sale.Key}/returns", till, new { lines = new[] { 1 } }),
            Post($"/pos/v1/receipts/{coop.Sale(code).Key}/void", till, new { }),
            Get($"/staff/v1/members/{member.Number}", staff),
            Post($"/staff/v1/members/{another.Number}/unlink", staff, new { reason = "lost phone", identityCheck = "member card" }),
            Post($"/staff/v1/members/{another.Number}/locks/clear", staff, new { }),
            Post($"/staff/v1/receipts/{sale.Key}/restore", staff, new { campaign = tofu, reason = "goods returned" }),
            Get($"/staff/v1/ledger?member={member.Number}&limit=50", staff),
            Get($"/staff/v1/campaigns", staff),
            Get($"/staff/v1/campaigns/{tofu}", staff),
            Post($"/staff/v1/campaigns/{Some.CampaignId()}", staff, Some.Campaign(), method: "PUT"),
            Post($"/staff/v1/campaigns/{tofu}/publish", staff, new { }),
            Post($"/staff/v1/campaigns/{await coop.Publish()}/stop", staff, new { }),
            Post("/staff/v1/registry/imports?mode=delta", staff, Some.Csv(another), "text/csv"),
            Post(
                "/staff/v1/registry/imports?mode=delta&force=true", staff,
                $"--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"m.csv\"\r\n\r\n{Some.Csv(another)}\r\n--x--\r\n",
                "multipart/form-data; boundary=x"),
            Get(page.AbsolutePath, ""),
            Post("/link/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "", $"memberNumber={another.Number}&phone={another.Phone}&birthDate=19710401", Form),
            Get("/coupons", ""),
            Get("/coupons/available", friend),
            Post("/coupons/codes", friend, new { campaigns = new[] { tofu } }),
            Get($"/coupons/codes/{code}", friend),
            Get($"/coupons/codes/{code}/events", friend),
            Post("/line/webhook", "", """{"destination":"U0","events":[]}""", "application/json", more: "x-line-signature: AAAA\r\n"),
            Get("/assets/member.css", ""),
            Get("/openapi/v1.json", ""),
            Get("/scalar/v1", ""),
            Get("/health/ready", ""),
            Get("/ops", staff, open.Operators),
            Get("/ops/events", staff, open.Operators),
            Get($"/ops/search?q={sale.Key}", staff, open.Operators),
            Get("/ops/traces/5475511fac1d933d3a06ab4591bfa922", staff, open.Operators),
            Get("/ops/login?from=/ops", "", open.Operators),
            Get("/staff/sign-in?from=/ops&said=x", ""),
            Post("/staff/sign-in?from=/ops", "", $"form={token}&way=key&key={staff}", Form, more: cookie),
            Post("/staff/sign-in?from=/ops", "", $"form={token}&way=password&name=suzuki&password=1234&code=123456", Form, more: cookie),
            Post("/staff/sign-in?from=/ops", "", $"form={token}&way=passkey&state=x&credential=x", Form, more: cookie),
            Post("/staff/sign-in/passkey", "", $"form={token}", Form, more: cookie),
            Get("/staff/invitation?token=0123&for=suzuki", ""),
            Post("/staff/invitation?token=0123&for=suzuki", "", $"form={token}&way=password", Form, more: cookie),
            Get("/staff/me", ""),
            Get("/staff/accounts/suzuki", ""),
            Get("/ops/orleans/", staff, open.Operators),
            Get("/metrics", "", open.Operators),
        ];
    }

    private const string Form = "application/x-www-form-urlencoded";

    private static string Damage(Request request, Random random)
    {
        var (head, body) = (request.Line + request.Headers, request.Body);
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            if (body.Length > 0 && random.Next(3) > 0) body = DamageOnce(body, random);
            else head = DamageOnce(head, random);
        }

        var length = random.Next(10) > 0 ? body.Length : random.Next(0, 2 * body.Length + 2);
        return request.IsPost ? $"{head}Content-Length: {length}\r\n\r\n{body}" : $"{head}\r\n";
    }

    private static string DamageOnce(string text, Random random)
    {
        var (from, to) = Piece(text, random);
        var odd = Oddities[random.Next(Oddities.Length)];
        return random.Next(6) switch
        {
            0 => text[..from] + (char)random.Next(256) + text[from..],
            1 => text[..from] + odd + text[from..],
            2 => text[..from] + text[to..],
            3 => text[..to] + text[from..],
            _ => text[..from] + odd + text[to..],
        };
    }

    /// <summary>Half of the time a word or a number, else anything.</summary>
    private static (int From, int To) Piece(string text, Random random)
    {
        var (from, to) = (random.Next(text.Length + 1), random.Next(text.Length + 1));
        if (from > to) (from, to) = (to, from);
        if (random.Next(2) == 0) return (from, to);

        while (from > 0 && IsInWord(text[from - 1])) from--;
        for (to = from; to < text.Length && IsInWord(text[to]);) to++;
        return (from, to);
    }

    private static bool IsInWord(char letter) => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '.' or '+';

    private Request Get(string path, string key, Uri? server = null) =>
        new(server ?? open.Public, $"GET {path} HTTP/1.1\r\n", Headers(key), "", IsPost: false);

    private Request Post(string path, string key, object body, string method = "POST") =>
        new(open.Public, $"{method} {path} HTTP/1.1\r\n", Headers(key) + "Content-Type: application/json\r\n", JsonSerializer.Serialize(body), IsPost: true);

    private Request Post(string path, string key, string body, string type, Uri? server = null, string more = "") =>
        new(server ?? open.Public, $"POST {path} HTTP/1.1\r\n", Headers(key) + more + $"Content-Type: {type}\r\n", body, IsPost: true);

    private static string Headers(string key) =>
        "Host: line.coop.example\r\nConnection: close\r\nAccept-Language: ja\r\nCookie: coopline-ops=x\r\n"
        + (key.Length > 0 ? $"Authorization: Bearer {key}\r\n" : "");

    /// <summary>Each character is one byte.</summary>
    private sealed record Request(Uri Server, string Line, string Headers, string Body, bool IsPost)
    {
        public string Text() => IsPost ? $"{Line}{Headers}Content-Length: {Body.Length}\r\n\r\n{Body}" : $"{Line}{Headers}\r\n";
    }
}

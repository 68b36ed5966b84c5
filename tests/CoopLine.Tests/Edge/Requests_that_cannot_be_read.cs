using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Edge;

/// <summary>What is wrong with a request is its sender's fault: 4xx, and no error of ours in the log.</summary>
[OneDatabase]
public sealed class Requests_that_cannot_be_read : IClassFixture<OpenToOperators>
{
    private const string NoSession = "/link/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    private const string Form = "application/x-www-form-urlencoded";
    private const string Json = "application/json";

    private static readonly (string Path, string Key, string Type)[] Posts =
    [
        ("/pos/v1/redemptions", RunningSystem.TillKey("0123"), Json),
        ("/pos/v1/evaluations", RunningSystem.TillKey("0123"), Json),
        ("/pos/v1/receipts/2026-11-22/0123/05/000481/returns", RunningSystem.TillKey("0123"), Json),
        ("/staff/v1/members/10000001/unlink", RunningSystem.StaffKey, Json),
        ("/staff/v1/receipts/2026-11-22/0123/05/000481/restore", RunningSystem.StaffKey, Json),
        ("/line/webhook", "", Json),
        ("/staff/v1/registry/imports", RunningSystem.StaffKey, "text/csv"),
        ("/staff/v1/registry/imports", RunningSystem.StaffKey, "multipart/form-data; boundary=x"),
        (NoSession, "", Form),
        ("/staff/sign-in", "", Form),
    ];

    private readonly OpenToOperators open;

    public Requests_that_cannot_be_read(OpenToOperators open)
    {
        this.open = open;
        open.Troubles.Clear();
    }

    [Theory]
    [InlineData("a:99999")]
    [InlineData("")]
    [InlineData("4,000 characters")]
    [InlineData("[::1")]
    [InlineData("a..b:80")]
    [InlineData("a_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.example")] // a label of 69 characters
    public async Task A_host_that_is_none_is_400(string host)
    {
        var wrong = new List<string>();
        if (host.StartsWith('4')) host = new string('a', 4000);
        foreach (var path in (string[])["/coupons", NoSession, "/link/x", "/openapi/v1.json", "/scalar/v1", "/ops", "/ops/login", "/staff/sign-in"])
        {
            var answer = await RawRequest.Send(Server(path), $"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            if (answer?.Status != 400) wrong.Add($"{answer?.Status} {path}");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    /// <summary>Load balancers ask for nothing else, and not all of them say of whom.</summary>
    [Fact]
    public async Task Health_is_told_to_whoever_asks()
    {
        var answer = await RawRequest.Send(open.Public, "GET /health/live HTTP/1.0\r\n\r\n");
        Assert.Equal(200, answer?.Status);
    }

    [Theory]
    [InlineData("charset=\"\"", 415)]
    [InlineData("charset=", 415)]
    [InlineData("charset=\"klingon\"", 415)]
    [InlineData("charset=utf-7", 415)]
    [InlineData("charset=\"utf-8\"", 400)] // it can be read, and there is nothing in it
    [InlineData("charset=\"UTF-8\"", 400)]
    [InlineData("charset='utf-8'", 415)]
    [InlineData("charset=\"utf\\-8\"", 415)]
    public async Task A_character_set_that_is_none_is_415(string charset, int status)
    {
        var wrong = new List<string>();
        foreach (var (path, key, type) in Posts.Where(post => post.Type == Json && post.Key.Length > 0))
        {
            var answer = await Post(path, key, $"{type};{charset}", "Content-Length: 2\r\n\r\n[]");
            if (answer != status) wrong.Add($"{answer} {path}");
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Theory]
    [InlineData("FFFFFFFFFFFFFFFF\r\n")]
    [InlineData("FFFFFFFF\r\n")]
    [InlineData("7FFFFFFF\r\n")]
    [InlineData("-1\r\n")]
    [InlineData("x\r\n")]
    [InlineData("2\r\n{}")]
    [InlineData("2\r\n{}FFFFFFFFFFFFFFFF\r\n")]
    public async Task A_body_whose_pieces_do_not_fit_is_the_sender_s_fault(string chunks)
    {
        var wrong = new List<string>();
        foreach (var (path, key, type) in Posts)
        {
            var answer = await Post(path, key, type, $"Transfer-Encoding: chunked\r\n\r\n{chunks}", hangUp: true);
            if (IsWrong(path, answer)) wrong.Add($"{answer} {path}");
        }

        Assert.True(wrong.Count == 0 && open.Troubles.IsEmpty, string.Join('\n', wrong.Concat(open.Troubles)));
    }

    [Theory]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"key\"\r\n")]
    [InlineData("multipart/form-data; boundary=x", "--x\r\nno header\r\n\r\nvalue\r\n--x--")]
    [InlineData("multipart/form-data; boundary=x", "-\u00ff")]
    [InlineData("multipart/form-data", "--x")]
    [InlineData("multipart/form-data; boundary=\"\"", "--x")]
    [InlineData(Form, "key=%ff%00&&&=&a=%zz")]
    [InlineData(Form + "; charset=utf-16", "key=1")]
    [InlineData(Form + "; charset=utf-7", "key=1")]
    [InlineData(Form + "; charset=\"\"", "key=1")]
    [InlineData("", "key=1")]
    public async Task A_form_that_is_broken_leaves_no_stack_trace_in_the_log(string type, string body)
    {
        var wrong = new List<string>();
        foreach (var (path, key, _) in Posts.Where(post => post.Type != Json))
        {
            foreach (var length in (int[])[body.Length, body.Length + 10]) // all of it, and not all of it
            {
                var answer = await Post(path, key, type, $"Content-Length: {length}\r\n\r\n{body}", hangUp: true);
                if (IsWrong(path, answer)) wrong.Add($"{answer} {path}");
            }
        }

        Assert.True(wrong.Count == 0 && open.Troubles.IsEmpty, string.Join('\n', wrong.Concat(open.Troubles)));
    }

    /// <summary>The link page answers with the address of a page that says what is wrong. Whoever hangs up gets no answer.</summary>
    private static bool IsWrong(string path, int? answer) =>
        answer is < 400 or >= 500 && !(answer == 303 && path.StartsWith("/link/", StringComparison.Ordinal));

    private async Task<int?> Post(string path, string key, string type, string more, bool hangUp = false) => (await RawRequest.Send(
        Server(path),
        $"POST {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer {key}\r\n"
        + (type.Length > 0 ? $"Content-Type: {type}\r\n{more}" : more),
        hangUp))?.Status;

    private Uri Server(string path) => path.StartsWith("/ops", StringComparison.Ordinal) ? open.Operators : open.Public;
}

using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using CoopLine.Grains.Registry;
using CoopLine.Silo.Registry;
using CoopLine.Silo.Storage;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Registry;

[OneDatabase]
public sealed class Importing_over_HTTP(RunningSystem coop) : IClassFixture<RunningSystem>
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private IRegistry Registry => coop.Host.Services.GetRequiredService<IRegistry>();

    [Fact]
    public async Task A_plain_body_is_applied_and_reported()
    {
        var response = await Post(Plain(RegistryDesk.Csv("00000001,,,active,,,", "00000002,,,nobody,,,")), "?force=true");

        var report = await Json(response);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("applied", report.GetProperty("outcome").GetString());
        Assert.Equal(1, report.GetProperty("accepted").GetInt32());
        Assert.Equal(3, report.GetProperty("rejectedRows")[0].GetProperty("line").GetInt32());
        Assert.NotNull(await Registry.Find("00000001", Cancellation));
    }

    [Fact]
    public async Task A_form_with_a_file_is_applied()
    {
        using var form = new MultipartFormDataContent
        {
            { new StringContent("of today"), "note" },
            { new ByteArrayContent(Encoding.UTF8.GetBytes(RegistryDesk.Csv("00000001,,,active,,,"))), "file", "組合員.csv" },
        };

        Assert.Equal(HttpStatusCode.OK, (await Post(form, "?mode=full&force=true")).StatusCode);
        Assert.NotNull(await Registry.Find("00000001", Cancellation));
    }

    [Fact]
    public async Task A_body_beyond_the_usual_limit_is_applied()
    {
        var home = new string('x', 30_000);
        var long30MB = RegistryDesk.Csv(Enumerable.Range(1, 1_100).Select(i => $"{i:00000000},,,active,,{home},").Prepend("00000000,,,active,,,"));
        Assert.True(long30MB.Length > 30_000_000);

        var response = await Post(Plain(long30MB), "?force=true");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(1_101, (await Json(response)).GetProperty("rows").GetInt32());
    }

    [Fact]
    public async Task Too_many_missing_answer_422_with_the_report_and_force_applies()
    {
        await Full(RegistryDesk.Members(10));
        var csv = RegistryDesk.Csv(RegistryDesk.Members(5));

        var response = await Post(Plain(csv));

        var problem = await Json(response);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("urn:coopline:registry-import:too-many-missing", problem.GetProperty("type").GetString());
        Assert.Equal(5, problem.GetProperty("report").GetProperty("missing").GetInt32());
        Assert.Equal(HttpStatusCode.OK, (await Post(Plain(csv), "?force=true")).StatusCode);
    }

    [Fact]
    public async Task Too_many_rejected_answer_422_and_the_rejected_lines_come_as_CSV_when_asked_for()
    {
        var csv = RegistryDesk.Csv("00000001,,,active,,,", "00000002,,,nobody,,,", "00000003,,,nobody,,,");
        using var asking = new HttpRequestMessage(HttpMethod.Post, "/staff/v1/registry/imports?mode=delta") { Content = Plain(csv) };
        asking.Headers.Accept.ParseAdd("text/csv");

        var response = await Post(Plain(csv), "?mode=delta");
        var rejects = await coop.Staff().SendAsync(asking, Cancellation);

        Assert.Equal("urn:coopline:registry-import:too-many-rejected", (await Json(response)).GetProperty("type").GetString());
        Assert.Equal(HttpStatusCode.UnprocessableEntity, response.StatusCode);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "text/csv"), (rejects.StatusCode, rejects.Content.Headers.ContentType?.MediaType));
        Assert.EndsWith("\"00000003,,,nobody,,,\"\r\n", await rejects.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.DoesNotContain("nobody,", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_tells_how_many_links_would_end_and_ends_none()
    {
        var (phone, member) = await coop.LinkedFriend();
        var (moving, renumbered) = await coop.LinkedFriend();
        var csv = RegistryDesk.Csv((member with { Status = "withdrawn" }).Csv, (renumbered with { ReplacedBy = "99999999" }).Csv, "99999999,,,active,,,");

        var report = await Json(await Post(Plain(csv), "?mode=delta&dryRun=true"));

        Assert.Equal("wouldApply", report.GetProperty("outcome").GetString());
        Assert.Equal(
            """{"new":1,"changed":2,"leaving":1,"renumbered":1,"linksEnding":1,"linksMoving":1}""", report.GetProperty("changes").GetRawText());
        Assert.True(await coop.IsLinked(member.Number, phone));
        Assert.True(await coop.IsLinked(renumbered.Number, moving));
        Assert.Null(await Registry.Find("99999999", Cancellation));
    }

    [Theory]
    [InlineData("text/csv; charset=Shift_JIS", "")]
    [InlineData("text/csv; charset=utf-8", "&charset=Shift_JIS")] // the query is what somebody wrote
    public async Task What_the_sender_says_of_the_encoding_is_obeyed(string type, string query)
    {
        using var content = new ByteArrayContent(
            CodePagesEncodingProvider.Instance.GetEncoding(932)!.GetBytes(RegistryDesk.Csv("00000001,,,active,,ﾃｽﾃｽ,")));
        content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type);

        Assert.Equal(HttpStatusCode.OK, (await Post(content, "?mode=delta" + query)).StatusCode);
        Assert.Equal("ﾃｽﾃｽ", (await Registry.Find("00000001", Cancellation))?.HomeStore);
    }

    [Fact]
    public async Task Another_import_that_runs_answers_409()
    {
        Assert.NotNull(await StagedImport.Begin(
            coop.Host.Services.GetRequiredService<Database>(), coop.Clock, ImportMode.Delta, Cancellation));

        Assert.Equal(HttpStatusCode.Conflict, (await Post(Plain(RegistryDesk.Csv("00000001,,,active,,,")))).StatusCode);
        coop.Clock.Advance(StagedImport.Lease + TimeSpan.FromSeconds(1)); // it counts as dead, and the other tests go on
    }

    [Theory]
    [InlineData("text/csv", "", "", 400)]
    [InlineData("text/csv", "member_number,phones\n", "", 422)]
    [InlineData("text/csv", "x", "?mode=half", 400)]
    [InlineData("text/csv", "x", "?force=perhaps", 400)]
    [InlineData("text/csv; charset=EUC-JP", "x", "", 415)]
    [InlineData("text/csv", "x", "?charset=latin1", 415)]
    [InlineData("text/csv", "x", "?dryRun=perhaps", 400)]
    [InlineData("text/csv", RegistryDesk.Header + "\n00000001,,,active,,new,", "?mode=delta&dry-run=true", 400)] // would be applied
    [InlineData("application/json", "{}", "", 415)]
    [InlineData("multipart/form-data", "x", "", 415)] // no boundary
    [InlineData("multipart/form-data; boundary=b", "x", "", 400)]
    [InlineData("multipart/form-data; boundary=b", "--b--\r\n", "", 400)]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n\r\n--b--\r\n", "", 400)]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=f; filename=f\r\n\r\n" + RegistryDesk.Header + "\n00000001,,,act", "", 400)]
    public async Task A_bad_request_gets_a_clear_answer_and_changes_nothing(
        string type, string body, string query, int status)
    {
        await Full("00000001,,,active,,old,");
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.ContentType = System.Net.Http.Headers.MediaTypeHeaderValue.Parse(type);

        var response = await Post(content, query);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.NotEmpty((await Json(response)).GetProperty("detail").GetString()!);
        Assert.Equal("old", (await Registry.Find("00000001", Cancellation))?.HomeStore);
        Assert.Equal(ImportOutcome.Applied, (await Full("00000001,,,active,,new,")).Outcome);
    }

    [Theory]
    [InlineData("Content-Length: 104857600", "")]
    [InlineData("Transfer-Encoding: chunked", "10000\r\n")]
    public async Task Of_a_caller_without_a_key_the_body_is_not_read(string length, string beforeEach)
    {
        using var stranger = new TcpClient();
        await stranger.ConnectAsync(coop.Host.Address.Host, coop.Host.Address.Port, Cancellation);
        await using var stream = stranger.GetStream();
        await stream.WriteAsync(
            Encoding.ASCII.GetBytes($"POST /staff/v1/registry/imports HTTP/1.1\r\nHost: coop\r\nContent-Type: text/csv\r\n{length}\r\n\r\n"), Cancellation);
        var answer = new byte[12];
        await stream.ReadExactlyAsync(answer, Cancellation);
        byte[] block = [.. Encoding.ASCII.GetBytes(beforeEach), .. new byte[0x10000], .. beforeEach.Length > 0 ? "\r\n"u8 : ""u8];

        Assert.Equal("HTTP/1.1 401", Encoding.ASCII.GetString(answer));
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            for (var sent = 0; sent < 100 << 20; sent += block.Length) await stream.WriteAsync(block, Cancellation);
        });
    }

    private Task<ImportReport> Full(params IEnumerable<string> rows) =>
        coop.Host.Services.GetRequiredService<IRegistryImport>().Run(
            new MemoryStream(Encoding.UTF8.GetBytes(RegistryDesk.Csv(rows))), new(ImportMode.Full, Force: true),
            cancellation: Cancellation);

    private static StringContent Plain(string csv) => new(csv, Encoding.UTF8, "text/csv");

    private static Task<JsonElement> Json(HttpResponseMessage response) =>
        response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);

    private Task<HttpResponseMessage> Post(HttpContent content, string query = "") =>
        coop.Staff().PostAsync(new Uri("/staff/v1/registry/imports" + query, UriKind.Relative), content, Cancellation);
}

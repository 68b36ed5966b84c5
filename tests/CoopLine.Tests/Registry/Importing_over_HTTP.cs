using System.Net;
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
        Assert.Equal("old", (await Registry.Find("00000001", Cancellation))?.HomeStore);
        Assert.Equal(ImportOutcome.Applied, (await Full("00000001,,,active,,new,")).Outcome);
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

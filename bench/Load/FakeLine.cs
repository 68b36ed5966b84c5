using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CoopLine.Load;

/// <summary>
/// As much of LINE as a coupon page and a message to many need: it says whose an id token is, and believes every token; it takes
/// every message at once, and counts to whom.
/// </summary>
internal static class FakeLine
{
    private static readonly IResult Nothing = TypedResults.Text("{}", "application/json");

    private static long persons;

    public static string Address { get; } = $"http://127.0.0.1:{Server.FreePort()}";

    /// <summary>How many persons' messages it has taken.</summary>
    public static long Persons => Interlocked.Read(ref persons);

    public static string IdToken(string account) => $"header.{account}.signature";

    public static async Task<IAsyncDisposable> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapPost("/oauth2/v2.1/verify", async (HttpRequest request) =>
        {
            var form = await request.ReadFormAsync();
            var anHourOn = TimeProvider.System.GetUtcNow().AddHours(1).ToUnixTimeSeconds();
            return TypedResults.Json(new { sub = form["id_token"].ToString().Split('.')[1], aud = form["client_id"].ToString(), exp = anHourOn });
        });
        app.MapPost("/v2/bot/message/multicast", async (HttpContext http) =>
        {
            var body = new byte[http.Request.ContentLength!.Value];
            await http.Request.Body.ReadExactlyAsync(body);
            Interlocked.Add(ref persons, body.AsSpan().Count("\"U"u8)); // an account's id
            return Nothing;
        });
        app.MapPost("/v2/bot/message/validate/multicast", () => Nothing);
        app.MapGet("/v2/bot/message/quota", () => TypedResults.Json(new { type = "none" }));
        app.MapGet("/v2/bot/message/quota/consumption", () => TypedResults.Json(new { totalUsage = 0 }));
        app.MapGet("/v2/bot/insight/message/event/aggregation", () => TypedResults.Json(
            new { overview = new { uniqueImpression = (long?)null, uniqueClick = (long?)null } }));
        app.Urls.Add(Address);
        await app.StartAsync();
        return app;
    }
}

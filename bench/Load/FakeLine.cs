using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CoopLine.Load;

/// <summary>As much of LINE as a coupon page needs: it says whose an id token is. It believes every token.</summary>
internal static class FakeLine
{
    public static string Address { get; } = $"http://127.0.0.1:{Server.FreePort()}";

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
        app.Urls.Add(Address);
        await app.StartAsync();
        return app;
    }
}

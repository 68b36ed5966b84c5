using System.Security.Claims;
using CoopLine.Webhook.Edge;
using CoopLine.Webhook.Staff;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Ops;

/// <summary>Exchanges a staff key for a cookie, which only this site can use (SameSite=Strict).</summary>
internal static partial class LoginEndpoints
{
    private const int FormLimitBytes = 4 * 1024;

    extension(IEndpointRouteBuilder pages)
    {
        public void MapLogin()
        {
            pages.MapGet("/login", IResult () => Page(StatusCodes.Status200OK, refused: false));
            pages.MapPost("/login", Login).WithMetadata(RateLimit.Pages, new RequestSizeLimitAttribute(FormLimitBytes));
            pages.MapPost("/logout", async (HttpContext http) =>
            {
                await http.SignOutAsync(OpsSetup.Cookie);
                return http.Response.SeeOther("/ops/login");
            });
        }
    }

    private static async Task<IResult> Login(
        string? from, HttpContext http, IOptionsMonitor<ApiKeyOptions> keys, ILoggerFactory logs)
    {
        var form = await http.Request.ReadFormOrNothing();
        if (keys.Get(StaffAuthentication.Policy).Keys.OwnerOf(form["key"].ToString()) is not { } owner)
        {
            LogRefused(logs.CreateLogger<OpsPage>(), http.Connection.RemoteIpAddress);
            return Page(StatusCodes.Status403Forbidden, refused: true);
        }

        await http.SignInAsync(
            OpsSetup.Cookie, new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, owner)], OpsSetup.Cookie)));
        // Only to our own pages, whatever the address says.
        var ours = from is ['/', 'o', 'p', 's', '/' or '?', ..] && from.All(letter => letter is > ' ' and < (char)0x7F);
        return http.Response.SeeOther(ours ? from! : "/ops");
    }

    [LoggerMessage(LogLevel.Warning, "Somebody at {Address} tried a key at /ops that nobody has")]
    private static partial void LogRefused(ILogger log, System.Net.IPAddress? address);

    private static RazorComponentResult<OpsLoginPage> Page(int status, bool refused) =>
        new(new { Refused = refused }) { StatusCode = status };
}

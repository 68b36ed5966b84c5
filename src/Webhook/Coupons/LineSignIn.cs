using System.Security.Claims;
using System.Text.Encodings.Web;
using CoopLine.Grains.Line;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Coupons;

public sealed class LineSignInOptions : AuthenticationSchemeOptions;

/// <summary>
/// <c>Authorization: Bearer</c> with LIFF's id token, verified by LINE, or with our session. Without either 401; 429 for
/// too many id tokens from one address; 503 while LINE verifies nothing. The caller's name is the LINE account.
/// </summary>
internal sealed class LineSignIn(
    IOptionsMonitor<LineSignInOptions> options, ILoggerFactory log, UrlEncoder encoder,
    LineMessagingClient line, CouponSessions sessions, RateLimits limits)
    : AuthenticationHandler<LineSignInOptions>(options, log, encoder)
{
    public new const string Scheme = "line";

    private const int TokenLimit = 4096;

    private bool lineIsDown;
    private bool isCrowded;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        if (Bearer.Token(Request) is not { } token) return AuthenticateResult.NoResult();
        if (token.Length > TokenLimit) return AuthenticateResult.Fail("No token is so long.");

        // An id token has dots; ours has none and never reaches LINE.
        if (!token.Contains('.', StringComparison.Ordinal))
            return sessions.Account(token) is { } known ? Signed(known, null) : AuthenticateResult.Fail("Session over.");

        if (!limits.Admits(RateLimit.SignIn, Context))
        {
            isCrowded = true;
            return AuthenticateResult.Fail("Too many id tokens.");
        }

        switch (await line.VerifyIdToken(token, Context.RequestAborted))
        {
            case IdTokenOutcome.Valid valid:
                return Signed(valid.Account, sessions.Start(valid.Account));
            case IdTokenOutcome.Unavailable:
                lineIsDown = true;
                return AuthenticateResult.Fail("LINE gave no answer.");
            default:
                return AuthenticateResult.Fail("Id token refused.");
        }
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.Headers.CacheControl = "no-store";
        if (isCrowded) return RateLimits.Refuse(Context);
        if (lineIsDown)
            return CouponProblems.Because(StatusCodes.Status503ServiceUnavailable, "lineUnavailable", "SignInUnavailable")
                .ExecuteAsync(Context);
        Response.Headers.WWWAuthenticate = Bearer.Scheme;
        return CouponProblems.Because(StatusCodes.Status401Unauthorized, "signInAgain", "SignInInvalid")
            .ExecuteAsync(Context);
    }

    /// <param name="session">A fresh session to hand to the page.</param>
    private static AuthenticateResult Signed(string account, string? session)
    {
        List<Claim> claims = [new(ClaimTypes.Name, account)];
        if (session is not null) claims.Add(new(SessionClaim, session));
        return AuthenticateResult.Success(new(new(new ClaimsIdentity(claims, Scheme)), Scheme));
    }

    private const string SessionClaim = "coupon-session";

    public static string Account(ClaimsPrincipal friend) => friend.Identity!.Name!;

    public static string? NewSession(ClaimsPrincipal friend) => friend.FindFirstValue(SessionClaim);
}

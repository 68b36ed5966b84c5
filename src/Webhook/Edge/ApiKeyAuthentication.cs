using System.Security.Claims;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Edge;

internal sealed class ApiKeyOptions : AuthenticationSchemeOptions
{
    public ApiKeys Keys { get; set; } = ApiKeys.None;

    /// <summary>What is said to somebody whose key is good and not for this.</summary>
    public Func<HttpContext, IResult> Refusal { get; set; } = _ => TypedResults.StatusCode(StatusCodes.Status403Forbidden);
}

/// <summary><c>Authorization: Bearer KEY</c>; the caller's name is the key's owner.</summary>
internal sealed class ApiKeyAuthentication(
    IOptionsMonitor<ApiKeyOptions> options, ILoggerFactory logs, UrlEncoder encoder)
    : AuthenticationHandler<ApiKeyOptions>(options, logs, encoder)
{
    /// <summary>Of a body of somebody without a key, so much is passed over; then the connection is closed.</summary>
    private const int PassedOverBytes = 64 * 1024;

    public static ClaimsPrincipal Caller(string owner, string scheme) =>
        new(new ClaimsIdentity([new Claim(ClaimTypes.Name, owner)], scheme));

    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(Authenticate());

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = Bearer.Scheme;
        // Kestrel would read on to find the next request behind the body, however long it is.
        if (Context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } body) body.MaxRequestBodySize = PassedOverBytes;
        return Task.CompletedTask;
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) => Options.Refusal(Context).ExecuteAsync(Context);

    private AuthenticateResult Authenticate()
    {
        if (Bearer.Token(Request) is not { } key) return AuthenticateResult.NoResult();
        if (Options.Keys.OwnerOf(key) is not { } owner) return AuthenticateResult.Fail("Nobody has this key.");

        return AuthenticateResult.Success(new(Caller(owner, Scheme.Name), Scheme.Name));
    }
}

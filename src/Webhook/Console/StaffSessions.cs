using System.Security.Claims;
using CoopLine.Grains;
using CoopLine.Grains.Staff;
using CoopLine.Webhook.Edge;
using CoopLine.Webhook.Staff;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;

namespace CoopLine.Webhook.Console;

/// <summary>An endpoint that a page asks by itself: it keeps no session alive.</summary>
internal sealed class AsksByItself
{
    public static readonly AsksByItself Metadata = new();
}

/// <summary>
/// Who is signed in, and where. The cookie says who somebody is; their grain says at each request whether that still goes, and what they may
/// do: so whoever is removed, loses a role or ends a session has lost it at once, in every process.
/// </summary>
internal sealed class StaffSessions(IGrainFactory grains, StaffAccounts keys, Patience patience)
{
    public const string Cookie = "staff-cookie";

    private const string SessionClaim = "coopline-session";

    /// <returns>False: the proof is not good, or the name belongs to an account and to a key.</returns>
    public async Task<bool> Start(HttpContext http, string name, StaffProof proof, SignInMethod method)
    {
        if (proof is not StaffProof.OfKey && keys.Find(name) is not null) return false;
        var session = Tokens.New();
        if (!await OnConflict.Repeat(() => grains.Staff(name).SignIn(proof, Tokens.HashOf(session), method))) return false;
        await http.SignInAsync(Cookie, new(new ClaimsIdentity([new(ClaimTypes.Name, name), new(SessionClaim, session)], Cookie)));
        return true;
    }

    public async Task Validate(CookieValidatePrincipalContext cookie)
    {
        var isUse = cookie.HttpContext.GetEndpoint()?.Metadata.GetMetadata<AsksByItself>() is null;
        if (await Look(cookie.Principal!, isUse) is not { } account)
        {
            cookie.RejectPrincipal();
            await cookie.HttpContext.SignOutAsync(Cookie);
            return;
        }

        var caller = account.ToCaller(Cookie);
        ((ClaimsIdentity)caller.Identity!).AddClaim(cookie.Principal!.FindFirst(SessionClaim)!);
        cookie.ReplacePrincipal(caller);
    }

    /// <summary>For what goes on for long. Whoever calls with a key has no session that could end.</summary>
    public async Task<bool> Stands(ClaimsPrincipal caller) => HashOf(caller) is null || await Look(caller, isUse: false) is not null;

    /// <returns>The session's hash; null without one.</returns>
    public static string? HashOf(ClaimsPrincipal caller) =>
        caller.FindFirst(SessionClaim) is { Value: var session } ? Tokens.HashOf(session) : null;

    private async Task<StaffAccount?> Look(ClaimsPrincipal caller, bool isUse)
    {
        if (HashOf(caller) is not { } session || caller.Identity?.Name is not { } name) return null;
        return await patience.Repeat(() => grains.Staff(name).Use(session, isUse)) switch
        {
            null => null,
            { Account: { } profile } => keys.Find(name) is null ? StaffAccount.Of(profile) : null,
            _ => keys.Find(name), // null: the key was taken out
        };
    }
}

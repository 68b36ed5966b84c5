using CoopLine.Grains;
using CoopLine.Grains.Staff;
using CoopLine.Webhook.Edge;
using CoopLine.Webhook.Staff;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;

namespace CoopLine.Webhook.Console;

/// <summary>A one-time link: somebody who was invited gives their account a way in; or the first account is made.</summary>
internal static class InvitationEndpoints
{
    public const string Page = "/staff/invitation";

    extension(IEndpointRouteBuilder pages)
    {
        public void MapInvitation()
        {
            pages.MapGet("/invitation", Show);
            pages.MapPost("/invitation", Join).WithMetadata(RateLimit.StaffSignIn);
            pages.MapPost("/invitation/passkey", Offer);
        }
    }

    /// <param name="account">Null: for the first one, whose name is not known.</param>
    public static string Address(string token, string? account) => account is null
        ? QueryHelpers.AddQueryString(Page, "token", token)
        : QueryHelpers.AddQueryString(Page, new Dictionary<string, string?> { ["token"] = token, ["for"] = account });

    private static async Task<IResult> Show([AsParameters] Invitation invitation, Guests guests, FormReplies replies, Passwords passwords, StaffAccounts keys, HttpContext http)
    {
        var (profile, isFirst) = await guests.Of(invitation);
        if (isFirst && profile is null)
        {
            // Who they are comes first: a passkey and an app are made for a name.
            var faults = invitation.Name is null ? [] : Guests.FaultsOf(invitation, keys);
            return new RazorComponentResult<FirstAccountPage>(new
            {
                invitation.Token,
                Reply = FormReply.None with
                {
                    Faults = faults,
                    Typed = new Dictionary<string, string> { ["name"] = invitation.Name ?? "", ["display"] = invitation.Display ?? "" },
                },
            });
        }

        if (profile is null) return new RazorComponentResult<InvitationOverPage> { StatusCode = StatusCodes.Status410Gone };
        var reply = replies.Of(http);
        var (key, sealedKey) = passwords.SameKeyOrNew(profile.Name, reply.Typed.GetValueOrDefault("key"));
        return new RazorComponentResult<InvitationPage>(new
        {
            Profile = profile,
            Action = invitation.Address(Page),
            Offer = invitation.Address(Page + "/passkey"),
            Reply = reply,
            Key = key,
            SealedKey = sealedKey,
        });
    }

    private static async Task<IResult> Offer([AsParameters] Invitation invitation, Guests guests, Passkeys passkeys, HttpContext http) =>
        (await guests.Of(invitation)).Profile is { } profile ? await passkeys.Offer(http, profile) : TypedResults.NotFound();

    private static async Task<IResult> Join(
        [AsParameters] Invitation invitation, Guests guests, Passkeys passkeys, Passwords passwords, StaffSessions sessions, FormReplies replies, HttpContext http)
    {
        var (profile, isFirst) = await guests.Of(invitation);
        if (profile is null) return http.Response.SeeOther(invitation.Address(Page));
        var form = await http.Request.ReadFormOrNothing();
        StaffWay way;
        if (form["way"] == "passkey")
        {
            if (await passkeys.Make(http, profile.Name, form["credential"].ToString(), form["state"].ToString(), ConsoleTexts.All["FirstPasskey"]) is not { } passkey)
                return replies.SeeOther(http, invitation.Address(Page), FormReply.Wrong("passkey", "PasskeyNotMade"));
            way = new StaffWay.ByPasskey(passkey);
        }
        else
        {
            var (faults, password) = passwords.Read(profile.Name, form["password"].ToString(), form["key"].ToString(), form["code"].ToString());
            if (password is null) return replies.SeeOther(http, invitation.Address(Page), (FormReply.None with { Faults = faults }).With(form, "key"));
            way = new StaffWay.ByPassword(password);
        }

        // Whoever was second goes to the page that says so.
        return await guests.Join(invitation, profile, isFirst, way)
            ? replies.SeeOther(http, SignInEndpoints.Page, FormReply.Done("Joined"))
            : http.Response.SeeOther(invitation.Address(Page));
    }
}

/// <summary>What the address of an invitation has in it.</summary>
internal sealed class Invitation
{
    public string? Token { get; init; }

    /// <summary>The name of an account; absent for the first one.</summary>
    public string? For { get; init; }

    /// <summary>What the first one is to be called.</summary>
    public string? Name { get; init; }

    public string? Display { get; init; }

    public string Hash => Tokens.HashOf(Token ?? "");

    public string Address(string page) => QueryHelpers.AddQueryString(page, new Dictionary<string, string?>
    {
        ["token"] = Token,
        ["for"] = For,
        ["name"] = Name,
        ["display"] = Display,
    });
}

/// <summary>Whom a one-time link is for.</summary>
internal sealed class Guests(IGrainFactory grains, StaffAccounts keys, Patience patience)
{
    /// <returns>No profile: the link opens nothing, or it is for the first account and there is no name yet.</returns>
    public async Task<(StaffProfile? Profile, bool IsFirst)> Of(Invitation invitation)
    {
        if (invitation.For is { Length: > 0 and <= StaffNames.Longest } account)
            return (await patience.Repeat(() => grains.Staff(account).Invited(invitation.Hash)), false);
        if (invitation.For is not null || !await patience.Repeat(() => grains.StaffDirectory.IsFirst(invitation.Hash))) return (null, false);
        return (FaultsOf(invitation, keys).Count > 0 ? null : new(StaffNames.Typed(invitation.Name), invitation.Display!.Trim(), [StaffRole.Operator], null), true);
    }

    public Task<bool> Join(Invitation invitation, StaffProfile profile, bool isFirst, StaffWay way) => OnConflict.Repeat(() => isFirst
        ? grains.StaffDirectory.JoinFirst(invitation.Hash, profile, way)
        : grains.Staff(profile.Name).Join(invitation.Hash, way));

    public static Dictionary<string, string> FaultsOf(Invitation invitation, StaffAccounts keys)
    {
        var faults = new Dictionary<string, string>();
        if (StaffNames.FaultOf(StaffNames.Typed(invitation.Name), keys) is { } fault) faults["name"] = fault;
        if (!AccountForm.IsDisplayName(invitation.Display)) faults["display"] = "DisplayShape";
        return faults;
    }
}

using CoopLine.Grains;
using CoopLine.Grains.Staff;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace CoopLine.Webhook.Console;

/// <summary>How one signs in oneself, and where one is.</summary>
internal static class MeEndpoints
{
    private const string Me = "/staff/me";

    extension(IEndpointRouteBuilder pages)
    {
        public void MapMe()
        {
            var me = pages.MapGroup("/me");
            me.MapGet("", Show);
            me.MapGet("/password", ShowPassword);
            me.MapPost("/password", SetPassword).WithMetadata(RateLimit.StaffSignIn);
            me.MapPost("/passkeys", AddPasskey);
            me.MapPost("/passkeys/offer", Offer);
            me.MapPost("/passkeys/remove", RemovePasskey);
            me.MapPost("/sessions/end", EndSessions);
        }
    }

    private static async Task<IResult> Show(HttpContext http, IGrainFactory grains, Patience patience, FormReplies replies) =>
        new RazorComponentResult<MePage>(new
        {
            Report = await patience.Repeat(grains.Staff(http.User.KeyOwner).Read),
            Session = StaffSessions.HashOf(http.User),
            Reply = replies.Of(http),
        });

    private static async Task<IResult> ShowPassword(HttpContext http, IGrainFactory grains, Patience patience, FormReplies replies, Passwords passwords)
    {
        if (await patience.Repeat(grains.Staff(http.User.KeyOwner).Read) is not { Account: { } account } report) return TypedResults.NotFound();
        var reply = replies.Of(http);
        var (key, sealedKey) = passwords.SameKeyOrNew(account.Name, reply.Typed.GetValueOrDefault("key"));
        return new RazorComponentResult<PasswordPage>(new { Profile = account, report.HasPassword, Reply = reply, Key = key, SealedKey = sealedKey });
    }

    private static async Task<IResult> SetPassword(HttpContext http, IGrainFactory grains, FormReplies replies, Passwords passwords)
    {
        var name = http.User.KeyOwner;
        var form = await http.Request.ReadFormOrNothing();
        var (faults, password) = passwords.Read(name, form["password"].ToString(), form["key"].ToString(), form["code"].ToString());
        if (password is null) return replies.SeeOther(http, Me + "/password", (FormReply.None with { Faults = faults }).With(form, "key"));
        return await OnConflict.Repeat(() => grains.Staff(name).SetPassword(password, StaffSessions.HashOf(http.User)!)) == WayOutcome.Done
            ? replies.SeeOther(http, Me, FormReply.Done("PasswordSet"))
            : TypedResults.NotFound();
    }

    private static async Task<IResult> Offer(HttpContext http, IGrainFactory grains, Patience patience, Passkeys passkeys) =>
        await patience.Repeat(grains.Staff(http.User.KeyOwner).Read) is { Account: { } account } ? await passkeys.Offer(http, account) : TypedResults.NotFound();

    private static async Task<IResult> AddPasskey(HttpContext http, IGrainFactory grains, Passkeys passkeys, FormReplies replies)
    {
        var name = http.User.KeyOwner;
        var form = await http.Request.ReadFormOrNothing();
        var label = form["label"].ToString().Trim();
        if (!AccountForm.IsDisplayName(label)) return replies.SeeOther(http, Me, FormReply.Wrong("label", "LabelShape"));
        if (await passkeys.Make(http, name, form["credential"].ToString(), form["state"].ToString(), label) is not { } passkey)
            return replies.SeeOther(http, Me, FormReply.Wrong("label", "PasskeyNotMade"));
        return Answer(http, replies, "PasskeyAdded", await OnConflict.Repeat(() => grains.Staff(name).AddPasskey(passkey)));
    }

    private static async Task<IResult> RemovePasskey(HttpContext http, IGrainFactory grains, FormReplies replies)
    {
        var id = (await http.Request.ReadFormOrNothing())["passkey"].ToString();
        return Answer(http, replies, "PasskeyRemoved", await OnConflict.Repeat(() => grains.Staff(http.User.KeyOwner).RemovePasskey(id)));
    }

    private static async Task<IResult> EndSessions(HttpContext http, IGrainFactory grains, FormReplies replies)
    {
        var name = http.User.KeyOwner;
        var form = await http.Request.ReadFormOrNothing();
        await OnConflict.Repeat(() => grains.Staff(name).End(form["session"] is [{ Length: > 0 } one] ? one : null, name));
        return replies.SeeOther(http, Me, FormReply.Done("SessionsEnded"));
    }

    private static StatusCodeHttpResult Answer(HttpContext http, FormReplies replies, string done, WayOutcome outcome) => outcome switch
    {
        WayOutcome.Done => replies.SeeOther(http, Me, FormReply.Done(done)),
        WayOutcome.LastOne => replies.SeeOther(http, Me, FormReply.Wrong("passkeys", "LastWay")),
        WayOutcome.TooMany => replies.SeeOther(http, Me, FormReply.Wrong("passkeys", "TooManyPasskeys")),
        _ => replies.SeeOther(http, Me, FormReply.Wrong("passkeys", "PasskeyUnknown")),
    };
}

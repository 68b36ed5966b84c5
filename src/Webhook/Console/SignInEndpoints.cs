using CoopLine.Grains;
using CoopLine.Grains.Staff;
using CoopLine.Webhook.Edge;
using CoopLine.Webhook.Staff;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Console;

/// <summary>The door: a passkey, or a name with password and code, or a staff key; in the demo, a role.</summary>
internal static partial class SignInEndpoints
{
    public const string Page = "/staff/sign-in";

    extension(IEndpointRouteBuilder pages)
    {
        public void MapSignIn()
        {
            pages.MapGet("/sign-in", IResult (string? from, HttpContext http, FormReplies replies, IServiceProvider services) =>
                new RazorComponentResult<SignInPage>(new
                {
                    Action = Address(Page, from),
                    Reply = replies.Of(http),
                    Demo = services.GetService<DemoStaff>()?.Names ?? [],
                    DemoAction = Address(Page + "/demo", from),
                }));
            pages.MapPost("/sign-in", SignIn).WithMetadata(RateLimit.StaffSignIn);
            pages.MapPost("/sign-in/passkey", (HttpContext http, Passkeys passkeys) => passkeys.Ask(http));
            if (pages.ServiceProvider.GetService<DemoStaff>() is { } demo)
            {
                pages.MapPost("/sign-in/demo", (string? from, HttpContext http, StaffSessions sessions, StaffAccounts keys) =>
                    PickRole(from, demo, http, sessions, keys));
            }
        }
    }

    private static async Task<IResult> SignIn(
        string? from, HttpContext http, StaffSessions sessions, Passkeys passkeys, Passwords passwords, StaffAccounts keys,
        IOptionsMonitor<ApiKeyOptions> apiKeys, FormReplies replies, IGrainFactory grains, ILoggerFactory logs)
    {
        var form = await http.Request.ReadFormOrNothing();
        var (way, name) = (form["way"].ToString(), StaffNames.Typed(form["name"]));
        switch (way)
        {
            case "passkey" when await passkeys.Check(http, form["credential"].ToString(), form["state"].ToString()) is var (owner, passkey)
                && await sessions.Start(http, owner, new StaffProof.OfPasskey(passkey), SignInMethod.Passkey):
                return await GoOn(owner);
            case "password" when await passwords.Check(name, form["password"].ToString(), form["code"].ToString()) is { } proof
                && await sessions.Start(http, name, proof, SignInMethod.Password):
                return await GoOn(name);
            case "key" when apiKeys.Get(StaffAuthentication.Policy).Keys.OwnerOf(form["key"].ToString()) is { } holder
                && await sessions.Start(http, holder, new StaffProof.OfKey(), SignInMethod.Key):
                return http.Response.SeeOther(OwnPages.Wanted(from) ?? OwnPages.HomeOf(http, keys.Find(holder)!));
        }

        LogRefused(logs.CreateLogger<SignInPage>(), way is "passkey" or "password" or "key" ? way : "nothing", http.Connection.RemoteIpAddress);
        var (field, fault) = way switch
        {
            "passkey" => ("passkey", "PasskeyRefused"),
            "key" => ("key", "KeyRefused"),
            _ => ("name", "PasswordRefused"),
        };
        return replies.SeeOther(http, Address(Page, from), FormReply.Wrong(field, fault).With(form, "name"));

        async Task<IResult> GoOn(string who) => http.Response.SeeOther(OwnPages.Wanted(from) is { } wanted ? wanted
            : await grains.Staff(who).Read() is { Account: { } account } ? OwnPages.HomeOf(http, StaffAccount.Of(account)) : Page);
    }

    private static async Task<IResult> PickRole(string? from, DemoStaff demo, HttpContext http, StaffSessions sessions, StaffAccounts keys)
    {
        var name = (await http.Request.ReadFormOrNothing())["name"].ToString();
        if (!demo.Names.Contains(name) || keys.Find(name) is not { } account) return TypedResults.NotFound();
        await sessions.Start(http, name, new StaffProof.OfKey(), SignInMethod.Demo);
        return http.Response.SeeOther(OwnPages.Wanted(from) ?? OwnPages.HomeOf(http, account));
    }

    public static async Task<IResult> SignOut(HttpContext http, IGrainFactory grains)
    {
        var name = http.User.KeyOwner;
        await OnConflict.Repeat(() => grains.Staff(name).End(StaffSessions.HashOf(http.User), name));
        await http.SignOutAsync(StaffSessions.Cookie);
        return http.Response.SeeOther(Page);
    }

    private static string Address(string page, string? from) =>
        OwnPages.Wanted(from) is { } wanted ? QueryHelpers.AddQueryString(page, "from", wanted) : page;

    [LoggerMessage(LogLevel.Warning, "Somebody at {Address} was not let in as staff: {Way}")]
    private static partial void LogRefused(ILogger log, string way, System.Net.IPAddress? address);
}

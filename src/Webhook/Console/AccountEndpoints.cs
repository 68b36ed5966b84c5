using CoopLine.Grains;
using CoopLine.Grains.Staff;
using CoopLine.Webhook.Edge;
using CoopLine.Webhook.Staff;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Console;

/// <summary>Who works with it and may do what: for those who manage the staff.</summary>
internal static class AccountEndpoints
{
    private const string Accounts = "/staff/accounts";
    private const int AtOnce = 50;

    extension(IEndpointRouteBuilder pages)
    {
        public void MapAccounts()
        {
            var accounts = pages.MapGroup("/accounts").WithMetadata(new Needed(Permission.ManageStaff));
            accounts.MapGet("", List);
            accounts.MapGet("/new", IResult (HttpContext http, FormReplies replies) =>
                new RazorComponentResult<NewAccountPage>(new { Reply = replies.Of(http) }));
            accounts.MapPost("", Invite);
            accounts.MapGet("/{name}", Show);
            accounts.MapPost("/{name}", Change);
            accounts.MapPost("/{name}/link", NewLink);
            accounts.MapPost("/{name}/remove", Remove);
            accounts.MapPost("/{name}/sessions/end", EndSessions);
        }
    }

    private static async Task<IResult> List(HttpContext http, IGrainFactory grains, Patience patience, FormReplies replies)
    {
        var found = new List<StaffReport>();
        foreach (var some in (await patience.Repeat(grains.StaffDirectory.Names)).Chunk(AtOnce))
            found.AddRange(await Task.WhenAll(some.Select(name => patience.Repeat(grains.Staff(name).Read))));
        return new RazorComponentResult<AccountsPage>(new
        {
            Accounts = found.Where(one => one.Account is not null).OrderBy(one => one.Account!.Name, StringComparer.OrdinalIgnoreCase).ToArray(),
            Reply = replies.Of(http),
        });
    }

    private static async Task<IResult> Invite(HttpContext http, IGrainFactory grains, AccountForm accounts, FormReplies replies, IOptions<SiteOptions> site)
    {
        var form = await http.Request.ReadFormOrNothing();
        var (faults, profile) = accounts.Read(form, name: null);
        if (profile is null) return replies.SeeOther(http, Accounts + "/new", faults);
        var token = Tokens.New();
        return await OnConflict.Repeat(() => grains.StaffDirectory.Invite(profile, Tokens.HashOf(token), http.User.KeyOwner)) switch
        {
            InviteOutcome.Done => replies.SeeOther(http, Of(profile.Name), FormReply.Done("Invited", Link(site.Value, token, profile.Name))),
            InviteOutcome.TooMany => replies.SeeOther(http, Accounts + "/new", FormReply.Wrong("name", "TooManyAccounts").With(form, "name", "display")),
            _ => replies.SeeOther(http, Accounts + "/new", FormReply.Wrong("name", "NameTaken").With(form, "name", "display")),
        };
    }

    private static async Task<IResult> Show(string name, HttpContext http, IGrainFactory grains, Patience patience, FormReplies replies) =>
        name.Length <= StaffNames.Longest && await patience.Repeat(grains.Staff(name).Read) is { Account: not null } report
            ? new RazorComponentResult<AccountPage>(new { Report = report, Reply = replies.Of(http) })
            : TypedResults.NotFound();

    private static async Task<IResult> Change(string name, HttpContext http, IGrainFactory grains, AccountForm accounts, FormReplies replies)
    {
        var (faults, profile) = accounts.Read(await http.Request.ReadFormOrNothing(), name);
        return profile is null
            ? replies.SeeOther(http, Of(name), faults)
            : Answer(http, replies, name, "Changed", await OnConflict.Repeat(() => grains.Staff(name).Change(profile, http.User.KeyOwner)));
    }

    private static async Task<IResult> NewLink(string name, HttpContext http, IGrainFactory grains, FormReplies replies, IOptions<SiteOptions> site)
    {
        var token = Tokens.New();
        return await OnConflict.Repeat(() => grains.Staff(name).InviteAgain(Tokens.HashOf(token), http.User.KeyOwner))
            ? replies.SeeOther(http, Of(name), FormReply.Done("Invited", Link(site.Value, token, name)))
            : TypedResults.NotFound();
    }

    private static async Task<IResult> Remove(string name, HttpContext http, IGrainFactory grains, FormReplies replies)
    {
        if ((await http.Request.ReadFormOrNothing())["sure"] is []) return replies.SeeOther(http, Of(name), FormReply.Wrong("sure", "SureMissing"));
        return Answer(http, replies, name, "Removed", await OnConflict.Repeat(() => grains.StaffDirectory.Remove(name, http.User.KeyOwner)));
    }

    private static async Task<IResult> EndSessions(string name, HttpContext http, IGrainFactory grains, FormReplies replies)
    {
        var form = await http.Request.ReadFormOrNothing();
        await OnConflict.Repeat(() => grains.Staff(name).End(form["session"] is [{ Length: > 0 } one] ? one : null, http.User.KeyOwner));
        return replies.SeeOther(http, Of(name), FormReply.Done("SessionsEnded"));
    }

    private static IResult Answer(HttpContext http, FormReplies replies, string name, string done, StaffChange outcome) => outcome switch
    {
        StaffChange.Done => replies.SeeOther(http, done == "Removed" ? Accounts : Of(name), FormReply.Done(done)),
        StaffChange.Oneself => replies.SeeOther(http, Of(name), FormReply.Wrong("display", "Oneself")),
        _ => TypedResults.NotFound(),
    };

    private static string Of(string name) => $"{Accounts}/{Uri.EscapeDataString(name)}";

    private static string Link(SiteOptions site, string token, string name) => new Uri(site.PublicBaseUrl, InvitationEndpoints.Address(token, name)).ToString();
}

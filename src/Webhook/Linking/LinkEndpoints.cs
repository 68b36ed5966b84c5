using System.Diagnostics;
using System.Text.RegularExpressions;
using CoopLine.Grains;
using CoopLine.Grains.Linking;
using CoopLine.Grains.Registry;
using CoopLine.Webhook.Edge;
using CoopLine.Webhook.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Linking;

/// <summary>
/// The link page. Its address is the only secret: no cookie and no storage in the browser, so that it also works in a
/// private window or after a change of browser (Q1-11).
/// </summary>
public static partial class LinkEndpoints
{
    private const int FormLimitBytes = 16 * 1024;

    extension(IEndpointRouteBuilder routes)
    {
        /// <summary>
        /// <c>GET /link/{session}</c>: 200 the form, 404 unknown, 410 over. It starts nothing: crawlers and previews ask too.
        /// <c>POST /link/{session}/opened</c>: the page is on somebody's screen, so the ten minutes start.
        /// <c>POST /link/{session}</c> (memberNumber, phone, birthDate, birthDateIs): 303 to LINE's dialog, or back to the page
        /// with <c>?shown=</c>, which is 400 a field that cannot be read, 409 already linked or account blocked, 422 no match, 429 locked, 503 LINE
        /// issues no link token now. It starts the ten minutes as well, for browsers without scripts.
        /// <c>POST /link/{session}/birth-date</c> (birthDate): the date that the text means, in words.
        /// </summary>
        public void MapLinking()
        {
            var page = routes.MapGroup("/link/{session}").WithPageHeaders().ExcludeFromDescription();
            page.MapGet("", Show);
            page.MapPost("/opened", Open);
            page.MapPost("", Submit).WithMetadata(new RequestSizeLimitAttribute(FormLimitBytes));
            page.MapPost("/birth-date", ReadBirthDate).WithMetadata(new RequestSizeLimitAttribute(FormLimitBytes));
        }
    }

    private static async Task<IResult> Show(
        string session, string? shown, HttpResponse response, IGrainFactory grains, Patience patience, LinkReplies replies,
        MemberClock clock)
    {
        if (!SessionId().IsMatch(session)) return Over(LinkSessionStatus.Unknown);
        var view = await patience.Repeat(() => grains.Session(session).View());
        if (view.Status is not (LinkSessionStatus.Issued or LinkSessionStatus.Open)) return Over(view.Status);

        return replies.Open(shown, session) switch
        {
            null => Form(StatusCodes.Status200OK, view),
            { What: "Locked", Until: { } until } reply => until > clock.Now
                ? Locked(reply, until, response, clock)
                : Form(StatusCodes.Status200OK, view, reply with { What = "" }),
            { What: "AccountAlreadyLinked" or "NumberAlreadyLinked" } reply => Notice(StatusCodes.Status409Conflict, reply.What, reply),
            { What: "Replaced" } reply => Notice(StatusCodes.Status410Gone, reply.What, reply),
            { What: LinkReply.FieldsToCorrect } reply => Form(StatusCodes.Status400BadRequest, view, reply),
            { What: "Blocked" } reply => Form(StatusCodes.Status409Conflict, view, reply),
            { What: "LineUnavailable" } reply => Form(StatusCodes.Status503ServiceUnavailable, view, reply),
            var reply => Form(StatusCodes.Status422UnprocessableEntity, view, reply),
        };
    }

    /// <summary>The page says that it is on a screen. The first time starts the ten minutes.</summary>
    private static async Task<IResult> Open(string session, IGrainFactory grains, Patience patience, MemberClock clock)
    {
        if (!SessionId().IsMatch(session)) return Over(LinkSessionStatus.Unknown);
        var view = await patience.Repeat(() => grains.LinkDesk.Open(session));
        return view is { Status: LinkSessionStatus.Open, Deadline: { } deadline }
            ? TypedResults.Ok(new OpenedPage(deadline.ToUnixTimeMilliseconds(), clock.Now.ToUnixTimeMilliseconds(), clock.Read(deadline)))
            : Over(view.Status);
    }

    private static async Task<IResult> Submit(
        string session, HttpRequest request, HttpResponse response, IGrainFactory grains, MemberClock clock, LinkReplies replies,
        IOptions<CoopOptions> coop)
    {
        if (!SessionId().IsMatch(session)) return Over(LinkSessionStatus.Unknown);

        var form = await request.ReadFormOrNothing();
        var typed = new TypedAnswers(Text("memberNumber"), Text("phone"), Chosen(Text("birthDate"), form["birthDateIs"], clock.Today));
        var (answers, _) = LinkForm.Parse(
            typed.MemberNumber, typed.Phone, typed.BirthDate, clock.Today, coop.Value.MemberNumberDigits);
        if (answers is null)
        {
            await grains.LinkDesk.Open(session);
            return BackTo(LinkReply.FieldsToCorrect);
        }

        // Not repeated: a wrong answer would count twice. The member presses the button again.
        switch (await grains.LinkDesk.Submit(session, answers))
        {
            case LinkOutcome.GoToLine line:
                return response.SeeOther(line.Dialog.AbsoluteUri);
            case LinkOutcome.LineUnavailable { IsBlocked: true }:
                return BackTo("Blocked");
            case LinkOutcome.LineUnavailable:
                return BackTo("LineUnavailable");
            case LinkOutcome.SessionOver:
                return response.SeeOther(request.PathBase + request.Path);
            case LinkOutcome.Refused { Why: var why }:
                return why switch
                {
                    AnswersOutcome.Mismatch mismatch => BackTo("Mismatch", triesLeft: mismatch.TriesLeft),
                    AnswersOutcome.NotInRegistry mismatch => BackTo("NotInRegistry", triesLeft: mismatch.TriesLeft),
                    AnswersOutcome.AccountLocked locked => BackTo("Locked", locked.Until),
                    AnswersOutcome.NumberLocked locked => BackTo("Locked", locked.Until),
                    AnswersOutcome.AccountAlreadyLinked => BackTo("AccountAlreadyLinked"),
                    AnswersOutcome.NumberAlreadyLinked => BackTo("NumberAlreadyLinked"),
                    AnswersOutcome.SessionReplaced => BackTo("Replaced"),
                    _ => throw new UnreachableException(),
                };
            default:
                throw new UnreachableException();
        }

        string? Text(string field) => (string?)form[field] is { Length: > TypedAnswers.MaxLength } long_ ? long_[..TypedAnswers.MaxLength] : form[field];

        IResult BackTo(string what, DateTimeOffset? until = null, int? triesLeft = null)
        {
            var reply = new LinkReply(session, what, typed, until, triesLeft, Grains.Telemetry.TraceId);
            return response.SeeOther($"{request.PathBase}{request.Path}?shown={replies.Seal(reply)}");
        }
    }

    private static async Task<Ok<DateInWords>> ReadBirthDate(HttpRequest request, MemberClock clock)
    {
        var form = await request.ReadFormOrNothing();
        return TypedResults.Ok(new DateInWords(
            TypedDate.Read(form["birthDate"].ToString(), clock.Today).Day is { } day ? LinkTexts.All["DateRead", day] : ""));
    }

    /// <summary>One of the dates that the text may mean, when the member has chosen it. Else the text stays.</summary>
    private static string? Chosen(string? birthDate, string? choice, DateOnly today) =>
        TypedDate.Read(birthDate ?? "", today).Choices.Select(BirthDate.Write).FirstOrDefault(day => day == choice) ?? birthDate;

    private static RazorComponentResult<LinkNoticePage> Locked(
        LinkReply reply, DateTimeOffset until, HttpResponse response, MemberClock clock)
    {
        response.AskToWait(until - clock.Now);
        return Notice(StatusCodes.Status429TooManyRequests, reply.What, reply, clock.Read(until));
    }

    private static RazorComponentResult<LinkNoticePage> Over(LinkSessionStatus status) => status switch
    {
        LinkSessionStatus.Unknown => Notice(StatusCodes.Status404NotFound, "Unknown"),
        LinkSessionStatus.Expired => Notice(StatusCodes.Status410Gone, "Expired"),
        LinkSessionStatus.Replaced => Notice(StatusCodes.Status410Gone, "Replaced"),
        LinkSessionStatus.Finished => Notice(StatusCodes.Status410Gone, "Finished"),
        _ => throw new UnreachableException(),
    };

    private static RazorComponentResult<LinkFormPage> Form(int status, LinkSessionView view, LinkReply? reply = null) =>
        new(new { view.Deadline, Reply = reply }) { StatusCode = status };

    private static RazorComponentResult<LinkNoticePage> Notice(
        int status, string what, LinkReply? reply = null, string? until = null) =>
        new(new { What = what, Until = until, reply?.Trace }) { StatusCode = status };

    /// <summary>128 bits or more in base64url.</summary>
    [GeneratedRegex(@"^[A-Za-z0-9_-]{22,64}\z")]
    private static partial Regex SessionId();
}

/// <param name="Deadline">When the ten minutes end, in milliseconds since 1970.</param>
/// <param name="Now">The server's time likewise, because phones' clocks differ.</param>
/// <param name="Until">The deadline as members read it.</param>
internal sealed record OpenedPage(long Deadline, long Now, string Until);

/// <param name="Text">Empty when the text is no date, or means several.</param>
internal sealed record DateInWords(string Text);

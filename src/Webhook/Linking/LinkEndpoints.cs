using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using CoopLine.Grains;
using CoopLine.Grains.Linking;
using CoopLine.Webhook.Edge;
using CoopLine.Webhook.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

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
        /// <c>GET /link/{session}</c>: 200 the form, 404 unknown, 410 over.
        /// <c>POST /link/{session}</c> (memberNumber, phone, birthDate): 303 to LINE's dialog, 400 a field that cannot be
        /// read, 404, 409 already linked or account blocked, 410, 422 no match, 429 locked, 503 LINE issues no link token now.
        /// </summary>
        public void MapLinking()
        {
            var page = routes.MapGroup("/link/{session}").WithPageHeaders().ExcludeFromDescription();
            page.MapGet("", Open);
            page.MapPost("", Submit).WithMetadata(new RequestSizeLimitAttribute(FormLimitBytes));
        }
    }

    private static async Task<IResult> Open(string session, IGrainFactory grains, Patience patience)
    {
        if (!SessionId().IsMatch(session)) return Over(LinkSessionStatus.Unknown);
        return Form(StatusCodes.Status200OK, await patience.Repeat(() => grains.LinkDesk.Open(session)));
    }

    private static async Task<IResult> Submit(
        string session, HttpRequest request, HttpResponse response, IGrainFactory grains, MemberClock clock)
    {
        if (!SessionId().IsMatch(session)) return Over(LinkSessionStatus.Unknown);

        var form = await ReadForm(request);
        var typed = new TypedAnswers(form["memberNumber"], form["phone"], form["birthDate"]);
        var (answers, errors) = LinkForm.Parse(typed.MemberNumber, typed.Phone, typed.BirthDate, clock.Today);
        if (answers is null)
            return Form(StatusCodes.Status400BadRequest, await grains.LinkDesk.Open(session), typed, errors: errors);

        // Not repeated: a wrong answer would count twice. The member presses the button again.
        switch (await grains.LinkDesk.Submit(session, answers))
        {
            case LinkOutcome.GoToLine line:
                response.Headers.Location = line.Dialog.AbsoluteUri;
                return TypedResults.StatusCode(StatusCodes.Status303SeeOther);
            case LinkOutcome.LineUnavailable { IsBlocked: true } blocked:
                return Form(StatusCodes.Status409Conflict, blocked.Page, typed, "Blocked");
            case LinkOutcome.LineUnavailable later:
                return Form(StatusCodes.Status503ServiceUnavailable, later.Page, typed, "LineUnavailable");
            case LinkOutcome.SessionOver over:
                return Over(over.Status);
            case LinkOutcome.Refused refused:
                return Refuse(refused, typed, clock, response);
            default:
                throw new UnreachableException();
        }
    }

    /// <summary>A form that cannot be read counts as an empty one: each field then says what is missing.</summary>
    private static async Task<IFormCollection> ReadForm(HttpRequest request)
    {
        if (!request.HasFormContentType) return FormCollection.Empty;
        try
        {
            return await request.ReadFormAsync();
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            return FormCollection.Empty;
        }
    }

    private static IResult Refuse(LinkOutcome.Refused refused, TypedAnswers typed, MemberClock clock, HttpResponse response)
    {
        switch (refused.Why)
        {
            case AnswersOutcome.Mismatch:
                return Form(StatusCodes.Status422UnprocessableEntity, refused.Page, typed, "Mismatch");
            case AnswersOutcome.NotInRegistry:
                return Form(StatusCodes.Status422UnprocessableEntity, refused.Page, typed, "NotInRegistry");
            case AnswersOutcome.AccountLocked locked:
                return Locked(locked.Until);
            case AnswersOutcome.NumberLocked locked:
                return Locked(locked.Until);
            case AnswersOutcome.AccountAlreadyLinked:
                return Notice(StatusCodes.Status409Conflict, "AccountAlreadyLinked");
            case AnswersOutcome.NumberAlreadyLinked:
                return Notice(StatusCodes.Status409Conflict, "NumberAlreadyLinked");
            case AnswersOutcome.SessionReplaced:
                return Over(LinkSessionStatus.Replaced);
            default:
                throw new UnreachableException();
        }

        IResult Locked(DateTimeOffset until)
        {
            var wait = Math.Max(1, Math.Ceiling((until - clock.Now).TotalSeconds));
            response.Headers.RetryAfter = wait.ToString(CultureInfo.InvariantCulture);
            return Notice(StatusCodes.Status429TooManyRequests, "Locked", clock.Read(until));
        }
    }

    private static RazorComponentResult<LinkNoticePage> Over(LinkSessionStatus status) => status switch
    {
        LinkSessionStatus.Unknown => Notice(StatusCodes.Status404NotFound, "Unknown"),
        LinkSessionStatus.Expired => Notice(StatusCodes.Status410Gone, "Expired"),
        LinkSessionStatus.Replaced => Notice(StatusCodes.Status410Gone, "Replaced"),
        LinkSessionStatus.Finished => Notice(StatusCodes.Status410Gone, "Finished"),
        _ => throw new UnreachableException(),
    };

    /// <summary>The form, as long as the session is open.</summary>
    private static IResult Form(
        int status, LinkSessionView view, TypedAnswers? typed = null, string? refusal = null,
        ImmutableArray<FieldError> errors = default)
    {
        if (view is not { Status: LinkSessionStatus.Open, Deadline: { } deadline }) return Over(view.Status);
        return new RazorComponentResult<LinkFormPage>(new
        {
            Deadline = deadline,
            Typed = typed ?? new TypedAnswers(null, null, null),
            Refusal = refusal,
            Errors = errors.IsDefault ? [] : errors,
        })
        { StatusCode = status };
    }

    private static RazorComponentResult<LinkNoticePage> Notice(int status, string what, string? until = null) =>
        new(new { What = what, Until = until }) { StatusCode = status };

    /// <summary>128 bits or more in base64url.</summary>
    [GeneratedRegex(@"^[A-Za-z0-9_-]{22,64}\z")]
    private static partial Regex SessionId();
}

/// <summary>What the member typed, as typed, to show it again.</summary>
public sealed record TypedAnswers(string? MemberNumber, string? Phone, string? BirthDate)
{
    // A record prints its values, and these must never reach a log.
    public override string ToString() => nameof(TypedAnswers);
}

using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Http;

namespace CoopLine.Webhook.Console;

/// <summary>What changes something comes from a page of ours, and from whoever the page was for.</summary>
internal sealed class OwnForms(IAntiforgery antiforgery) : IEndpointFilter
{
    /// <summary>The field that has the page's token.</summary>
    public const string Field = "form";

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        if (!HttpMethods.IsPost(http.Request.Method)) return await next(context);

        // Every browser of the last years sends it; the token is for the others, and for a site beside ours.
        if (http.Request.Headers["Sec-Fetch-Site"] is [{ } site] && site is not "same-origin") return Refusal;
        var form = await http.Request.ReadFormOrNothing();
        return form.ContainsKey(Field) && await antiforgery.IsRequestValidAsync(http) ? await next(context) : Refusal;
    }

    private static IResult Refusal => Problems.Refuse(
        StatusCodes.Status400BadRequest, "foreign-form", "This does not come from a page of ours, or the page is too old. Open it again.");
}

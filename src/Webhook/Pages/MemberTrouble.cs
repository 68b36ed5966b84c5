using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CoopLine.Webhook.Pages;

/// <summary>On a member's page a problem is a page as well, whichever part of the server has it: plain Japanese, no JSON.</summary>
internal sealed class MemberTrouble(PageHeaders headers) : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context)
    {
        var path = context.HttpContext.Request.Path;
        return path.StartsWithSegments("/link", StringComparison.Ordinal)
            || (HttpMethods.IsGet(context.HttpContext.Request.Method) && path.Value?.TrimEnd('/') is "/coupons");
    }

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var http = context.HttpContext;
        headers.SetForMembers(http.Response);
        var status = context.ProblemDetails.Status ?? http.Response.StatusCode;
        var what = status switch
        {
            StatusCodes.Status429TooManyRequests => "Crowded",
            >= StatusCodes.Status500InternalServerError => "Unavailable",
            _ => "NoSuchPage",
        };
        await new RazorComponentResult<TroublePage>(new { What = what }) { StatusCode = status }.ExecuteAsync(http);
    }
}

using CoopLine.Webhook.Edge;
using CoopLine.Webhook.Pages;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CoopLine.Webhook.Console;

/// <summary>In a browser of the staff a problem is a page as well. Programs get their JSON.</summary>
internal sealed class ConsoleTrouble : IProblemDetailsWriter
{
    public bool CanWrite(ProblemDetailsContext context)
    {
        var request = context.HttpContext.Request;
        return (request.Path.StartsWithSegments("/ops") || (request.Path.StartsWithSegments("/staff") && !request.Path.StartsWithSegments("/staff/v1")))
            && request.Headers.Authorization is [] && request.GetTypedHeaders().Accept.Any(type => type.MediaType == "text/html");
    }

    public async ValueTask WriteAsync(ProblemDetailsContext context)
    {
        var http = context.HttpContext;
        PageHeaders.SetForOperators(http.Response);
        var status = context.ProblemDetails.Status ?? http.Response.StatusCode;
        var what = status switch
        {
            _ when context.ProblemDetails.Type == Problems.Urn + "foreign-form" => "StaleForm",
            StatusCodes.Status429TooManyRequests => "Crowded",
            >= StatusCodes.Status500InternalServerError => "Unavailable",
            _ => "NoSuchPage",
        };
        await new RazorComponentResult<ConsoleTroublePage>(new { What = what }) { StatusCode = status }.ExecuteAsync(http);
    }
}

using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CoopLine.Webhook.Edge;

/// <summary>Errors as RFC 9457 problem details. Each has a <c>traceId</c>, the one that ledger and logs have.</summary>
internal static class Problems
{
    /// <summary>What the type of every problem begins with.</summary>
    public const string Urn = "urn:coopline:";

    /// <param name="reason">Lower case with hyphens; the last part of the problem's type.</param>
    public static ProblemHttpResult Refuse(int status, string reason, string sentence) =>
        TypedResults.Problem(sentence, statusCode: status, type: Urn + reason);

    /// <param name="errors">By the field's name as sent.</param>
    public static ProblemHttpResult Invalid(
        IDictionary<string, string[]> errors, IDictionary<string, object?>? more = null) =>
        TypedResults.Problem(new HttpValidationProblemDetails(errors)
        {
            Status = StatusCodes.Status400BadRequest,
            Extensions = more ?? new Dictionary<string, object?>(),
        });

    public static ProblemHttpResult Invalid(string field, string sentence) =>
        Invalid(new Dictionary<string, string[]> { [field] = [sentence] });

    /// <summary>Gives every problem its trace id, and field names the spelling they have on the wire.</summary>
    public static void Complete(ProblemDetailsContext context)
    {
        context.ProblemDetails.Extensions["traceId"] = TraceIds.Of(context.HttpContext);
        if (context.ProblemDetails is HttpValidationProblemDetails invalid)
            invalid.Errors = invalid.Errors.ToDictionary(error => AsSent(error.Key), error => error.Value);
        else
            context.ProblemDetails.Detail ??= OfFramework(context.ProblemDetails.Status);
    }

    /// <summary>What ASP.NET refuses by itself, it refuses without a word.</summary>
    private static string? OfFramework(int? status) => status switch
    {
        StatusCodes.Status400BadRequest => "A value in the address or the query cannot be read.",
        StatusCodes.Status415UnsupportedMediaType => "This call does not take a body of this Content-Type.",
        _ => null,
    };

    private static string AsSent(string path) =>
        string.Join('.', path.Split('.').Select(JsonNamingPolicy.CamelCase.ConvertName));
}

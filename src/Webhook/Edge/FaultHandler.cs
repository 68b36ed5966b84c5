using System.Data.Common;
using System.Text.Json;
using CoopLine.Grains;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;

namespace CoopLine.Webhook.Edge;

/// <summary>
/// The one place where exceptions end: an unreadable request is 400, a store or silo that is away 503, the rest 500.
/// </summary>
internal sealed partial class FaultHandler(IProblemDetailsService problems, ILogger<FaultHandler> log) : IExceptionHandler
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);

    public async ValueTask<bool> TryHandleAsync(HttpContext http, Exception fault, CancellationToken cancellation)
    {
        var problem = Describe(fault);
        http.Response.StatusCode = problem.Status!.Value;
        if (problem.Status == StatusCodes.Status503ServiceUnavailable)
            http.Response.AskToWait(Wait);
        if (problem.Status >= StatusCodes.Status500InternalServerError)
            LogFault(problem.Status.Value, PersonalData.Mask(fault.ToString()));

        await problems.TryWriteAsync(new() { HttpContext = http, ProblemDetails = problem });
        return true;
    }

    /// <summary>Orleans wraps what its storage throws; a grain call that takes too long is a TimeoutException.</summary>
    public static bool IsUnavailable(Exception fault) => fault is TimeoutException or OrleansException or DbException;

    private static ProblemDetails Describe(Exception fault) => fault switch
    {
        BadHttpRequestException { InnerException: JsonException json } => Unreadable(json),
        BadHttpRequestException bad => new ProblemDetails { Status = bad.StatusCode, Detail = bad.Message },
        // Kestrel's word for a chunk that says to be longer than any number it has.
        IOException { InnerException: OverflowException } =>
            new ProblemDetails { Status = StatusCodes.Status400BadRequest, Detail = "The body's chunks cannot be read." },
        ConnectionResetException => new ProblemDetails { Status = StatusCodes.Status400BadRequest, Detail = "The body did not come whole." },
        _ when IsUnavailable(fault) || fault is OperationCanceledException => new ProblemDetails
        {
            Status = StatusCodes.Status503ServiceUnavailable,
            Type = Problems.Urn + "unavailable",
            Detail = "The service cannot save or read just now. Send the same request again.",
        },
        _ => new ProblemDetails { Status = StatusCodes.Status500InternalServerError },
    };

    private static HttpValidationProblemDetails Unreadable(JsonException json)
    {
        var field = json.Path is ['$', '.', .. var path] ? path : "$";
        return new(new Dictionary<string, string[]>
        {
            [field] = [$"Not JSON, not of the expected type, or a name that is unknown here (line {json.LineNumber + 1})."],
        })
        { Status = StatusCodes.Status400BadRequest };
    }

    [LoggerMessage(LogLevel.Error, "Answered {Status}: {Fault}")]
    private partial void LogFault(int status, string fault);
}

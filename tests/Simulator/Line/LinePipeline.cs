using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http.Features;

namespace CoopLine.Simulator.Line;

/// <summary>Marks an endpoint as one of LINE's, so that its calls are recorded and can be troubled.</summary>
internal sealed record LineEndpoint(LineCall Call, bool NeedsChannelToken);

/// <summary>What every call to LINE goes through: request id, record, trouble, authentication.</summary>
internal sealed class LinePipeline(CallLog calls, Trouble trouble, ChannelTokens tokens, TimeProvider clock)
{
    public async Task Handle(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<LineEndpoint>() is not { } endpoint)
        {
            await next(context);
            return;
        }

        var call = await calls.Record(endpoint.Call, context.Request);
        context.Features.Set(call);
        context.Response.Headers["x-line-request-id"] = call.RequestId;
        await trouble.WaitBefore(endpoint.Call, clock);

        switch (trouble.Next(endpoint.Call))
        {
            case Mishap.Answer answer:
                RecordBeforeTheCallerKnows(context, call);
                await LineAnswer.Refuse(answer.Status, answer.Message).ExecuteAsync(context);
                return;
            case Mishap.Exactly exactly:
                RecordBeforeTheCallerKnows(context, call);
                if (exactly.Location is { } location) context.Response.Headers.Location = location;
                await Results.Text(exactly.Body, exactly.ContentType, statusCode: exactly.Status).ExecuteAsync(context);
                return;
            case Mishap.DropBefore:
                context.Abort();
                calls.Answered(call, StatusCodes.Status500InternalServerError, dropped: true);
                return;
            case Mishap.FailAfter:
                RecordBeforeTheCallerKnows(context, call);
                await Unheard(context, () => Answer(context, endpoint, call, next));
                await LineAnswer.Refuse(StatusCodes.Status500InternalServerError, "Internal Server Error").ExecuteAsync(context);
                return;
            case Mishap.DropAfter:
                context.Response.Body = Stream.Null;
                await Answer(context, endpoint, call, next);
                context.Abort();
                calls.Answered(call, context.Response.StatusCode, dropped: true);
                return;
            default:
                RecordBeforeTheCallerKnows(context, call);
                await Answer(context, endpoint, call, next);
                return;
        }
    }

    private void RecordBeforeTheCallerKnows(HttpContext context, RecordedCall call) => context.Response.OnStarting(() =>
    {
        calls.Answered(call, context.Response.StatusCode);
        return Task.CompletedTask;
    });

    /// <summary>What is answered meanwhile goes nowhere.</summary>
    private static async Task Unheard(HttpContext context, Func<Task> answer)
    {
        var response = context.Features.GetRequiredFeature<IHttpResponseFeature>();
        var body = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        context.Features.Set<IHttpResponseFeature>(new HttpResponseFeature());
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
        await answer();
        context.Features.Set(response);
        context.Features.Set(body);
    }

    private async Task Answer(HttpContext context, LineEndpoint endpoint, RecordedCall call, RequestDelegate next)
    {
        if (endpoint.NeedsChannelToken && !tokens.Accepts(context.Request.Headers.Authorization))
        {
            await LineAnswer.Refuse(401, "Authentication failed due to the following reason: invalid token. "
                + "Confirm that the access token in the authorization header is valid.").ExecuteAsync(context);
        }
        else if (call.Method == "POST" && context.Request is { ContentLength: null, Headers.TransferEncoding.Count: 0 })
        {
            await LineAnswer.Refuse(411, "Length Required").ExecuteAsync(context);
        }
        else
        {
            await next(context);
        }
    }
}

/// <summary>The bodies that LINE answers with.</summary>
internal static class LineAnswer
{
    public static IResult Empty(int status = 200) => Results.Json(new JsonObject(), statusCode: status);

    public static IResult Json(JsonNode body, int status = 200) => Results.Json(body, statusCode: status);

    public static IResult Refuse(int status, string message) =>
        Results.Json(new JsonObject { ["message"] = message }, statusCode: status);

    public static IResult Refuse(IReadOnlyList<Fault> faults) => Results.Json(
        new JsonObject
        {
            ["message"] = $"The request body has {faults.Count} error(s)",
            ["details"] = new JsonArray([.. faults.Select(fault =>
                new JsonObject { ["message"] = fault.Message, ["property"] = fault.Property })]),
        },
        statusCode: 400);

    public static IResult InvalidProperty(string name) =>
        Refuse(400, $"The property, '{name}', in the request body is invalid (line: -, column: -)");

    public static IResult NotFound() => Refuse(404, "Not found");

    /// <summary>The OAuth endpoints have error bodies of their own.</summary>
    public static IResult RefuseOAuth(string error, string description) => Results.Json(
        new JsonObject { ["error"] = error, ["error_description"] = description }, statusCode: 400);
}

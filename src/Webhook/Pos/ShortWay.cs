using System.Buffers;
using System.Text.Json;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Pos;

/// <summary>An endpoint's metadata: a till's request that is in order may be answered without the rest of the pipeline.</summary>
/// <param name="Decide">What the endpoint itself does with a request that passed validation.</param>
internal sealed record ShortWayTo(
    Func<RedemptionRequest, HttpContext, Task<Results<Ok<RedemptionResponse>, ProblemHttpResult>>> Decide);

/// <summary>
/// Nearly every request of a till has a key and is in order. It is answered from here. All others go on as they came, body
/// included, to the usual authentication, validation and endpoint, which say what is wrong with them: nothing is refused here
/// but by the rate limits and the endpoint's own decision.
/// </summary>
internal sealed class ShortWay(IOptions<JsonOptions> options, IOptionsMonitor<ApiKeyOptions> keys, RateLimits limits)
{
    /// <summary>A longer receipt takes the long way, which reads while the rest still comes.</summary>
    private const int BodyBytesMax = 64 * 1024;

    private readonly JsonSerializerOptions json = options.Value.SerializerOptions;

    public Task Invoke(HttpContext http, RequestDelegate longWay) =>
        http.GetEndpoint()?.Metadata.GetMetadata<ShortWayTo>() is { } goal ? Take(goal, http, longWay) : longWay(http);

    private async Task Take(ShortWayTo goal, HttpContext http, RequestDelegate longWay)
    {
        if (Bearer.Token(http.Request) is not { } key
            || keys.Get(TillAuthentication.Policy).Keys.OwnerOf(key) is not { } store
            || await Read(http.Request) is not { } request)
        {
            await longWay(http);
            return;
        }

        http.User = ApiKeyAuthentication.Caller(store, TillAuthentication.Policy);
        await limits.InvokeAsync(http, admitted => Answer(goal, request, admitted));
    }

    private async Task Answer(ShortWayTo goal, RedemptionRequest request, HttpContext http)
    {
        var answer = await goal.Decide(request, http);
        if (answer.Result is Ok<RedemptionResponse> { Value: { } decision }) await Write(decision, http.Response);
        else await answer.ExecuteAsync(http);
    }

    /// <returns>Null when it is not in order, or not surely; then its body can be read anew.</returns>
    private async ValueTask<RedemptionRequest?> Read(HttpRequest request)
    {
        if (!Charsets.IsUsualJson(request.ContentType) || request.ContentLength > BodyBytesMax) return null;

        var body = request.BodyReader;
        try
        {
            var read = await body.ReadWhole(BodyBytesMax, request.HttpContext.RequestAborted);
            var parsed = read.IsCompleted ? Parse(read.Buffer) : null;
            body.AdvanceTo(parsed is null ? read.Buffer.Start : read.Buffer.End);
            return parsed;
        }
        catch (IOException)
        {
            return null; // it did not come, or too slowly, and will not for the next reader either
        }
    }

    private RedemptionRequest? Parse(in ReadOnlySequence<byte> body)
    {
        try
        {
            var text = body.IsSingleSegment ? body.FirstSpan : body.ToArray();
            return JsonSerializer.Deserialize<RedemptionRequest>(text, json) is { } request && request.IsInOrder() ? request : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>As the endpoint would, but in one piece: its length is known, and one packet brings it.</summary>
    private async ValueTask Write(RedemptionResponse decision, HttpResponse response)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(decision, json);
        response.ContentType = "application/json; charset=utf-8";
        response.ContentLength = text.Length;
        await response.BodyWriter.WriteAsync(text, response.HttpContext.RequestAborted);
    }
}

internal static class ShortWaySetup
{
    /// <summary>Before authentication, behind everything that holds for every request.</summary>
    public static void UseShortWay(this IApplicationBuilder app) =>
        app.Use(app.ApplicationServices.GetRequiredService<ShortWay>().Invoke);
}

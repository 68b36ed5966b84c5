using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using CoopLine.Grains;
using CoopLine.Grains.Line;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace CoopLine.Webhook.Line;

/// <summary>What LINE calls. 200 is said only when every event is safe; otherwise LINE delivers them again.</summary>
internal static partial class LineWebhookEndpoints
{
    /// <summary>LINE's own limit for a body.</summary>
    private const int BodyLimitBytes = 2 * 1024 * 1024;

    /// <summary>LINE's bodies are a few kilobytes; they always find room.</summary>
    private const int UsualBodyBytes = 64 * 1024;

    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    /// <summary>However deep one event is, it does not cost the others. The parser does not call itself, so depth is only length.</summary>
    private static readonly JsonDocumentOptions AnyDepth = new() { MaxDepth = BodyLimitBytes };

    extension(IServiceCollection services)
    {
        public void AddLine()
        {
            services.AddSingleton<LineSignature>();
            services.AddSingleton<LargeBodies>();
        }
    }

    public static void MapLine(this IEndpointRouteBuilder routes) => routes.MapPost("/line/webhook", Receive)
        .DisableValidation() // its parameters are services
        .WithTags("LINE")
        .WithSummary("Webhook events from LINE.")
        .WithDescription("`x-line-signature`: Base64 of HMAC-SHA-256 over the raw body with the channel secret. "
            + "Unknown events and properties are ignored.")
        .ProducesProblem(StatusCodes.Status400BadRequest)
        .ProducesProblem(StatusCodes.Status401Unauthorized)
        .ProducesProblem(StatusCodes.Status413PayloadTooLarge)
        .ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<Results<Ok, ProblemHttpResult>> Receive(
        HttpRequest request, LineSignature signature, LargeBodies largeBodies, IGrainFactory grains, Patience patience,
        TimeProvider clock, ILogger<LineSignature> log)
    {
        if (request.ContentLength > BodyLimitBytes) return TooLarge();
        // Whether it is LINE's we know only when the body has been read: nothing is kept for whoever cannot be LINE.
        if (request.Headers["x-line-signature"] is not [var header] || !LineSignature.IsPossible(header)) return Unsigned();
        using var room = largeBodies.Room();
        var read = await request.BodyReader.ReadWhole(UsualBodyBytes, request.HttpContext.RequestAborted);
        if (!read.IsCompleted && read.Buffer.Length > UsualBodyBytes)
        {
            request.BodyReader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (!room.Take()) return Crowded(request.HttpContext.Response);
            read = await request.BodyReader.ReadWhole(BodyLimitBytes, request.HttpContext.RequestAborted);
        }

        var body = read.Buffer.Length > BodyLimitBytes ? null : read.Buffer.ToArray();
        request.BodyReader.AdvanceTo(read.Buffer.End);
        if (body is null) return TooLarge();
        if (!signature.Matches(body, header!)) return Unsigned();
        if (Parse(body) is not { } events)
            return Reject(400, "not-a-webhook", "The body is no JSON object with a list of events.");

        foreach (var ignored in events.Where(received => received.Account is null))
        {
            Count(ignored, ignored.LinkFailed ? "failed" : "ignored");
            if (ignored.LinkFailed) LogLinkFailed(log);
        }
        await Task.WhenAll(events.Where(received => received.Account is not null)
            .GroupBy(received => received.Account!, StringComparer.Ordinal)
            .Select(account => Accept(grains, patience, clock, account.Key, [.. account])));
        return TypedResults.Ok();
    }

    private static async Task Accept(
        IGrainFactory grains, Patience patience, TimeProvider clock, string account, ImmutableArray<ReceivedEvent> received)
    {
        ImmutableArray<LineEvent> events = [.. received.Select(one => one.Event!)];
        var outcome = "failed";
        try
        {
            await patience.Repeat(() => grains.Account(account).Accept(events));
            outcome = "accepted";
            var now = clock.GetUtcNow();
            foreach (var one in events) Telemetry.WebhookLag.Record(Math.Max(0, (now - one.At).TotalSeconds));
        }
        finally
        {
            foreach (var one in received) Count(one, outcome);
        }
    }

    private static ProblemHttpResult TooLarge() => Reject(413, "too-large", $"A body has at most {BodyLimitBytes} bytes.");

    private static ProblemHttpResult Unsigned() => Reject(401, "signature", "x-line-signature does not fit this body.");

    private static ProblemHttpResult Crowded(HttpResponse response)
    {
        response.AskToWait(TimeSpan.FromSeconds(1));
        return Reject(503, "crowded", "Too many large bodies at the same moment; deliver it again.");
    }

    private static ImmutableArray<ReceivedEvent>? Parse(ReadOnlyMemory<byte> body)
    {
        if (body.Span.StartsWith(ByteOrderMark)) body = body[ByteOrderMark.Length..];
        try
        {
            using var json = JsonDocument.Parse(body, AnyDepth);
            return LineEvents.Read(json.RootElement);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static ProblemHttpResult Reject(int status, string reason, string sentence)
    {
        Telemetry.WebhooksRejected.Add(1, new KeyValuePair<string, object?>("coopline.webhook.reason", reason));
        return Problems.Refuse(status, reason, sentence);
    }

    private static void Count(ReceivedEvent received, string outcome) => Telemetry.WebhookEvents.Add(
        1, new("coopline.webhook.kind", received.Kind), new("coopline.webhook.outcome", outcome));

    [LoggerMessage(LogLevel.Information, "LINE's account-link dialog failed for somebody; LINE does not say for whom")]
    private static partial void LogLinkFailed(ILogger log);
}

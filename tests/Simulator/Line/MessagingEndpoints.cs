using System.Text.Json;
using System.Text.Json.Nodes;

namespace CoopLine.Simulator.Line;

/// <summary>Messages, users and the account itself.</summary>
/// <seealso href="https://developers.line.biz/en/reference/messaging-api/"/>
internal sealed class MessagingEndpoints(
    LineSimulator line, ReplyTokens replyTokens, RetryKeys retryKeys, LinkTokens linkTokens, MonthlyQuota quota, AggregationUnits units)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v2/bot/message/reply", Reply).Is(LineCall.Reply);
        routes.MapPost("/v2/bot/message/push", Push).Is(LineCall.Push);
        routes.MapPost("/v2/bot/message/multicast", Multicast).Is(LineCall.Multicast);
        routes.MapPost("/v2/bot/message/validate/{kind}", Validate).Is(LineCall.Validate);
        routes.MapPost("/v2/bot/user/{userId}/linkToken", IssueLinkToken).Is(LineCall.LinkToken);
        routes.MapGet("/v2/bot/profile/{userId}", Profile).Is(LineCall.Profile);
        routes.MapGet("/v2/bot/info", Info).Is(LineCall.BotInfo);
    }

    private IResult Reply(LineRequest request)
    {
        if (request.Json(out var body) is { } notJson) return notJson;
        if (request.Call.RetryKey is not null)
            return LineAnswer.Refuse(400, "The header, X-Line-Retry-Key, is not supported on this endpoint");
        if (MessageRules.CheckMessages(body) is { Count: > 0 } faults) return LineAnswer.Refuse(faults);
        if (Text(body, "replyToken") is not { } token || replyTokens.Use(token) is not { } userId)
            return LineAnswer.Refuse(400, "Invalid reply token");

        line.Find(userId)?.Receive(body.GetProperty("messages"), MessageWay.Reply);
        return LineAnswer.Json(new JsonObject { ["sentMessages"] = SentMessages(body) });
    }

    private IResult Push(LineRequest request, HttpContext context)
    {
        if (request.Json(out var body) is { } notJson) return notJson;
        if (Text(body, "to") is not { } to || !LineRequest.IsUserId(to)) return LineAnswer.InvalidProperty("to");
        return Send(request, context, body, [to], MessageWay.Push);
    }

    private IResult Multicast(LineRequest request, HttpContext context)
    {
        if (request.Json(out var body) is { } notJson) return notJson;
        if (!body.TryGetProperty("to", out var list) || list.ValueKind != JsonValueKind.Array
            || list.GetArrayLength() is < 1 or > 500)
            return LineAnswer.Refuse([new("Size must be between 1 and 500", "to")]);
        string?[] to =
        [
            .. list.EnumerateArray().Select(id => id.ValueKind == JsonValueKind.String ? id.GetString() : null),
        ];
        var bad = Array.FindIndex(to, id => !LineRequest.IsUserId(id));
        if (bad >= 0) return LineAnswer.InvalidProperty($"to[{bad}]");
        return Send(request, context, body, [.. to.Distinct()!], MessageWay.Multicast);
    }

    private IResult Send(LineRequest request, HttpContext context, JsonElement body, string[] to, MessageWay way)
    {
        if (MessageRules.CheckMessages(body) is { Count: > 0 } faults) return LineAnswer.Refuse(faults);
        if (AggregationUnits.Read(body, out var unit) is { } fault) return LineAnswer.Refuse([fault]);
        SimulatedPhone[] reached = [.. to.Select(line.Find).OfType<SimulatedPhone>().Where(phone => phone.IsReachable)];
        var answer = new JsonObject();
        if (way == MessageWay.Push) answer["sentMessages"] = SentMessages(body);
        if (request.Call.RetryKey is { } header)
        {
            if (!Guid.TryParseExact(header, "D", out var key))
                return LineAnswer.Refuse(400, "The header, X-Line-Retry-Key, is invalid");
            switch (retryKeys.Accept(key, request.Call, answer["sentMessages"]?.DeepClone(), () => quota.Take(reached.Length)))
            {
                case Acceptance.Again again:
                    context.Response.Headers["x-line-accepted-request-id"] = again.AcceptedRequestId;
                    var conflict = new JsonObject { ["message"] = "The retry key is already accepted" };
                    if (again.SentMessages is { } sent) conflict["sentMessages"] = sent;
                    return LineAnswer.Json(conflict, 409);
                // LINE only says that the body must be the same; the simulator insists, since another body is a defect.
                case Acceptance.OtherBody:
                    return LineAnswer.Refuse(400, "The retry key was used before with another request body");
                case Acceptance.Refused:
                    return MonthlyLimit();
            }
        }
        else if (!quota.Take(reached.Length))
        {
            return MonthlyLimit();
        }

        if (way == MessageWay.Multicast && request.Call.RetryKey is { } taken)
            line.Memory.Keep(new(Taken: new(Guid.Parse(taken), request.Call.RequestId, request.Call.Bytes.ToArray(), line.Clock.GetUtcNow())));
        if (unit is not null) units.Add(unit);
        foreach (var phone in reached) phone.Receive(body.GetProperty("messages"), way, request.Call.RetryKey, unit);
        return LineAnswer.Json(answer);
    }

    private static IResult MonthlyLimit() => LineAnswer.Refuse(429, "You have reached your monthly limit.");

    private static IResult Validate(string kind, LineRequest request)
    {
        if (kind is not ("reply" or "push" or "multicast" or "narrowcast" or "broadcast")) return LineAnswer.NotFound();
        if (request.Json(out var body) is { } notJson) return notJson;
        return MessageRules.CheckMessages(body) is { Count: > 0 } faults
            ? LineAnswer.Refuse(faults)
            : LineAnswer.Empty();
    }

    private IResult IssueLinkToken(string userId)
    {
        if (!LineRequest.IsUserId(userId)) return LineAnswer.InvalidProperty("userId");
        return line.Find(userId) is not { IsBlocking: false }
            ? LineAnswer.NotFound()
            : LineAnswer.Json(new JsonObject { ["linkToken"] = linkTokens.Issue(userId) });
    }

    private IResult Profile(string userId)
    {
        if (!LineRequest.IsUserId(userId)) return LineAnswer.InvalidProperty("userId");
        return line.Find(userId) is { IsFriend: true, IsBlocking: false } phone
            ? LineAnswer.Json(new JsonObject { ["displayName"] = phone.Name, ["userId"] = userId, ["language"] = "ja" })
            : LineAnswer.NotFound();
    }

    private IResult Info() => LineAnswer.Json(new JsonObject
    {
        ["userId"] = line.Options.BotUserId,
        ["basicId"] = "@coopline",
        ["displayName"] = line.Options.AccountName,
        ["chatMode"] = "bot",
        ["markAsReadMode"] = "auto",
    });

    private static JsonArray SentMessages(JsonElement body) =>
        [.. body.GetProperty("messages").EnumerateArray().Select(_ => new JsonObject
        {
            ["id"] = LineEvents.NewMessageId(),
            ["quoteToken"] = LineEvents.NewToken(),
        })];

    private static string? Text(JsonElement body, string name) =>
        body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

using System.Collections.Frozen;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CoopLine.Peer;

/// <summary>Key → store.</summary>
internal sealed class TillKeys(IConfigurationSection keys)
{
    private const string Scheme = "Bearer ";

    private readonly FrozenDictionary<string, string> stores = keys.GetChildren()
        .ToFrozenDictionary(store => Scheme + store.Value, store => store.Key, StringComparer.Ordinal);

    public string? StoreOf(HttpRequest request) =>
        request.Headers.Authorization is [{ } key] ? stores.GetValueOrDefault(key) : null;
}

/// <summary>HTTP in, HTTP out.</summary>
internal static class Redemptions
{
    private const int BodyLimitBytes = 1024 * 1024;

    public static async Task Handle(HttpContext http, TillKeys tills, IRedeem redeem)
    {
        if (tills.StoreOf(http.Request) is not { } store)
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        if (http.Request.ContentLength is not (> 0 and <= BodyLimitBytes and var length))
        {
            http.Response.StatusCode = StatusCodes.Status411LengthRequired;
            return;
        }

        var body = new byte[length];
        await http.Request.Body.ReadExactlyAsync(body);
        if (Read(body) is not { } request)
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        if (request.Receipt.Store != store)
        {
            http.Response.StatusCode = StatusCodes.Status403Forbidden;
            return;
        }

        var trace = ActivityTraceId.CreateRandom().ToHexString();
        var done = await redeem.Redeem(request, SHA256.HashData(body), trace);
        if (done.Outcome == "anotherRequest")
        {
            http.Response.StatusCode = StatusCodes.Status422UnprocessableEntity;
            return;
        }

        var answer = done.Outcome is "redeemed" or "replayed"
            ? new Answer(
                "redeemed", done.Outcome == "replayed", [new(done.Campaign!, done.Line, 1, done.Yen)], [], done.TraceId)
            : new Answer("refused", false, [], [new(done.Campaign, done.Outcome)], done.TraceId);
        var bytes = JsonSerializer.SerializeToUtf8Bytes(answer, PeerJson.Default.Answer);
        http.Response.ContentType = "application/json; charset=utf-8";
        http.Response.ContentLength = bytes.Length;
        await http.Response.Body.WriteAsync(bytes);
    }

    /// <returns>Null when the body is not a till's request.</returns>
    private static Request? Read(byte[] body)
    {
        try
        {
            return JsonSerializer.Deserialize(body, PeerJson.Default.Request) is { Lines.Length: > 0 and <= 1000 } request
                && request.Code.Length == 13
                ? request
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

internal sealed record Request(
    [property: JsonRequired] Receipt Receipt,
    [property: JsonRequired] DateTimeOffset PurchasedAt,
    [property: JsonRequired] string Code,
    [property: JsonRequired] Line[] Lines);

internal sealed record Receipt(
    [property: JsonRequired] string BusinessDate,
    [property: JsonRequired] string Store,
    [property: JsonRequired] string Register,
    [property: JsonRequired] string Number)
{
    public override string ToString() => $"{BusinessDate}/{Store}/{Register}/{Number}";
}

internal sealed record Line(
    [property: JsonRequired, JsonPropertyName("line")] int Number,
    string? Jan,
    string? Category,
    [property: JsonRequired] int Quantity,
    [property: JsonRequired] int UnitPrice,
    string? Markdown);

internal sealed record Answer(string Outcome, bool Replayed, Discount[] Discounts, Refusal[] Refusals, string TraceId);

internal sealed record Discount(string Campaign, int Line, int Units, int Amount);

internal sealed record Refusal(string? Campaign, string Reason);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(Request))]
[JsonSerializable(typeof(Answer))]
internal sealed partial class PeerJson : JsonSerializerContext;

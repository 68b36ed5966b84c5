using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Net.Mime;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CoopLine.Grains;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Redemptions;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace CoopLine.Webhook.Pos;

/// <summary>The units that come back.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ReturnRequest
{
    /// <summary>
    /// The till's name of this return, such as the number of its slip: sent again, it counts once. Without it, two returns of the
    /// same units are the same return.
    /// </summary>
    [MinLength(1), RegularExpression("^" + ReceiptKey.PartShape + "$", ErrorMessage = "{0} has " + ReceiptKey.PartShapeInWords + ".")]
    public string? Id { get; init; }

    /// <summary>At least one: <c>{"line":1,"quantity":1}</c>, or the number of a line that comes back whole.</summary>
    [Required, Length(1, RedemptionRequest.LinesMax)]
    public IReadOnlyList<ReturnedLine>? Lines { get; init; }

    /// <summary>What is sold by weight has no coupon, so it is left out.</summary>
    internal ImmutableArray<ReturnedUnits> Units =>
    [
        .. Lines!.Where(line => line.Quantity is null || decimal.IsInteger(line.Quantity.Value))
            .Select(line => new ReturnedUnits(line.Line!.Value, line.Quantity is { } units ? (int)Math.Min(units, int.MaxValue) : null)),
    ];

    /// <summary>Longer than any id, so that it is none.</summary>
    internal string Name => Id ?? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(
        ',', Units.OrderBy(one => one.Line).ThenBy(one => one.Units).Select(one => $"{one.Line}x{one.Units}")))));
}

/// <summary>Units of a line.</summary>
[JsonConverter(typeof(ReturnedLineJson))]
public sealed record ReturnedLine : IValidatableObject
{
    [Required, Range(1, int.MaxValue)]
    public int? Line { get; init; }

    /// <summary>More than 0; absent: all of them.</summary>
    public decimal? Quantity { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Quantity <= 0) yield return new("More than 0 come back.", [nameof(Quantity)]);
    }
}

/// <summary>A line's number alone is the whole line.</summary>
internal sealed class ReturnedLineJson : JsonConverter<ReturnedLine>
{
    public override bool HandleNull => true;

    public override ReturnedLine Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType == JsonTokenType.Number) return new() { Line = reader.GetInt32() };
        try
        {
            return JsonSerializer.Deserialize<Form>(ref reader, options) is { } form
                ? new() { Line = form.Line, Quantity = form.Quantity }
                : throw new JsonException();
        }
        catch (JsonException)
        {
            throw new JsonException(); // with the place in the whole request instead of the place in this line
        }
    }

    public override void Write(Utf8JsonWriter writer, ReturnedLine value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, new Form(value.Line, value.Quantity), options);

    [JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
    private sealed record Form(int? Line, [property: JsonConverter(typeof(TillNumberJson))] decimal? Quantity);
}

/// <summary>A void has nothing to say: what is sent for a part of the receipt would void the whole.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record VoidRequest
{
    /// <summary>
    /// An empty body is no body, however it is framed: an HTTP client or a proxy may announce one, in chunks or by HTTP/2, and send nothing.
    /// ASP.NET's own binding would take that for unreadable JSON.
    /// </summary>
    public static async ValueTask<VoidRequest?> BindAsync(HttpContext http)
    {
        var body = http.Request.BodyReader;
        var read = await body.ReadWhole(0, http.RequestAborted);
        body.AdvanceTo(read.Buffer.Start);
        if (read.Buffer.IsEmpty) return null;
        if (!http.Request.HasJsonContentType())
            throw new BadHttpRequestException("The body of a void is JSON.", StatusCodes.Status415UnsupportedMediaType);

        try
        {
            return await http.Request.ReadFromJsonAsync<VoidRequest>(http.RequestAborted);
        }
        catch (JsonException unreadable)
        {
            throw new BadHttpRequestException("The body of a void cannot be read.", unreadable);
        }
    }
}

internal static class ReceiptEndpoints
{
    extension(IEndpointRouteBuilder till)
    {
        public void MapReceipts()
        {
            var receipt = till.MapGroup(ReceiptPath.Route).ProducesProblem(StatusCodes.Status404NotFound);
            receipt.MapGet("/", Get)
                .WithSummary("What happened to a receipt.");
            receipt.MapPost("/void", Void)
                .Accepts<VoidRequest>(isOptional: true, MediaTypeNames.Application.Json)
                .WithSummary("Void the whole receipt: its coupons are given back once, if their campaign is still on.")
                .WithDescription("A void that comes before its sale is remembered: the sale is answered `voided` and uses nothing.");
            receipt.MapPost("/returns", Return)
                .WithSummary("Units come back: coupons that the units which stay cannot hold are given back once, if their campaign is still on.");
        }
    }

    private static Task<Results<Ok<ReceiptResponse>, ProblemHttpResult>> Get(
        string businessDate, string store, string register, string number,
        ClaimsPrincipal till, IGrainFactory grains, Patience patience, TillResponses answers, HttpContext http) =>
        Answer(new(businessDate, store, register, number), till, patience, async key =>
            await grains.Receipt(key).Report() is { } report ? answers.Of(key, report, TraceIds.Of(http)) : null);

    private static Task<Results<Ok<ReceiptResponse>, ProblemHttpResult>> Void(
        string businessDate, string store, string register, string number,
        VoidRequest? request,
        ClaimsPrincipal till, IGrainFactory grains, Patience patience, TillResponses answers, HttpContext http) =>
        Answer(new(businessDate, store, register, number), till, patience, async key =>
            await grains.Receipt(key).Void() is { } report ? answers.Of(key, report, TraceIds.Of(http)) : null);

    private static Task<Results<Ok<ReceiptResponse>, ProblemHttpResult>> Return(
        string businessDate, string store, string register, string number,
        [FromBody] ReturnRequest request,
        ClaimsPrincipal till, IGrainFactory grains, Patience patience, TillResponses answers, HttpContext http) =>
        Answer(new(businessDate, store, register, number), till, patience, async key =>
            await grains.Receipt(key).ReturnUnits(request.Name, request.Units) is { } report
                ? answers.Of(key, report, TraceIds.Of(http))
                : null);

    private static async Task<Results<Ok<ReceiptResponse>, ProblemHttpResult>> Answer(
        ReceiptPath path, ClaimsPrincipal till, Patience patience, Func<ReceiptKey, Task<ReceiptResponse?>> ask)
    {
        if (!path.TryRead(out var key)) return ReceiptPath.Malformed;
        if (TillAuthentication.RefusalOf(till, key.Store) is { } refusal) return refusal;

        return await patience.Repeat(() => ask(key)) is { } answer ? TypedResults.Ok(answer) : ReceiptPath.Unknown;
    }
}

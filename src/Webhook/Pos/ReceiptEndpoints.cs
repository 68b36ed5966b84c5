using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using System.Text.Json.Serialization;
using CoopLine.Grains;
using CoopLine.Grains.Coupons;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace CoopLine.Webhook.Pos;

/// <summary>The lines that come back.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record ReturnRequest
{
    /// <summary>The till's line numbers, at least one.</summary>
    [Required, Length(1, RedemptionRequest.LinesMax)]
    public IReadOnlyList<int>? Lines { get; init; }
}

/// <summary>A void has nothing to say: what is sent for a part of the receipt would void the whole.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record VoidRequest;

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
                .WithSummary("Void the whole receipt: its coupons are given back once, if their campaign is still on.");
            receipt.MapPost("/returns", Return)
                .WithSummary("Lines come back: their coupons are given back once, if their campaign is still on.");
        }
    }

    private static Task<Results<Ok<ReceiptResponse>, ProblemHttpResult>> Get(
        string businessDate, string store, string register, string number,
        ClaimsPrincipal till, IGrainFactory grains, Patience patience, TillResponses answers, HttpContext http) =>
        Answer(new(businessDate, store, register, number), till, patience, async key =>
            await grains.Receipt(key).Report() is { } report ? answers.Of(key, report, TraceIds.Of(http)) : null);

    private static Task<Results<Ok<ReceiptResponse>, ProblemHttpResult>> Void(
        string businessDate, string store, string register, string number,
        [FromBody] VoidRequest? request,
        ClaimsPrincipal till, IGrainFactory grains, Patience patience, TillResponses answers, HttpContext http) =>
        Answer(new(businessDate, store, register, number), till, patience, async key =>
            await grains.Receipt(key).Void() is { } report ? answers.Of(key, report, TraceIds.Of(http)) : null);

    private static Task<Results<Ok<ReceiptResponse>, ProblemHttpResult>> Return(
        string businessDate, string store, string register, string number,
        [FromBody] ReturnRequest request,
        ClaimsPrincipal till, IGrainFactory grains, Patience patience, TillResponses answers, HttpContext http) =>
        Answer(new(businessDate, store, register, number), till, patience, async key =>
            await grains.Receipt(key).Return([.. request.Lines!.Distinct()]) is { } report
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

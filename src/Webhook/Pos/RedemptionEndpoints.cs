using System.Diagnostics;
using CoopLine.Grains.Redemptions;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace CoopLine.Webhook.Pos;

internal static class RedemptionEndpoints
{
    extension(IEndpointRouteBuilder till)
    {
        public void MapRedemptions()
        {
            var counter = till.ServiceProvider.GetRequiredService<RedemptionCounter>();
            till.MapPost("/redemptions", Redeem)
                .WithSummary("Redeem the coupons of a code on a receipt.")
                .WithDescription("The same request again, at any time, gets the first answer with `replayed`; refusals "
                    + "are not remembered. 422: this receipt was decided for another body.")
                .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
                .WithMetadata(new ShortWayTo(counter.Redeem));
            till.MapPost("/evaluations", Evaluate)
                .WithSummary("What redeeming would answer; changes nothing.")
                .ProducesProblem(StatusCodes.Status422UnprocessableEntity)
                .WithMetadata(new ShortWayTo(counter.Evaluate));
        }
    }

    private static Task<Results<Ok<RedemptionResponse>, ProblemHttpResult>> Redeem(
        [FromBody] RedemptionRequest request, RedemptionCounter counter, HttpContext http) => counter.Redeem(request, http);

    private static Task<Results<Ok<RedemptionResponse>, ProblemHttpResult>> Evaluate(
        [FromBody] RedemptionRequest request, RedemptionCounter counter, HttpContext http) => counter.Evaluate(request, http);
}

/// <summary>Answers requests that passed validation, whichever way they came.</summary>
internal sealed class RedemptionCounter(RedemptionDesk desk, Patience patience, TillResponses answers, UnknownCodes unknown)
{
    public Task<Results<Ok<RedemptionResponse>, ProblemHttpResult>> Redeem(RedemptionRequest request, HttpContext http) =>
        Decide(request, desk.Redeem, http);

    public Task<Results<Ok<RedemptionResponse>, ProblemHttpResult>> Evaluate(RedemptionRequest request, HttpContext http) =>
        Decide(request, (purchase, _) => desk.Evaluate(purchase), http);

    private async Task<Results<Ok<RedemptionResponse>, ProblemHttpResult>> Decide(
        RedemptionRequest request, Func<Purchase, bool, Task<RedeemOutcome>> ask, HttpContext http)
    {
        var purchase = request.ToPurchase();
        if (TillAuthentication.RefusalOf(http.User, purchase.Receipt.Store) is { } refusal) return refusal;
        if (!unknown.Begin(purchase.Receipt)) return UnknownCodes.Refuse(http);

        RedeemOutcome outcome;
        try
        {
            outcome = await patience.Repeat(repeated => ask(purchase, repeated));
            if (outcome is RedeemOutcome.Answered { Answer.IsCodeUnknown: true }) unknown.Count(purchase.Receipt);
        }
        finally
        {
            unknown.End(purchase.Receipt);
        }

        return outcome switch
        {
            RedeemOutcome.Answered done => TypedResults.Ok(answers.Of(done, TraceIds.Of(http), request.Warnings(purchase))),
            RedeemOutcome.AnotherRequest =>
                Problems.Refuse(422, "another-request", "This receipt was decided for a request with other contents."),
            RedeemOutcome.ClockOff off => ClockOff(off.ServerTime.ToOffset(purchase.PurchasedAt.Offset)),
            _ => throw new UnreachableException(),
        };
    }

    private static ProblemHttpResult ClockOff(DateTimeOffset serverTime) => Problems.Invalid(
        new Dictionary<string, string[]>
        {
            ["purchasedAt"] = [$"More than ten minutes from the server's time, {serverTime:yyyy-MM-ddTHH:mm:sszzz}."],
        },
        new Dictionary<string, object?> { ["serverTime"] = serverTime });
}

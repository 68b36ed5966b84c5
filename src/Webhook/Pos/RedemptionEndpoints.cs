using System.Diagnostics;
using System.Security.Claims;
using CoopLine.Grains;
using CoopLine.Grains.Coupons;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace CoopLine.Webhook.Pos;

internal static class RedemptionEndpoints
{
    extension(IEndpointRouteBuilder till)
    {
        public void MapRedemptions()
        {
            till.MapPost("/redemptions", Redeem)
                .WithSummary("Redeem the coupons of a code on a receipt.")
                .WithDescription("The same request again, at any time, gets the first answer with `replayed`; refusals "
                    + "are not remembered. 422: this receipt was decided for another body.")
                .ProducesProblem(StatusCodes.Status422UnprocessableEntity);
            till.MapPost("/evaluations", Evaluate)
                .WithSummary("What redeeming would answer; changes nothing.")
                .ProducesProblem(StatusCodes.Status422UnprocessableEntity);
        }
    }

    private static Task<Results<Ok<RedemptionResponse>, ProblemHttpResult>> Redeem(
        [FromBody] RedemptionRequest request,
        ClaimsPrincipal till, RedemptionDesk desk, Patience patience, TillAnswers answers, HttpContext http) =>
        Decide(request, till, patience, desk.Redeem, answers, http);

    private static Task<Results<Ok<RedemptionResponse>, ProblemHttpResult>> Evaluate(
        [FromBody] RedemptionRequest request,
        ClaimsPrincipal till, IGrainFactory grains, Patience patience, TillAnswers answers, HttpContext http) =>
        Decide(request, till, patience, (purchase, _) => grains.Receipt(purchase.Receipt).Evaluate(purchase), answers, http);

    private static async Task<Results<Ok<RedemptionResponse>, ProblemHttpResult>> Decide(
        RedemptionRequest request,
        ClaimsPrincipal till,
        Patience patience,
        Func<Purchase, bool, Task<RedeemOutcome>> ask,
        TillAnswers answers,
        HttpContext http)
    {
        var purchase = request.ToPurchase().AsAttempt();
        if (TillAuthentication.RefusalOf(till, purchase.Receipt.Store) is { } refusal) return refusal;

        return await patience.Repeat(repeated => ask(purchase, repeated)) switch
        {
            RedeemOutcome.Answered done => TypedResults.Ok(answers.Of(done.Answer, done.Replayed, TraceIds.Of(http))),
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

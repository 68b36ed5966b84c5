using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CoopLine.Webhook.Coupons;

/// <summary>Refusals of the coupon page's calls, as problem details with a reason for the script and a sentence for the member.</summary>
internal static class CouponProblems
{
    public static ProblemHttpResult Because(
        int status, string reason, string sentence, IDictionary<string, object?>? more = null,
        object? value = null)
    {
        var extensions = new Dictionary<string, object?>(more ?? new Dictionary<string, object?>()) { ["reason"] = reason };
        return TypedResults.Problem(
            CouponTexts.All[sentence, value], statusCode: status, type: $"{Problems.Urn}coupon:{reason}", extensions: extensions);
    }
}

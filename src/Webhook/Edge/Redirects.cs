using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CoopLine.Webhook.Edge;

internal static class Redirects
{
    /// <summary>What was sent is done with: the browser asks for this address, and a reload asks for it again and sends nothing.</summary>
    public static StatusCodeHttpResult SeeOther(this HttpResponse response, string address)
    {
        response.Headers.Location = address;
        return TypedResults.StatusCode(StatusCodes.Status303SeeOther);
    }
}

using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace CoopLine.Webhook.Edge;

internal static class RetryAfter
{
    /// <summary>Says when the caller may come again, in whole seconds, one at least.</summary>
    public static void AskToWait(this HttpResponse response, TimeSpan wait) =>
        response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
}

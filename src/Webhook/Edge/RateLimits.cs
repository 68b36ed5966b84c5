using System.ComponentModel.DataAnnotations;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Edge;

/// <summary>How much one caller may ask: configuration section <c>CoopLine:RateLimits</c>. Beyond it, 429.</summary>
internal sealed class RateLimitOptions
{
    /// <summary>Requests a second with the till keys of one store. Default 500.</summary>
    [Range(1, 1_000_000)]
    public int TillPerSecond { get; init; } = 500;

    /// <summary>Requests a second with one staff key. Default 50.</summary>
    [Range(1, 1_000_000)]
    public int StaffPerSecond { get; init; } = 50;

    /// <summary>
    /// Requests a second to the members' pages from one address, behind which a whole mobile network may be. Default 100.
    /// </summary>
    [Range(1, 1_000_000)]
    public int PagesPerSecond { get; init; } = 100;
}

internal static class RateLimits
{
    public const string Till = "till";
    public const string Staff = "staff";
    public const string Pages = "pages";

    private const int RetryAfterSeconds = 1;

    public static void Configure(RateLimiterOptions limiter)
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.OnRejected = Explain;
        limiter.AddPolicy(Till, http => PerSecond(http, http.User.Identity?.Name, limits => limits.TillPerSecond));
        limiter.AddPolicy(Staff, http => PerSecond(http, http.User.Identity?.Name, limits => limits.StaffPerSecond));
        limiter.AddPolicy(Pages, http =>
            PerSecond(http, http.Connection.RemoteIpAddress?.ToString(), limits => limits.PagesPerSecond));
    }

    private static RateLimitPartition<string> PerSecond(
        HttpContext http, string? caller, Func<RateLimitOptions, int> limit)
    {
        var permits = limit(http.RequestServices.GetRequiredService<IOptions<RateLimitOptions>>().Value);
        return RateLimitPartition.GetTokenBucketLimiter(caller ?? "", _ => new()
        {
            TokenLimit = permits,
            TokensPerPeriod = permits,
            ReplenishmentPeriod = TimeSpan.FromSeconds(RetryAfterSeconds),
        });
    }

    private static async ValueTask Explain(OnRejectedContext rejected, CancellationToken cancellation)
    {
        rejected.HttpContext.Response.Headers.RetryAfter = $"{RetryAfterSeconds}";
        await Problems.Refuse(429, "too-many-requests", "Too many requests; wait a moment.")
            .ExecuteAsync(rejected.HttpContext);
    }
}

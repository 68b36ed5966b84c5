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

    /// <summary>Pages of one LINE account that may follow a code at the same moment. Default 10.</summary>
    [Range(1, 1_000)]
    public int PagesFollowing { get; init; } = 10;
}

internal static class RateLimits
{
    public const string Till = "till";
    public const string Staff = "staff";
    public const string Pages = "pages";
    public const string Following = "following";

    private const int RetryAfterSeconds = 1;

    public static void Configure(RateLimiterOptions limiter)
    {
        limiter.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
        limiter.OnRejected = (rejected, _) => new(Refuse(rejected.HttpContext));
        limiter.AddPolicy(Till, http => PerSecond(http.User.Identity?.Name, Limits(http).TillPerSecond));
        limiter.AddPolicy(Staff, http => PerSecond(http.User.Identity?.Name, Limits(http).StaffPerSecond));
        limiter.AddPolicy(Pages, ByAddress);
        limiter.AddPolicy(Following, http =>
            AtATime(http.User.Identity?.Name, Limits(http).PagesFollowing));
    }

    public static RateLimitPartition<string> ByAddress(HttpContext http) =>
        PerSecond(http.Connection.RemoteIpAddress?.ToString(), Limits(http).PagesPerSecond);

    public static Task Refuse(HttpContext http)
    {
        http.Response.Headers.RetryAfter = $"{RetryAfterSeconds}";
        return Problems.Refuse(StatusCodes.Status429TooManyRequests, "too-many-requests", "Too many requests; wait a moment.")
            .ExecuteAsync(http);
    }

    private static RateLimitPartition<string> PerSecond(string? caller, int permits) =>
        RateLimitPartition.GetTokenBucketLimiter(caller ?? "", _ => new()
        {
            TokenLimit = permits,
            TokensPerPeriod = permits,
            ReplenishmentPeriod = TimeSpan.FromSeconds(RetryAfterSeconds),
        });

    private static RateLimitPartition<string> AtATime(string? caller, int permits) =>
        RateLimitPartition.GetConcurrencyLimiter(caller ?? "", _ => new() { PermitLimit = permits });

    private static RateLimitOptions Limits(HttpContext http) =>
        http.RequestServices.GetRequiredService<IOptions<RateLimitOptions>>().Value;
}

/// <summary>
/// Id tokens that LINE may be asked about, by address: as many as pages. They come before anybody is known, and so before
/// the other limits.
/// </summary>
internal sealed class SignInLimit : IDisposable
{
    private readonly PartitionedRateLimiter<HttpContext> limiter =
        PartitionedRateLimiter.Create<HttpContext, string>(RateLimits.ByAddress);

    public bool Admits(HttpContext http)
    {
        using var lease = limiter.AttemptAcquire(http);
        return lease.IsAcquired;
    }

    public void Dispose() => limiter.Dispose();
}

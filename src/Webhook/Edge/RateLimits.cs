using System.ComponentModel.DataAnnotations;
using System.Net.Sockets;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Http;
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
    /// Requests a second to the members' pages from one IPv4 address, behind which a whole mobile network may be, or from one
    /// IPv6 network (/64). Default 100.
    /// </summary>
    [Range(1, 1_000_000)]
    public int PagesPerSecond { get; init; } = 100;

    /// <summary>
    /// Codes that nobody knows, from one till, before its calls are turned away; each ten seconds it may have one more. A store
    /// may have ten times as many. Default 30.
    /// </summary>
    [Range(1, 1_000_000)]
    public int UnknownCodes { get; init; } = 30;

    /// <summary>
    /// Tries to sign in as staff from one address, behind which a whole office may be, before they are turned away; so many come back in a
    /// minute. Default 30.
    /// </summary>
    [Range(1, 1_000_000)]
    public int StaffSignIns { get; init; } = 30;

    /// <summary>Pages of one LINE account that may follow a code at the same moment. Default 10.</summary>
    [Range(1, 1_000)]
    public int PagesFollowing { get; init; } = 10;
}

/// <summary>One limit, which holds for each caller separately. An endpoint has it as metadata; of several, each counts.</summary>
internal sealed class RateLimit
{
    public static readonly RateLimit Till = new() { Name = "till", Caller = User, Permits = limits => limits.TillPerSecond };
    public static readonly RateLimit Staff = new() { Name = "staff", Caller = User, Permits = limits => limits.StaffPerSecond };
    public static readonly RateLimit Pages = new() { Name = "pages", Caller = Address, Permits = limits => limits.PagesPerSecond };

    /// <summary>
    /// Id tokens that LINE may be asked about: as many as pages. They come before anybody is known, and so before the
    /// other limits.
    /// </summary>
    public static readonly RateLimit SignIn = new() { Name = "sign-in", Caller = Address, Permits = limits => limits.PagesPerSecond };

    public static readonly RateLimit Following = new()
    {
        Name = "following",
        Caller = User,
        Permits = limits => limits.PagesFollowing,
        IsAtATime = true,
    };

    /// <summary>Guesses at the door of the staff's pages.</summary>
    public static readonly RateLimit StaffSignIn = new()
    {
        Name = "staff-sign-in",
        Caller = Address,
        Permits = limits => limits.StaffSignIns,
        Period = TimeSpan.FromMinutes(1),
    };

    public required string Name { get; init; }

    public required Func<HttpContext, string?> Caller { get; init; }

    public required Func<RateLimitOptions, int> Permits { get; init; }

    /// <summary>True: so many at the same moment. False: so many in each <see cref="Period"/>.</summary>
    public bool IsAtATime { get; init; }

    public TimeSpan Period { get; init; } = TimeSpan.FromSeconds(1);

    private static string? User(HttpContext http) => http.User.Identity?.Name;

    /// <summary>An IPv6 caller has 2^64 addresses to choose from, so the network counts: the first 64 bits.</summary>
    internal static string? Address(HttpContext http)
    {
        if (http.Connection.RemoteIpAddress is not { } address) return null;
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexStringLower(address.GetAddressBytes().AsSpan(0, 8))
            : address.ToString();
    }
}

/// <summary>
/// Turns away whoever asks too much. The framework's middleware would do it too, but never disposes of its limiter, whose
/// timer then keeps a stopped host in memory: https://github.com/dotnet/aspnetcore/issues/66434.
/// </summary>
internal sealed class RateLimits(IOptions<RateLimitOptions> options) : IMiddleware, IDisposable
{
    private static readonly TimeSpan Wait = TimeSpan.FromSeconds(1);

    private readonly PartitionedRateLimiter<Asking> limiter =
        PartitionedRateLimiter.Create<Asking, Asking>(asking => Partition(asking, asking.Limit.Permits(options.Value)));

    public Task InvokeAsync(HttpContext context, RequestDelegate next) =>
        Pass(context.GetEndpoint()?.Metadata.GetOrderedMetadata<RateLimit>() ?? [], passed: 0, context, next);

    public bool Admits(RateLimit limit, HttpContext http)
    {
        using var lease = Ask(limit, http);
        return lease.IsAcquired;
    }

    public static Task Refuse(HttpContext http)
    {
        http.Response.AskToWait(Wait);
        return Problems.Refuse(StatusCodes.Status429TooManyRequests, "too-many-requests", "Too many requests; wait a moment.")
            .ExecuteAsync(http);
    }

    public void Dispose() => limiter.Dispose();

    private async Task Pass(IReadOnlyList<RateLimit> limits, int passed, HttpContext context, RequestDelegate next)
    {
        if (passed == limits.Count)
        {
            await next(context);
            return;
        }

        // Until the answer is out: a page that follows a code is one as long as it does.
        using var lease = Ask(limits[passed], context);
        await (lease.IsAcquired ? Pass(limits, passed + 1, context, next) : Refuse(context));
    }

    private RateLimitLease Ask(RateLimit limit, HttpContext http)
    {
        var lease = limiter.AttemptAcquire(new(limit, limit.Caller(http) ?? ""));
        if (!lease.IsAcquired) Telemetry.Limited.Add(1, new KeyValuePair<string, object?>("coopline.limit", limit.Name));
        return lease;
    }

    private static RateLimitPartition<Asking> Partition(Asking asking, int permits) => asking.Limit.IsAtATime
        ? RateLimitPartition.GetConcurrencyLimiter(asking, _ => new() { PermitLimit = permits })
        : RateLimitPartition.GetTokenBucketLimiter(asking, _ => new()
        {
            TokenLimit = permits,
            TokensPerPeriod = permits,
            ReplenishmentPeriod = asking.Limit.Period,
        });

    private readonly record struct Asking(RateLimit Limit, string Caller);
}

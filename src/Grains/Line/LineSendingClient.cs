using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CoopLine.Grains.Line;

/// <summary>
/// The calls to LINE that a message to many needs (https://developers.line.biz/en/reference/messaging-api/): sending it, and what
/// LINE tells of limits, friends and effect. Nothing here retries for long, and what LINE does not do is a value.
/// </summary>
public sealed class LineSendingClient(LineCaller line, MonthlyLimit monthly)
{
    /// <summary>As many accounts as LINE puts into one page.</summary>
    public const int FollowersMost = 1000;

    /// <summary>The last day that statistics are asked for is at most so many after the first.</summary>
    public const int StatisticsDaysMost = 30;

    /// <summary>
    /// Sends to up to 500 friends, for money. Tried again with the same key and the same bytes within 24 hours of the first try, it
    /// reaches nobody twice (https://developers.line.biz/en/docs/messaging-api/retrying-api-request/).
    /// </summary>
    /// <param name="body">Sent as it is: JSON in UTF-8, at most 2 MB.</param>
    public async Task<MulticastOutcome> Multicast(
        ReadOnlyMemory<byte> body, Guid retryKey, CancellationToken cancellation = default)
    {
        var content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = new("application/json") } };
        using var response = await line.Call(
            "multicast", HttpMethod.Post, "/v2/bot/message/multicast", content, retryKey, cancellation);
        var outcome = await Judge(response, cancellation);
        if (outcome is MulticastOutcome.OverMonthlyLimit) monthly.Reached();
        // A 409 tells of an earlier day, perhaps, and so nothing of the limit.
        if (outcome is MulticastOutcome.Accepted && response!.StatusCode == HttpStatusCode.OK) monthly.Over();
        return outcome;
    }

    /// <summary>The month's limit, and what is used of it by all that send for the account, about (LINE tells it late).</summary>
    public async Task<QuotaOutcome> Quota(CancellationToken cancellation = default)
    {
        if (await Read("quota", "/v2/bot/message/quota", cancellation) is not { } quota
            || await Read("consumption", "/v2/bot/message/quota/consumption", cancellation) is not { } consumption
            || consumption.Number("totalUsage") is not (>= 0 and var used))
            return new QuotaOutcome.Unavailable();
        return (quota.Text("type"), quota.Number("value")) switch
        {
            ("none", _) => new QuotaOutcome.Known(null, used),
            ("limited", >= 0 and var limit) => new QuotaOutcome.Known(limit, used),
            _ => new QuotaOutcome.Unavailable(),
        };
    }

    /// <summary>A page of the accounts that are friends and have not blocked ours.</summary>
    /// <param name="start">Null for the first page, then each page's <c>Next</c>, which lives for 24 hours.</param>
    /// <seealso href="https://developers.line.biz/en/reference/messaging-api/#get-follower-ids"/>
    public async Task<FollowersOutcome> Followers(string? start, CancellationToken cancellation = default)
    {
        var path = $"/v2/bot/followers/ids?limit={FollowersMost}" + (start is null ? "" : "&start=" + Uri.EscapeDataString(start));
        using var response = await line.Call("followers", HttpMethod.Get, path, null, null, cancellation);
        return (int?)response?.StatusCode switch
        {
            200 when await response!.ReadObject(cancellation) is { } page => ReadPage(page),
            400 when start is not null => new FollowersOutcome.Expired(),
            403 => new FollowersOutcome.NotAllowed(),
            _ => new FollowersOutcome.Unavailable(),
        };
    }

    /// <summary>Has LINE look at the messages, and sends nothing.</summary>
    /// <param name="messages">1 to 5; left as it is, for whoever sends it afterwards.</param>
    /// <seealso href="https://developers.line.biz/en/reference/messaging-api/#validate-message-objects-of-multicast-message"/>
    public async Task<ValidationOutcome> Validate(JsonArray messages, CancellationToken cancellation = default)
    {
        var content = LineHttp.Body(new() { ["messages"] = messages.DeepClone() });
        using var response = await line.Call(
            "validate", HttpMethod.Post, "/v2/bot/message/validate/multicast", content, null, cancellation);
        return response?.StatusCode switch
        {
            HttpStatusCode.OK when await response.ReadObject(cancellation) is not null => new ValidationOutcome.Valid(),
            HttpStatusCode.BadRequest when (await LineRefusal.Read(response, cancellation)).Faults is { IsEmpty: false } faults =>
                new ValidationOutcome.Invalid(faults),
            _ => new ValidationOutcome.Unavailable(),
        };
    }

    /// <summary>How many persons opened and clicked what was sent under one name. LINE allows 60 an hour.</summary>
    /// <param name="unit">The name in the message's <c>customAggregationUnits</c>: 1 to 30 ASCII letters, digits, <c>_</c>.</param>
    /// <param name="from">First day, in Japan.</param>
    /// <param name="to">Last day, at most <see cref="StatisticsDaysMost"/> later.</param>
    /// <seealso href="https://developers.line.biz/en/reference/messaging-api/#get-statistics-per-unit"/>
    public async Task<StatisticsOutcome> Statistics(string unit, DateOnly from, DateOnly to, CancellationToken cancellation = default)
    {
        var path = "/v2/bot/insight/message/event/aggregation"
            + $"?customAggregationUnit={Uri.EscapeDataString(unit)}&from={Day(from)}&to={Day(to)}";
        return (await Read("statistics", path, cancellation))?.Property("overview") is { ValueKind: JsonValueKind.Object } overview
            && IsCount(overview, "uniqueImpression", out var opened) && IsCount(overview, "uniqueClick", out var clicked)
            ? new StatisticsOutcome.Known(opened, clicked)
            : new StatisticsOutcome.Unavailable();
    }

    private static async Task<MulticastOutcome> Judge(HttpResponseMessage? response, CancellationToken cancellation)
    {
        // Without LINE's own answer nobody knows: trying again with the same key settles it.
        if (response is null) return new MulticastOutcome.Unknown();
        var refusal = await LineRefusal.Read(response, cancellation);
        return (int)response.StatusCode switch
        {
            200 when await response.ReadObject(cancellation) is not null => new MulticastOutcome.Accepted(),
            409 => new MulticastOutcome.Accepted(),
            400 when refusal.IsAboutRecipients(out var position) => new MulticastOutcome.BadRecipient(position),
            401 or 403 => new MulticastOutcome.NotAuthorized(),
            408 => new MulticastOutcome.Unknown(), // a proxy's time-out, and no word about the content
            429 when refusal.IsMonthlyLimit => new MulticastOutcome.OverMonthlyLimit(),
            429 => new MulticastOutcome.RateLimited(),
            >= 400 and < 500 => new MulticastOutcome.BadMessage(await response.ReadMaskedWords(cancellation)),
            _ => new MulticastOutcome.Unknown(),
        };
    }

    private static FollowersOutcome ReadPage(JsonElement page)
    {
        if (page.Property("userIds") is not { ValueKind: JsonValueKind.Array } list) return new FollowersOutcome.Unavailable();
        string?[] accounts = [.. list.EnumerateArray().Select(id => id.Text())];
        if (!accounts.All(id => id is not null && LineUserId.IsValid(id))) return new FollowersOutcome.Unavailable();
        // A continuation that cannot be read is none that is missing: the friends behind it would be passed over.
        return page.Property("next") switch
        {
            null or { ValueKind: JsonValueKind.Null } => new FollowersOutcome.Page([.. accounts!], null),
            { } next when next.Text() is { Length: > 0 } token => new FollowersOutcome.Page([.. accounts!], token),
            _ => new FollowersOutcome.Unavailable(),
        };
    }

    /// <param name="persons">Null where LINE says null, or nothing.</param>
    /// <returns>False for what is no number of persons.</returns>
    private static bool IsCount(JsonElement overview, string name, out long? persons)
    {
        persons = overview.Number(name);
        return persons >= 0 || overview.Property(name) is null or { ValueKind: JsonValueKind.Null };
    }

    private static string Day(DateOnly day) => day.ToString("yyyyMMdd", CultureInfo.InvariantCulture);

    /// <returns>Null when LINE did not answer 200, or its answer is no JSON object.</returns>
    private async Task<JsonElement?> Read(string call, string path, CancellationToken cancellation)
    {
        using var response = await line.Call(call, HttpMethod.Get, path, null, null, cancellation);
        return response?.StatusCode == HttpStatusCode.OK ? await response.ReadObject(cancellation) : null;
    }
}

using System.Collections.Frozen;
using CoopLine.Grains;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Redemptions;
using CoopLine.Grains.Rehearsals;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace CoopLine.Webhook.Staff;

/// <summary>Tries a campaign on baskets, recorded or given, before anybody can use it.</summary>
internal static class RehearsalEndpoint
{
    private const int ShiftDaysMax = 3_660;
    private const int BesideMax = 20;

    private static readonly string[] MediaTypes = ["application/jsonl", "application/x-ndjson"];

    private static readonly FrozenSet<string> Parameters =
        FrozenSet.Create(StringComparer.Ordinal, "beside", "from", "until", "shiftDays");

    extension(RouteGroupBuilder campaign)
    {
        public void MapRehearsal() => campaign.MapPost("/rehearsal", Rehearse)
            .Needs(Permission.SeeCampaigns)
            .WithSummary("What the campaign would have come to, on recorded baskets or on those of the body; changes nothing.")
            .WithDescription("The body is JSON Lines: one basket a line. Without a body, the recorded baskets are used. `beside` names "
                + "campaigns whose coupons everybody shows as well, `from` and `until` (exclusive) are business dates, and `shiftDays` moves "
                + "every purchase by so many days.")
            .Accepts<BasketRequest>(MediaTypes[0], MediaTypes[1..])
            .WithMetadata(new DisableRequestSizeLimitAttribute())
            .ProducesProblem(StatusCodes.Status409Conflict)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType);
    }

    private static async Task<Results<Ok<RehearsalResponse>, ProblemHttpResult>> Rehearse(
        string id,
        HttpRequest request,
        ICampaignReader reader,
        IBaskets recorded,
        GivenBaskets given,
        RehearsalTurn turn,
        CoopTime time,
        CancellationToken cancellation,
        [FromQuery] string[]? beside = null,
        string? from = null,
        string? until = null,
        int shiftDays = 0)
    {
        if (request.Query.Keys.FirstOrDefault(name => !Parameters.Contains(name)) is { } stranger)
            return Problems.Invalid("parameter", $"There is no parameter {stranger}, but {string.Join(", ", Parameters)}.");
        if (ReadDay(from) is not { } first) return Problems.Invalid("from", "A day, such as 2026-11-22.");
        if (ReadDay(until, DateOnly.MaxValue) is not { } end) return Problems.Invalid("until", "A day, such as 2026-11-22.");
        if (beside?.Length > BesideMax) return Problems.Invalid("beside", $"At most {BesideMax} campaigns.");
        if (shiftDays is < -ShiftDaysMax or > ShiftDaysMax) return Problems.Invalid("shiftDays", $"At most {ShiftDaysMax} days.");

        var all = (await reader.All(cancellation)).ToDictionary(one => one.Id);
        if (!all.TryGetValue(id, out var campaign)) return CampaignEndpoints.Unknown;
        if (beside?.FirstOrDefault(one => one == id || !all.ContainsKey(one)) is { } unknown)
            return Problems.Invalid("beside", $"There is no other campaign {unknown}.");

        var isGiven = request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true };
        if (isGiven && !IsJsonLines(request))
            return Problems.Refuse(415, "media-type", "Send the baskets as application/jsonl, one a line.");
        using var mine = turn.Take();
        if (mine is null) return Problems.Refuse(409, "rehearsal-running", "Another rehearsal is running: one at a time. Come back in a minute.");

        var rehearsal = new Rehearsal(campaign, [.. (beside ?? []).Distinct().Select(one => all[one])], all.Values);
        try
        {
            await foreach (var basket in isGiven ? given.Read(request.BodyReader, cancellation) : recorded.Recorded(cancellation))
            {
                cancellation.ThrowIfCancellationRequested();
                if (basket.BusinessDate >= first && basket.BusinessDate < end)
                    rehearsal.Add((basket with { PurchasedAt = time.Local(basket.PurchasedAt) }).Later(shiftDays));
            }
        }
        catch (BasketUnreadableException e)
        {
            return Problems.Invalid($"line {e.Line}", e.Message);
        }

        var report = rehearsal.Report();
        return report.Baskets == 0
            ? Problems.Refuse(409, "no-baskets", "There is no such basket. Send some, or set CoopLine:RecordedBaskets and wait for some.")
            : TypedResults.Ok(RehearsalResponse.Of(report, time));
    }

    private static DateOnly? ReadDay(string? text, DateOnly absent = default) =>
        text is null ? absent : ReceiptKey.TryParseDate(text, out var day) ? day : null;

    private static bool IsJsonLines(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && MediaTypes.Any(known => type.MediaType.Equals(known, StringComparison.OrdinalIgnoreCase));
}

/// <summary>A rehearsal takes a processor for as long as it runs: one at a time leaves the others to the tills.</summary>
internal sealed class RehearsalTurn
{
    private int taken;

    /// <returns>To be disposed at the end; null when somebody else has it.</returns>
    public IDisposable? Take() => Interlocked.Exchange(ref taken, 1) == 0 ? new Turn(this) : null;

    private sealed class Turn(RehearsalTurn turn) : IDisposable
    {
        public void Dispose() => Volatile.Write(ref turn.taken, 0);
    }
}

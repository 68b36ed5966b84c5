using CoopLine.Grains.Line;
using CoopLine.Grains.Messages;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace CoopLine.Webhook.Staff;

/// <summary>What became of a message: at LINE, at the tills, and among the friends.</summary>
internal static class MessageResultsEndpoint
{
    extension(RouteGroupBuilder message)
    {
        public void MapResults() => message.MapGet("/results", Read)
            .Needs(Permission.SeeCampaigns)
            .WithSummary("Who opened it, used its coupons, or blocked the account after it.");
    }

    private static async Task<Results<Ok<MessageResultsResponse>, ProblemHttpResult>> Read(
        string id, IGrainFactory grains, Patience patience, ISendResults results, LineSendingClient line, TimeProvider clock,
        CancellationToken cancellation)
    {
        if (await MessageEndpoints.Find(id, grains, patience) is not { } message) return MessageEndpoints.Unknown;

        var effect = await results.Read(id, CouponsOf(message.Definition), cancellation);
        // LINE allows few such questions, so none is asked before there is something to tell.
        var told = effect.FirstSentAt is { } first
            ? await line.Statistics(MessageBodies.Unit(id), LineDay.Of(first), LastDay(first, clock.GetUtcNow()), cancellation)
            : new StatisticsOutcome.Known(null, null);
        var known = told as StatisticsOutcome.Known;
        return TypedResults.Ok(new MessageResultsResponse(
            effect.Accepted, known is null ? MessageStatistics.Unavailable : MessageStatistics.Available, known?.Opened, known?.Clicked,
            effect.Unfollowed, MessageUsesResponse.Of(effect)));
    }

    private static string[] CouponsOf(MessageDefinition definition) =>
        [.. new[] { definition.Linked?.Card?.Coupon, definition.Unlinked?.Card?.Coupon }.OfType<string>().Distinct()];

    private static DateOnly LastDay(DateTimeOffset first, DateTimeOffset now)
    {
        var (last, today) = (LineDay.Of(first).AddDays(LineSendingClient.StatisticsDaysMost), LineDay.Of(now));
        return today < last ? today : last;
    }
}

using System.Collections.Immutable;
using System.Security.Claims;
using CoopLine.Grains;
using CoopLine.Grains.Accounts;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Coupons;

/// <summary>Which topics of messages the friend wants. Asked at the end of the coupon page, also by friends without a link.</summary>
internal static class TopicEndpoints
{
    private const int BodyLimitBytes = 1024;

    extension(IEndpointRouteBuilder calls)
    {
        public void MapTopics()
        {
            calls.MapGet("/topics", Read);
            calls.MapPut("/topics/{topic}", Turn).WithMetadata(new RequestSizeLimitAttribute(BodyLimitBytes));
        }
    }

    private static async Task<Ok<TopicList>> Read(
        ClaimsPrincipal friend, IGrainFactory grains, Patience patience, IOptions<CoopOptions> coop) =>
        TypedResults.Ok(ListOf(coop.Value, await patience.Repeat(() => grains.Account(LineSignIn.Account(friend)).Topics())));

    private static async Task<Results<Ok<TopicList>, ProblemHttpResult>> Turn(
        string topic, TopicRequest request, ClaimsPrincipal friend, IGrainFactory grains, Patience patience, IOptions<CoopOptions> coop)
    {
        if (TopicNames.Read(topic) is not { } known || !TopicNames.Offered(coop.Value).Contains(known))
            return CouponProblems.Because(StatusCodes.Status404NotFound, "noSuchTopic", "NoSuchTopic");
        if (request.On is not { } on)
            return CouponProblems.Because(StatusCodes.Status400BadRequest, "onMissing", "OnMissing");

        var off = await patience.Repeat(() => grains.Account(LineSignIn.Account(friend)).SetTopic(known, on));
        return TypedResults.Ok(ListOf(coop.Value, off));
    }

    private static TopicList ListOf(CoopOptions coop, ImmutableArray<Topic> off) => new(
    [
        .. TopicNames.Offered(coop).Select(topic =>
            new TopicSwitch(TopicNames.Write(topic), CouponTexts.All["Topic" + topic], !off.Contains(topic))),
    ]);
}

/// <param name="Topics">Every topic there is, always in the same order.</param>
public sealed record TopicList(IReadOnlyList<TopicSwitch> Topics);

/// <param name="Topic"><c>store</c>, <c>home</c>, <c>notice</c> or <c>saved</c>.</param>
/// <param name="Name">In the language of the page.</param>
/// <param name="On">Whether messages about it are sent.</param>
public sealed record TopicSwitch(string Topic, string Name, bool On);

/// <param name="On">Whether messages about the topic are wanted. Sent again, it changes nothing.</param>
public sealed record TopicRequest(bool? On);

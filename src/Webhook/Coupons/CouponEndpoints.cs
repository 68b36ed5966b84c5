using System.Collections.Immutable;
using System.Diagnostics;
using System.Net.ServerSentEvents;
using System.Security.Claims;
using CoopLine.Grains;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Webhook.Edge;
using CoopLine.Webhook.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace CoopLine.Webhook.Coupons;

/// <summary>The coupon page (a LIFF app) and its calls.</summary>
public static class CouponEndpoints
{
    private const int CampaignsLimit = 20;
    private const int BodyLimitBytes = 16 * 1024;

    extension(IEndpointRouteBuilder routes)
    {
        /// <summary>
        /// <c>GET /coupons</c> and whatever is below it: the page. Its calls take LIFF's id token, or the session given for it, as the bearer:
        /// 401 without a good one, 503 while LINE verifies none.
        /// </summary>
        public void MapCoupons()
        {
            var coupons = routes.MapGroup("/coupons").WithPageHeaders();
            // LIFF appends what follows its id in an address: liff.line.me/{id}/coupons is /coupons/coupons here.
            coupons.MapGet("/{**rest}", IResult () => new RazorComponentResult<CouponPage>(new { CampaignsLimit }))
                .ExcludeFromDescription();

            var calls = coupons.MapGroup("").RequireAuthorization(LineSignIn.Scheme).WithTags("Coupons");
            calls.MapGet("/available", Available);
            calls.MapGet("/events", FollowStock)
                .WithMetadata(RateLimit.Following)
                .DisableHttpMetrics();
            calls.MapPost("/link", BeginLink);
            calls.MapPost("/codes", Issue).WithMetadata(new RequestSizeLimitAttribute(BodyLimitBytes));
            calls.MapGet("/codes/{code}", Progress);
            calls.MapGet("/codes/{code}/events", Follow)
                .WithMetadata(RateLimit.Following)
                .DisableHttpMetrics(); // its length says nothing of how fast we are
            calls.MapTopics();
        }
    }

    private static async Task<Ok<AvailableCoupons>> Available(
        ClaimsPrincipal friend, IGrainFactory grains, Patience patience, CouponSentences sentences)
    {
        var offers = (await patience.Repeat(() => grains.CouponDesk.Offers(LineSignIn.Account(friend)))).Whole;
        var common = offers.Usable is [] ? [] : sentences.Common(offers.Usable.Select(campaign => campaign.Definition));
        return TypedResults.Ok(new AvailableCoupons(
            offers.Linked,
            [.. offers.Usable.Select(campaign => Usable(campaign, common, offers.Scarce.Contains(campaign.Id), sentences))],
            common,
            [.. offers.Used.Select(use => Spent(use, sentences))],
            [
                .. offers.SoldOutToday.Select(campaign => Listed(campaign, CouponSentences.SoldOutToday)),
                .. offers.Later.Select(campaign => Listed(campaign, CouponSentences.Later(campaign.Definition))),
            ],
            [
                .. offers.SoldOut.Select(campaign => Listed(campaign, CouponSentences.SoldOut)),
                .. offers.Ended.Select(campaign => Listed(campaign, sentences.Ended(campaign))),
            ],
            LineSignIn.NewSession(friend)));
    }

    /// <summary>As if the friend had tapped the banner, without the way through the chat.</summary>
    private static async Task<Results<Ok<LinkPage>, ProblemHttpResult>> BeginLink(
        ClaimsPrincipal friend, IGrainFactory grains, Patience patience) =>
        await patience.Repeat(() => grains.Account(LineSignIn.Account(friend)).BeginLink()) is { } session
            ? TypedResults.Ok(new LinkPage($"/link/{session}"))
            : CouponProblems.Because(StatusCodes.Status409Conflict, "alreadyLinked", "AlreadyLinked");

    private static async Task<Results<Ok<IssuedCode>, ProblemHttpResult>> Issue(
        CodeRequest request, ClaimsPrincipal friend, IGrainFactory grains, Patience patience, TimeProvider clock)
    {
        if (request.Campaigns is not { Count: > 0 } campaigns)
            return CouponProblems.Because(StatusCodes.Status400BadRequest, "campaignsMissing", "CampaignsMissing");
        if (campaigns.Count > CampaignsLimit)
            return CouponProblems.Because(StatusCodes.Status400BadRequest, "tooMany", "TooMany", value: CampaignsLimit);
        if (!campaigns.All(CampaignId.IsValid))
            return CouponProblems.Because(StatusCodes.Status400BadRequest, "campaignsMalformed", "CampaignsMalformed");

        ImmutableArray<string> chosen = [.. campaigns.Distinct(StringComparer.Ordinal)];
        // A code that was issued to nobody ends unseen in five minutes.
        return await patience.Repeat(() => grains.CouponDesk.Issue(LineSignIn.Account(friend), chosen)) switch
        {
            CodeOutcome.Issued code => TypedResults.Ok(new IssuedCode(
                code.Code, code.ExpiresAt, clock.GetUtcNow(), Ean13Barcode.Svg(code.Code), QrCode.Svg(code.Code))),
            CodeOutcome.NotLinked =>
                CouponProblems.Because(StatusCodes.Status403Forbidden, "notLinked", "NotLinkedNow"),
            CodeOutcome.NotUsable no => CouponProblems.Because(
                StatusCodes.Status409Conflict, "notUsable", "NotUsable",
                new Dictionary<string, object?> { ["refusals"] = no.Refusals.Select(Refused).ToArray() }),
            _ => throw new UnreachableException(),
        };
    }

    private static async Task<Results<Ok<CodeProgress>, ProblemHttpResult>> Progress(
        string code, ClaimsPrincipal friend, IGrainFactory grains, Patience patience, TimeProvider clock)
    {
        if (!Ean13.IsValid(code)
            || await patience.Repeat(() => grains.CouponDesk.Status(LineSignIn.Account(friend), code)) is not { } status)
            return CouponProblems.Because(StatusCodes.Status404NotFound, "noSuchCode", "NoSuchCode");

        return TypedResults.Ok(ProgressOf(status, clock));
    }

    /// <summary>
    /// The state now, and each one that follows, until an event <c>over</c> or until the process ends; every ten seconds at
    /// least an event <c>still</c>. The page reads it with fetch, which can send a header; an
    /// EventSource would need the session in the address.
    /// </summary>
    private static async Task<Results<ServerSentEventsResult<CodeProgress?>, ProblemHttpResult>> Follow(
        string code, ClaimsPrincipal friend, CodeEvents events, HttpContext http, TimeProvider clock)
    {
        if (!Ean13.IsValid(code)
            || await events.Follow(LineSignIn.Account(friend), code, http.RequestAborted) is not { } states)
            return CouponProblems.Because(StatusCodes.Status404NotFound, "noSuchCode", "NoSuchCode");

        AtOnce(http);
        return TypedResults.ServerSentEvents(states.Select(state => new SseItem<CodeProgress?>(
            state.Data is { } status ? ProgressOf(status, clock) : null, state.EventType)));
    }

    /// <summary>
    /// An event <c>changed</c> when coupons are nearly used up, used up or to be had again: then <c>available</c> has something new. Every
    /// ten seconds at least an event <c>still</c>.
    /// </summary>
    private static ServerSentEventsResult<string> FollowStock(StockEvents stock, HttpContext http)
    {
        AtOnce(http);
        return TypedResults.ServerSentEvents(stock.Follow(http.RequestAborted));
    }

    /// <summary>nginx would keep the events until there are enough.</summary>
    private static void AtOnce(HttpContext http) => http.Response.Headers["X-Accel-Buffering"] = "no";

    private static CodeProgress ProgressOf(CodeStatus status, TimeProvider clock) => new(
        status.ExpiresAt,
        status.Expired,
        [.. status.Discounts.Select(off => new CodeDiscount(off.Campaign, off.Line, off.Units, off.Amount))],
        [.. status.Refusals.Select(Refused)],
        clock.GetUtcNow());

    private static UsableCoupon Usable(Campaign campaign, IReadOnlyList<string> common, bool isScarce, CouponSentences sentences)
    {
        var offer = campaign.Definition;
        return new(
            campaign.Id, offer.Title, offer.Description, DiscountOf(offer),
            [.. sentences.Conditions(offer).Except(common)], offer.StartsAt, offer.EndsAt, sentences.Until(offer),
            sentences.Section(offer), sentences.Picture(offer), isScarce ? CouponSentences.Scarce : null);
    }

    private static ListedCoupon Listed(Campaign campaign, string text) =>
        new(campaign.Id, campaign.Definition.Title, DiscountOf(campaign.Definition), text);

    private static CouponDiscount DiscountOf(CampaignDefinition offer) => new(
        EnumNames.Of(offer.Discount.Type), offer.Discount.Value,
        CouponSentences.Discount(offer.Discount));

    private static SpentCoupon Spent(UsedCoupon use, CouponSentences sentences) => new(
        use.Campaign.Id, use.Campaign.Definition.Title, use.At, use.Store,
        use.Store is { } store ? sentences.StoreName(store) : null, use.Amount, sentences.Used(use));

    private static CouponRefusal Refused(Refusal refusal) => new(
        refusal.Campaign, EnumNames.Of(refusal.Reason),
        CouponSentences.Refusal(refusal.Reason));
}

using System.Diagnostics;
using System.Security.Claims;
using CoopLine.Grains;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Ledger;
using CoopLine.Webhook.Edge;
using CoopLine.Webhook.Pages;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Staff;

internal static class CampaignEndpoints
{
    extension(IEndpointRouteBuilder staff)
    {
        public void MapCampaigns()
        {
            staff.MapGet("/campaigns", All)
                .Needs(Permission.SeeCampaigns)
                .WithSummary("Every campaign, drafts and stopped ones included, by id.");

            var campaign = staff.MapGroup("/campaigns/{id}").ProducesProblem(StatusCodes.Status404NotFound);
            campaign.MapGet("/", Read)
                .Needs(Permission.SeeCampaigns)
                .WithSummary("One campaign.");
            campaign.MapGet("/versions", Versions)
                .Needs(Permission.SeeCampaigns)
                .WithSummary("Every definition that it has had, by whom and when, and how many uses that stand it decided.");
            campaign.MapPut("/", Define)
                .Needs(Permission.WriteCampaigns)
                .WithSummary("Create a campaign as a draft, or define it anew. 409: a coupon of it was used, or a limit would sink.")
                .WithDescription($"The id has {CampaignId.ShapeInWords}.")
                .ProducesProblem(StatusCodes.Status409Conflict);
            campaign.MapMemberList();
            campaign.MapRehearsal();
            campaign.MapPost("/publish", Publish)
                .Needs(Permission.Approve)
                .WithSummary("Let members use it from now on, within its period; also starts a stopped one again.");
            campaign.MapPost("/stop", Stop)
                .Needs(Permission.Stop)
                .WithSummary("No till takes it from now on.");
        }
    }

    private static async Task<Ok<CampaignsResponse>> All(
        ICampaignReader reader, CoopTime time, CancellationToken cancellation)
    {
        var campaigns = await reader.All(cancellation);
        return TypedResults.Ok(new CampaignsResponse([.. campaigns.Select(one => CampaignResponse.Of(one, time))]));
    }

    private static async Task<Results<Ok<CampaignResponse>, ProblemHttpResult>> Read(
        string id, IGrainFactory grains, ILedger ledger, Patience patience, CoopTime time, TimeProvider clock,
        CancellationToken cancellation)
    {
        if (!CampaignId.IsValid(id) || await patience.Repeat(grains.Campaign(id).Read) is not { } campaign) return Unknown;
        var used = CampaignUsedResponse.Of(await ledger.UsesOf(id, cancellation), time.DayOf(clock.GetUtcNow()));
        return TypedResults.Ok(CampaignResponse.Of(campaign, time) with { Used = used });
    }

    private static async Task<Results<Ok<CampaignVersionsResponse>, ProblemHttpResult>> Versions(
        string id, ILedger ledger, CoopTime time, CancellationToken cancellation) =>
        CampaignId.IsValid(id) && await ledger.VersionsOf(id, cancellation) is [_, ..] versions
            ? TypedResults.Ok(CampaignVersionsResponse.Of(versions, time))
            : Unknown;

    private static async Task<Results<Ok<CampaignResponse>, ProblemHttpResult>> Define(
        string id, [FromBody] CampaignRequest request, ClaimsPrincipal staff, IGrainFactory grains, CoopTime time,
        IOptions<MemberPageOptions> pages, IOptions<SiteOptions> site)
    {
        if (!CampaignId.IsValid(id)) return Problems.Invalid("id", $"An id has {CampaignId.ShapeInWords}.");
        if (PictureAddress.ObjectionTo(request.Picture, "picture", pages.Value) is { } elsewhere) return elsewhere;
        foreach (var (field, stores) in new[] { ("stores", request.Stores ?? []), ("limits.perStore", request.Limits?.Stores ?? []) })
            if (stores.FirstOrDefault(store => !site.Value.IsStore(store)) is { } unknown)
                return Problems.Invalid(field, $"There is no store {unknown} in CoopLine:Stores.");

        var definition = request.ToDefinition();
        return Answer(await OnConflict.Repeat(() => grains.Campaign(id).Define(definition, staff.KeyOwner)), time);
    }

    private static async Task<Results<Ok<CampaignResponse>, ProblemHttpResult>> Publish(
        string id, ClaimsPrincipal staff, IGrainFactory grains, CoopTime time) =>
        CampaignId.IsValid(id)
            ? Answer(await OnConflict.Repeat(() => grains.Campaign(id).Publish(staff.KeyOwner)), time)
            : Unknown;

    private static async Task<Results<Ok<CampaignResponse>, ProblemHttpResult>> Stop(
        string id, ClaimsPrincipal staff, IGrainFactory grains, CoopTime time) =>
        CampaignId.IsValid(id)
            ? Answer(await OnConflict.Repeat(() => grains.Campaign(id).Stop(staff.KeyOwner)), time)
            : Unknown;

    private static Results<Ok<CampaignResponse>, ProblemHttpResult> Answer(CampaignOutcome outcome, CoopTime time) =>
        outcome switch
        {
            CampaignOutcome.Done done => TypedResults.Ok(CampaignResponse.Of(done.Campaign, time)),
            CampaignOutcome.Frozen => Problems.Refuse(
                409, "campaign-frozen",
                "A coupon of this campaign was used. Title, description, picture, a later end and higher limits can change, nothing else."),
            CampaignOutcome.LimitsSink => Problems.Refuse(
                409, "campaign-limits", "This campaign was published: its limits can rise, but none can sink, go or be new. Send all of them."),
            CampaignOutcome.Unknown => Unknown,
            _ => throw new UnreachableException(),
        };

    internal static ProblemHttpResult Unknown => Problems.Refuse(404, "campaign-unknown", "There is no such campaign.");
}

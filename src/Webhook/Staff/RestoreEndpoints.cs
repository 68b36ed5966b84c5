using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using System.Text.Json.Serialization;
using CoopLine.Grains;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Ledger;
using CoopLine.Webhook.Edge;
using CoopLine.Webhook.Pos;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Staff;

/// <summary>Which use to give back, and why.</summary>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
public sealed record RestoreRequest
{
    [Required, RegularExpression("^" + CampaignId.Shape + "$")]
    public string? Campaign { get; init; }

    /// <summary>Kept for ever; 1 to 500 characters.</summary>
    [Required, StringLength(LedgerRow.WordsMax), PlainText(Lines = true)]
    public string? Reason { get; init; }
}

internal static class RestoreEndpoints
{
    extension(IEndpointRouteBuilder staff)
    {
        public void MapRestore() => staff.MapPost(ReceiptPath.Route + "/restore", Restore)
            .Needs(Permission.Restore)
            .WithSummary("Give a use back, whether or not its campaign is still on.")
            .ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<Results<Ok<ReceiptResponse>, ProblemHttpResult>> Restore(
        string businessDate, string store, string register, string number,
        [FromBody] RestoreRequest request,
        ClaimsPrincipal staff, IGrainFactory grains, Patience patience, TillResponses answers, HttpContext http,
        IOptions<StaffOptions> options)
    {
        if (!new ReceiptPath(businessDate, store, register, number).TryRead(out var key)) return ReceiptPath.Malformed;

        var account = StaffAccount.Of(staff);
        if (!account.May(Permission.RestoreAnything))
        {
            if (!account.May(Permission.Restore, key.Store)) return Permissions.OtherStore;
            var given = (await patience.Repeat(grains.Receipt(key).Report))?.Uses.Where(use => use.Campaign == request.Campaign).Sum(use => use.Amount);
            if (given > options.Value.RestoreUpToYen)
            {
                return Problems.Refuse(
                    403, "too-much-for-one", $"This use gave {given} yen. Above {options.Value.RestoreUpToYen} yen an approver gives it back.");
            }
        }

        var report = await patience.Repeat(
            () => grains.Receipt(key).Restore(request.Campaign!, staff.KeyOwner, request.Reason!));
        return report is not null
            ? TypedResults.Ok(answers.Of(key, report, TraceIds.Of(http)))
            : Problems.Refuse(404, "use-unknown", "This campaign was not redeemed on this receipt.");
    }
}

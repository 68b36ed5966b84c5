using System.ComponentModel.DataAnnotations;
using System.Security.Claims;
using CoopLine.Grains;
using CoopLine.Grains.Ledger;
using CoopLine.Grains.Members;
using CoopLine.Grains.Registry;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;

namespace CoopLine.Webhook.Staff;

/// <summary>What staff say who act for a member.</summary>
public abstract record MemberRequest
{
    /// <summary>Why, 1 to 500 characters.</summary>
    [Required, StringLength(LedgerRow.WordsMax), PlainText(Lines = true)]
    public string? Reason { get; init; }

    /// <summary>How it was made sure that this is the member, 1 to 500 characters.</summary>
    [Required, StringLength(LedgerRow.WordsMax), PlainText(Lines = true)]
    public string? IdentityCheck { get; init; }
}

/// <summary>Both are kept for ever.</summary>
public sealed record UnlinkRequest : MemberRequest;

/// <summary>Both are kept for ever. They must not say who it was: no name, no number.</summary>
public sealed record EraseRequest : MemberRequest;

internal static class MemberEndpoints
{
    extension(IEndpointRouteBuilder staff)
    {
        public void MapMembers()
        {
            var member = staff.MapGroup("/members/{number}").ProducesProblem(StatusCodes.Status404NotFound);
            member.MapGet("/", Get)
                .Needs(Permission.SeeMembers)
                .WithSummary("A member number: its link, history, locks and recent wrong answers.");
            member.MapPost("/unlink", Unlink)
                .Needs(Permission.HelpMembers)
                .WithSummary("Unlink for a member who cannot. 409: the number has no link.")
                .ProducesProblem(StatusCodes.Status409Conflict);
            member.MapPost("/erase", Erase)
                .Needs(Permission.EraseMembers)
                .WithSummary("Forget who somebody was who has left the co-op. It cannot be undone. 409: the registry has an active member.")
                .ProducesProblem(StatusCodes.Status409Conflict);
            member.MapPost("/locks/clear", ClearLocks)
                .Needs(Permission.HelpMembers)
                .WithSummary("Forget the wrong answers for this number and lift its lock and that of its LINE account.");
        }
    }

    private static async Task<Results<Ok<MemberResponse>, ProblemHttpResult>> Get(
        string number, IGrainFactory grains, CoopTime time, HttpContext http)
    {
        if (MemberNumber.Read(number) is not { } known) return Malformed;

        return await Report(grains.Member(known)) is { } report ? await Show(report, grains, time, http) : Unknown;
    }

    private static async Task<Results<Ok<MemberResponse>, ProblemHttpResult>> Unlink(
        string number, [FromBody] UnlinkRequest request,
        ClaimsPrincipal staff, IGrainFactory grains, CoopTime time, HttpContext http)
    {
        if (MemberNumber.Read(number) is not { } known) return Malformed;

        var member = grains.Member(known);
        var unlinked = await OnConflict.Repeat(
            () => member.UnlinkByStaff(staff.KeyOwner, request.Reason!, request.IdentityCheck!));
        return (unlinked, await Report(member)) switch
        {
            (_, null) => Unknown,
            (true, { } report) => await Show(report, grains, time, http),
            (false, _) => Problems.Refuse(409, "not-linked", "This member number has no link."),
        };
    }

    private static async Task<Results<Ok<MemberResponse>, ProblemHttpResult>> Erase(
        string number, [FromBody] EraseRequest request,
        ClaimsPrincipal staff, IGrainFactory grains, CoopTime time, HttpContext http)
    {
        if (MemberNumber.Read(number) is not { } known) return Malformed;

        var member = grains.Member(known);
        return await OnConflict.Repeat(() => member.Erase(staff.KeyOwner, request.Reason!, request.IdentityCheck!)) switch
        {
            ErasureOutcome.Erased => await Show(await OnConflict.Repeat(member.Report), grains, time, http),
            ErasureOutcome.StillAMember => Problems.Refuse(
                409, "still-a-member", "The registry has this number as an active member's. It can be erased after the withdrawal."),
            ErasureOutcome.Replaced by => Problems.Refuse(
                409, "number-replaced", $"The member has the number {by.By} now. Erase that one: this one is erased with it."),
            _ => Unknown,
        };
    }

    private static async Task<Results<Ok<MemberResponse>, ProblemHttpResult>> ClearLocks(
        string number, ClaimsPrincipal staff, IGrainFactory grains, CoopTime time, HttpContext http)
    {
        if (MemberNumber.Read(number) is not { } known) return Malformed;

        var member = grains.Member(known);
        if (await Report(member) is not { } report) return Unknown;
        // Nothing to clear, and no reason to write an erased number into the ledger again.
        if (report is { Erased: not null, Known: false, Mismatches: [], LockedUntil: null }) return await Show(report, grains, time, http);

        var accounts = await OnConflict.Repeat(() => member.ClearLocks(staff.KeyOwner));
        await Task.WhenAll(accounts.Select(one => OnConflict.Repeat(() => grains.Account(one).ClearLock())));
        return await Show(await member.Report(), grains, time, http);
    }

    internal static string MalformedNumber => $"A member number has 1 to {MemberNumber.MaxDigits} digits.";

    private static ProblemHttpResult Malformed => Problems.Invalid("number", MalformedNumber);

    private static ProblemHttpResult Unknown =>
        Problems.Refuse(404, "member-unknown", "Neither the registry nor the past knows this member number.");

    private static async Task<Ok<MemberResponse>> Show(
        MemberReport report, IGrainFactory grains, CoopTime time, HttpContext http)
    {
        var accounts = report.Mismatches.Select(mismatch => mismatch.Account).Append(report.Link?.Account).OfType<string>();
        var standings = await Task.WhenAll(accounts.Distinct().Select(one => grains.Account(one).Standing()));
        return TypedResults.Ok(MemberResponse.Of(
            report, standings.Max(standing => standing.LockedUntil), time, TraceIds.Of(http)));
    }

    /// <returns>Null when there is nothing to tell of this number.</returns>
    private static async Task<MemberReport?> Report(IMemberGrain member)
    {
        var report = await OnConflict.Repeat(member.Report);
        return report is { IsBlank: true, Erased: null } ? null : report;
    }
}

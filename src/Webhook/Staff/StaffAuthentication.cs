using System.Security.Claims;
using CoopLine.Grains.Ledger;
using CoopLine.Webhook.Edge;
using Microsoft.AspNetCore.Authentication;

namespace CoopLine.Webhook.Staff;

/// <summary>
/// Programs of the staff call with keys, each with one of its own, so that the ledger knows who acted: <c>CoopLine:Staff:ApiKeys</c> =
/// name → key.
/// </summary>
internal static class StaffAuthentication
{
    public const string Policy = "staff";

    public const int ShortestKey = 16;

    public static string? ObjectionTo(string name) =>
        !PlainTextAttribute.IsPlain(name) ? "a name holds no control characters."
        : Actors.IsTaken(name) ? "the ledger uses this name for somebody else." : null;
}

/// <summary>Whoever calls with a key gets the roles and stores that the configuration has for its owner.</summary>
internal sealed class StaffClaims(StaffAccounts accounts) : IClaimsTransformation
{
    public Task<ClaimsPrincipal> TransformAsync(ClaimsPrincipal principal) => Task.FromResult(
        principal.Identity is { AuthenticationType: StaffAuthentication.Policy, Name: { } name } && StaffAccount.Find(principal) is null
            ? accounts.Find(name)!.ToCaller(StaffAuthentication.Policy)
            : principal);
}

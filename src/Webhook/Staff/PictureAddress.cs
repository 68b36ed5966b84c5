using CoopLine.Webhook.Edge;
using CoopLine.Webhook.Pages;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CoopLine.Webhook.Staff;

/// <summary>Where a picture is that staff name in a request.</summary>
internal static class PictureAddress
{
    public const string Rule = "A picture is an https address without user and fragment.";

    private const string Hosts = "A picture is on one of the hosts in CoopLine:PictureHosts.";

    /// <returns>The refusal of a picture from elsewhere; null when it is on one of our hosts, or there is none.</returns>
    /// <param name="field">Its name as sent.</param>
    public static ProblemHttpResult? ObjectionTo(string? text, string field, MemberPageOptions pages) =>
        Read(text) is { } picture && !pages.Allows(picture) ? Problems.Invalid(field, Hosts) : null;

    /// <returns>Null when it is no such address, or there is none.</returns>
    public static Uri? Read(string? text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address)
        && address is { UserInfo: "", Fragment: "" } && address.Scheme == Uri.UriSchemeHttps ? address : null;
}

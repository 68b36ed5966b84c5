using CoopLine.Webhook.Staff;
using Microsoft.AspNetCore.Http;

namespace CoopLine.Webhook.Console;

/// <summary>Where somebody goes after signing in.</summary>
internal static class OwnPages
{
    private const string SignIn = "/staff/sign-in";

    private static readonly string[] Roots = ["/ops", "/staff"];

    /// <returns>The page that somebody wanted, if it is one of ours, whatever the address says; else null.</returns>
    public static string? Wanted(string? from) =>
        from is not null && from.All(letter => letter is > ' ' and < (char)0x7F and not '\\') && Path(from) is var path
            && Roots.Any(root => path == root || path.StartsWith(root + "/", StringComparison.Ordinal)) && !path.StartsWith(SignIn, StringComparison.Ordinal)
            ? from
            : null;

    /// <summary>Of somebody who wanted nothing in particular.</summary>
    public static string HomeOf(HttpContext http, StaffAccount account) =>
        http.Features.Get<OperatorsAddress>() is not null && account.May(Permission.SeeOperations) ? "/ops" : "/staff/me";

    private static string Path(string address) => address.Split('?', '#')[0];
}

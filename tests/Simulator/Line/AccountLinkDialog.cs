using Microsoft.AspNetCore.WebUtilities;

namespace CoopLine.Simulator.Line;

/// <summary>The page on <c>access.line.me</c> that compares the visitor with the link token's user.</summary>
/// <seealso href="https://developers.line.biz/en/docs/messaging-api/linking-accounts/"/>
internal sealed class AccountLinkDialog(LineSimulator line, LinkTokens linkTokens, Webhooks webhooks,
    TimeProvider clock)
{
    public const string Path = "/dialog/bot/accountLink";

    public async Task<DialogResult> Open(string? linkToken, string? nonce, string visitorUserId)
    {
        if (linkToken is null
            || nonce is not { Length: >= 10 and <= 255 }
            || linkTokens.Use(linkToken) is not { } userId)
            return new(DialogOutcome.ErrorPage, null);

        var now = clock.GetUtcNow();
        return userId == visitorUserId
            ? new(DialogOutcome.Ok, await webhooks.Send(LineEvents.AccountLink(userId, nonce, now)))
            : new(DialogOutcome.Failed, await webhooks.Send(LineEvents.AccountLinkFailed(nonce, now)));
    }

    public Task<DialogResult> Open(Uri redirect, string visitorUserId)
    {
        if (!redirect.IsAbsoluteUri
            || redirect.Authority != line.BaseAddress.Authority
            || redirect.AbsolutePath != Path)
            throw new ArgumentException($"Not the address of LINE's account-link dialog: {redirect}", nameof(redirect));
        var query = QueryHelpers.ParseQuery(redirect.Query);
        return Open(query.GetValueOrDefault("linkToken"), query.GetValueOrDefault("nonce"), visitorUserId);
    }
}

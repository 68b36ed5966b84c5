using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CoopLine.Grains.Line;

/// <summary>
/// The calls to LINE that speak with one friend (https://developers.line.biz/en/reference/messaging-api/). Nothing here
/// retries for long: what must arrive is kept in an outbox and tried again from there.
/// </summary>
public sealed partial class LineMessagingClient(
    LineCaller line, LinkedMenu linked, MonthlyLimit monthly, IOptions<LineOptions> options, TimeProvider clock,
    ILogger<LineMessagingClient> log)
{
    /// <summary>Answers an event. The token works once, for about a minute; LINE takes no retry key here.</summary>
    public Task<LineCallResult> Reply(string replyToken, JsonArray messages, CancellationToken cancellation = default) =>
        Send("reply", HttpMethod.Post, "/v2/bot/message/reply", new JsonObject
        {
            ["replyToken"] = replyToken,
            ["messages"] = messages,
        }, null, cancellation);

    /// <summary>
    /// Sends to one friend, for money. LINE takes each retry key once within 24 hours, so that trying again is safe.
    /// </summary>
    public async Task<LineCallResult> Push(
        string account, JsonArray messages, Guid retryKey, CancellationToken cancellation = default)
    {
        if (monthly.Forbids()) return LineCallResult.OverMonthlyLimit;
        var answer = await Send("push", HttpMethod.Post, "/v2/bot/message/push", new JsonObject
        {
            ["to"] = account,
            ["messages"] = messages,
        }, retryKey, cancellation);
        if (answer == LineCallResult.OverMonthlyLimit) monthly.Reached();
        if (answer == LineCallResult.Accepted) monthly.Over();
        return answer;
    }

    /// <summary>Shows the account the menu of linked members. Repeating it changes nothing.</summary>
    public async Task<LineCallResult> ShowLinkedMenu(string account, CancellationToken cancellation = default)
    {
        var menu = linked.Id ?? await linked.Find(() => LinkedMenuId(cancellation));
        if (menu is null) return LineCallResult.NotNow;
        var path = $"/v2/bot/user/{account}/richmenu/{menu}";
        var answer = await Send("link rich menu", HttpMethod.Post, path, null, null, cancellation);
        // The menu may have been replaced: the next try looks it up again.
        if (answer == LineCallResult.Rejected) linked.Forget();
        return answer;
    }

    /// <summary>Shows the account the default menu again. Repeating it changes nothing.</summary>
    public Task<LineCallResult> ShowDefaultMenu(string account, CancellationToken cancellation = default) =>
        Send("unlink rich menu", HttpMethod.Delete, $"/v2/bot/user/{account}/richmenu", null, null, cancellation);

    /// <summary>A link token for LINE's account-link dialog: ten minutes, one use.</summary>
    public async Task<LinkTokenOutcome> IssueLinkToken(string account, CancellationToken cancellation = default)
    {
        var path = $"/v2/bot/user/{account}/linkToken";
        using var response = await line.Call("link token", HttpMethod.Post, path, null, null, cancellation);
        if ((int?)response?.StatusCode is 400 or 403 or 404) return new LinkTokenOutcome.NoFriend();
        return await ReadText(response, "linkToken", cancellation) is { } token
            ? new LinkTokenOutcome.Issued(token)
            : new LinkTokenOutcome.Unavailable();
    }

    /// <summary>Has LINE verify an id token of the LIFF app (https://developers.line.biz/en/docs/line-login/verify-id-token/).</summary>
    public async Task<IdTokenOutcome> VerifyIdToken(string idToken, CancellationToken cancellation = default)
    {
        var form = new FormUrlEncodedContent([new("id_token", idToken), new("client_id", options.Value.LoginChannelId)]);
        using var response = await line.CallWithoutToken(
            "verify id token", HttpMethod.Post, "/oauth2/v2.1/verify", form, cancellation);
        if ((int?)response?.StatusCode is 400 or 401) return new IdTokenOutcome.Invalid();
        if (response is not { IsSuccessStatusCode: true } || await response.ReadObject(cancellation) is not { } claims)
            return new IdTokenOutcome.Unavailable();
        return Judge(claims.Text("sub"), claims.Text("aud"), claims.Number("exp"));
    }

    /// <summary>LINE has compared these already; whoever answers for LINE without doing so signs nobody in.</summary>
    private IdTokenOutcome Judge(string? account, string? audience, long? endsAt)
    {
        if (account is null || !LineUserId.IsValid(account) || audience is null || endsAt is null)
            return new IdTokenOutcome.Unavailable(); // not LINE's answer
        return audience == options.Value.LoginChannelId && clock.GetUtcNow().ToUnixTimeSeconds() < endsAt
            ? new IdTokenOutcome.Valid(account)
            : new IdTokenOutcome.Invalid();
    }

    private async Task<string?> LinkedMenuId(CancellationToken cancellation)
    {
        var path = $"/v2/bot/richmenu/alias/{options.Value.LinkedRichMenu}";
        using var response = await line.Call("rich menu alias", HttpMethod.Get, path, null, null, cancellation);
        if (response?.StatusCode == HttpStatusCode.NotFound) LogNoLinkedMenu(options.Value.LinkedRichMenu);
        return await ReadText(response, "richMenuId", cancellation);
    }

    /// <returns>A text of LINE's answer; null when LINE did not do it, or its answer cannot be read.</returns>
    private static async Task<string?> ReadText(HttpResponseMessage? response, string name, CancellationToken cancellation) =>
        response is { IsSuccessStatusCode: true }
        && (await response.ReadObject(cancellation))?.Text(name) is { Length: > 0 } text
            ? text
            : null;

    private async Task<LineCallResult> Send(
        string call, HttpMethod method, string path, JsonObject? body, Guid? retryKey, CancellationToken cancellation)
    {
        var content = body is null ? null : LineHttp.Body(body);
        using var response = await line.Call(call, method, path, content, retryKey, cancellation);
        return (int?)response?.StatusCode switch
        {
            null => LineCallResult.Unknown,
            >= 200 and < 300 => LineCallResult.Accepted,
            409 when retryKey is not null => LineCallResult.Accepted,
            429 when (await LineRefusal.Read(response!, cancellation)).IsMonthlyLimit => LineCallResult.OverMonthlyLimit,
            401 or 429 or (>= 300 and < 400) => LineCallResult.NotNow,
            >= 500 => LineCallResult.Unknown,
            _ => LineCallResult.Rejected,
        };
    }

    [LoggerMessage(LogLevel.Error, "LINE has no rich menu alias {Name}; run the command richmenus, until then new links keep the default menu")]
    private partial void LogNoLinkedMenu(string name);
}

/// <summary>What LINE says when it is asked for a link token.</summary>
public abstract record LinkTokenOutcome
{
    private protected LinkTokenOutcome()
    {
    }

    public sealed record Issued(string Token) : LinkTokenOutcome;

    /// <summary>LINE issues none for this account (400, 403, 404): it has blocked ours, or is no friend.</summary>
    public sealed record NoFriend : LinkTokenOutcome;

    /// <summary>LINE issues none now.</summary>
    public sealed record Unavailable : LinkTokenOutcome;
}

/// <summary>What LINE says of an id token.</summary>
public abstract record IdTokenOutcome
{
    private protected IdTokenOutcome()
    {
    }

    /// <param name="Account">LINE user id.</param>
    public sealed record Valid(string Account) : IdTokenOutcome;

    public sealed record Invalid : IdTokenOutcome;

    public sealed record Unavailable : IdTokenOutcome;
}

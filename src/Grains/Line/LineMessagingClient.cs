using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CoopLine.Grains.Line;

/// <summary>
/// The calls to LINE that CoopLine makes (https://developers.line.biz/en/reference/messaging-api/). Nothing here
/// retries for long: what must arrive is kept in an outbox and tried again from there.
/// </summary>
public sealed partial class LineMessagingClient(
    HttpClient http, ChannelTokens tokens, LinkedMenu linked, MonthlyLimit monthly, IOptions<LineOptions> options,
    TimeProvider clock, ILogger<LineMessagingClient> log)
{
    /// <summary>The longest answer that is read: LINE's own are a few hundred bytes.</summary>
    public const int AnswerLimitBytes = 64 * 1024;

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
        using var response = await Call("link token", () => Request(HttpMethod.Post, path, null, null), cancellation);
        if ((int?)response?.StatusCode is 400 or 403 or 404) return new LinkTokenOutcome.NoFriend();
        return await ReadText(response, "linkToken", cancellation) is { } token
            ? new LinkTokenOutcome.Issued(token)
            : new LinkTokenOutcome.Unavailable();
    }

    /// <summary>Has LINE verify an id token of the LIFF app (https://developers.line.biz/en/docs/line-login/verify-id-token/).</summary>
    public async Task<IdTokenOutcome> VerifyIdToken(string idToken, CancellationToken cancellation = default)
    {
        using var response = await Call("verify id token", () => Task.FromResult(new HttpRequestMessage(
            HttpMethod.Post, new Uri(options.Value.ApiBase, "/oauth2/v2.1/verify"))
        {
            Content = new FormUrlEncodedContent(
                [new("id_token", idToken), new("client_id", options.Value.LoginChannelId)]),
        }), cancellation);
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
        using var response = await Call("rich menu alias", () => Request(HttpMethod.Get, path, null, null), cancellation);
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
        using var response = await Call(call, () => Request(method, path, body, retryKey), cancellation);
        return (int?)response?.StatusCode switch
        {
            null => LineCallResult.Unknown,
            >= 200 and < 300 => LineCallResult.Accepted,
            409 when retryKey is not null => LineCallResult.Accepted,
            429 when await IsMonthlyLimit(response!, cancellation) => LineCallResult.OverMonthlyLimit,
            401 or 429 or (>= 300 and < 400) => LineCallResult.NotNow,
            >= 500 => LineCallResult.Unknown,
            _ => LineCallResult.Rejected,
        };
    }

    /// <summary>LINE says 429 to that and to too many calls alike; only the words differ.</summary>
    private static async Task<bool> IsMonthlyLimit(HttpResponseMessage response, CancellationToken cancellation) =>
        (await response.ReadObject(cancellation))?.Text("message")?.Contains("monthly limit", StringComparison.OrdinalIgnoreCase) == true;

    private async Task<HttpRequestMessage> Request(HttpMethod method, string path, JsonObject? body, Guid? retryKey)
    {
        var request = new HttpRequestMessage(method, new Uri(options.Value.ApiBase, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await tokens.Current(http));
        if (retryKey is { } key) request.Headers.Add("X-Line-Retry-Key", key.ToString("D"));
        // LINE wants a Content-Length on every POST, also on one without a body.
        if (body is not null) request.Content = LineHttp.Body(body);
        else if (method == HttpMethod.Post) request.Content = new ByteArrayContent([]);
        return request;
    }

    /// <returns>Null when no answer came.</returns>
    private async Task<HttpResponseMessage?> Call(
        string call, Func<Task<HttpRequestMessage>> request, CancellationToken cancellation)
    {
        using var span = Telemetry.Source.StartActivity("line " + call, ActivityKind.Client);
        var begun = Stopwatch.GetTimestamp();
        var status = "none";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(options.Value.Timeout);
        try
        {
            var response = await http.SendAsync(await request(), limit.Token);
            if (response.StatusCode == HttpStatusCode.Unauthorized && tokens.Renewable)
            {
                response.Dispose();
                tokens.Forget();
                response = await http.SendAsync(await request(), limit.Token);
            }

            status = ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture);
            if (!response.IsSuccessStatusCode) await LogRefusal(call, response, limit.Token);
            return response;
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException or Polly.ExecutionRejectedException
            || (e is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            LogNoAnswer(call, e.GetType().Name);
            return null;
        }
        finally
        {
            span?.SetTag("coopline.line.call", call).SetTag("coopline.line.status", status);
            Telemetry.LineCalls.Record(
                Stopwatch.GetElapsedTime(begun).TotalSeconds, new("coopline.line.call", call), new("coopline.line.status", status));
        }
    }

    private async Task LogRefusal(string call, HttpResponseMessage response, CancellationToken cancellation)
    {
        var id = response.Headers.TryGetValues("x-line-request-id", out var ids) ? ids.First() : "";
        var body = await response.ReadWords(cancellation);
        LogRefused(call, (int)response.StatusCode, id, PersonalData.Mask(body.Length > 500 ? body[..500] : body));
    }

    [LoggerMessage(LogLevel.Warning, "LINE answered {Status} to {Call} (request {RequestId}): {Body}")]
    private partial void LogRefused(string call, int status, string requestId, string body);

    [LoggerMessage(LogLevel.Warning, "LINE gave no answer to {Call}: {Fault}")]
    private partial void LogNoAnswer(string call, string fault);

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

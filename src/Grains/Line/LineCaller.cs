using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace CoopLine.Grains.Line;

/// <summary>
/// One call to LINE, whichever client makes it: token and address, the time it may take, its span and metric, and LINE's words in
/// the log when it refuses.
/// </summary>
public sealed partial class LineCaller(
    HttpClient http, ChannelTokens tokens, IOptions<LineOptions> options, ILogger<LineCaller> log)
{
    /// <summary>The longest answer that is read: a page of a thousand friends is 36 KB, all others are a few hundred bytes.</summary>
    public const int AnswerLimitBytes = 64 * 1024;

    /// <param name="call">Its name in spans and metrics; docs/telemetry.md lists them all.</param>
    /// <param name="path">From the root of LINE's API, with its query.</param>
    /// <param name="content">Null for none. It is sent again, as it is, when the token had to be renewed or the connection broke.</param>
    /// <param name="retryKey">LINE takes what has it once within 24 hours.</param>
    /// <returns>Null when no answer came. It is read already: its content needs no further call.</returns>
    internal Task<HttpResponseMessage?> Call(
        string call, HttpMethod method, string path, HttpContent? content, Guid? retryKey, CancellationToken cancellation) =>
        Call(call, () => Request(method, path, content, retryKey), cancellation);

    /// <summary>The same for what LINE answers to everybody who knows a channel's id.</summary>
    internal Task<HttpResponseMessage?> CallWithoutToken(
        string call, HttpMethod method, string path, HttpContent content, CancellationToken cancellation) =>
        Call(call, () => Task.FromResult(new HttpRequestMessage(method, Address(path)) { Content = content }), cancellation);

    private async Task<HttpRequestMessage> Request(HttpMethod method, string path, HttpContent? content, Guid? retryKey)
    {
        var request = new HttpRequestMessage(method, Address(path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await tokens.Current(http));
        if (retryKey is { } key) request.Headers.Add("X-Line-Retry-Key", key.ToString("D"));
        // LINE wants a Content-Length on every POST, also on one without a body.
        request.Content = content ?? (method == HttpMethod.Post ? new ByteArrayContent([]) : null);
        return request;
    }

    private Uri Address(string path) => new(options.Value.ApiBase, path);

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
        LogRefused(call, (int)response.StatusCode, id, await response.ReadMaskedWords(cancellation));
    }

    [LoggerMessage(LogLevel.Warning, "LINE answered {Status} to {Call} (request {RequestId}): {Body}")]
    private partial void LogRefused(string call, int status, string requestId, string body);

    [LoggerMessage(LogLevel.Warning, "LINE gave no answer to {Call}: {Fault}")]
    private partial void LogNoAnswer(string call, string fault);
}

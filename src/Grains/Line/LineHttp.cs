using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;

namespace CoopLine.Grains.Line;

/// <summary>How CoopLine speaks HTTP with LINE, whichever client does.</summary>
public static class LineHttp
{
    private const int WordsMost = 500;

    private static readonly ProductInfoHeaderValue Program =
        new("CoopLine", typeof(LineHttp).Assembly.GetName().Version?.ToString(3));

    extension(IHttpClientBuilder client)
    {
        /// <summary>Says who calls, follows no redirect, and keeps the ids of our traces to itself.</summary>
        /// <param name="answerLimitBytes">A longer answer counts as none.</param>
        public IHttpClientBuilder SpeaksToLine(int answerLimitBytes) => client
            .ConfigureHttpClient(http =>
            {
                http.MaxResponseContentBufferSize = answerLimitBytes;
                http.DefaultRequestHeaders.UserAgent.Add(Program);
            })
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
            {
                AllowAutoRedirect = false, // LINE redirects no call: whoever does is not LINE, and our token is not for him
                ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
                PooledConnectionLifetime = TimeSpan.FromMinutes(5), // keeps DNS fresh
                ConnectTimeout = TimeSpan.FromSeconds(3),
            });
    }

    /// <summary>A body that is written whole, so that it has a <c>Content-Length</c>.</summary>
    internal static HttpContent Body(JsonObject json) => new StringContent(json.ToJsonString(), Encoding.UTF8, "application/json");

    /// <returns>Null when LINE, or whoever stands in its place, sent no JSON object.</returns>
    internal static async Task<JsonElement?> ReadObject(this HttpResponseMessage response, CancellationToken cancellation)
    {
        try
        {
            using var json = JsonDocument.Parse(await response.Content.ReadAsByteArrayAsync(cancellation));
            return json.RootElement is { ValueKind: JsonValueKind.Object } answer ? answer.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What LINE says of a refusal, whatever character set it claims.</summary>
    internal static async Task<string> ReadWords(this HttpResponseMessage response, CancellationToken cancellation) =>
        Encoding.UTF8.GetString(await response.Content.ReadAsByteArrayAsync(cancellation));

    /// <summary>
    /// The same for logs and states: one line of up to <see cref="WordsMost"/> characters, without anybody's data and without what a
    /// database does not keep (NUL).
    /// </summary>
    internal static async Task<string> ReadMaskedWords(this HttpResponseMessage response, CancellationToken cancellation)
    {
        // Masked before it is cut: half of a user id would not be known for one.
        var words = PersonalData.Mask(await response.ReadWords(cancellation));
        if (words.Length > WordsMost) words = words[..(char.IsHighSurrogate(words[WordsMost - 1]) ? WordsMost - 1 : WordsMost)];
        return string.Create(words.Length, words, (line, text) =>
        {
            for (var at = 0; at < line.Length; at++) line[at] = char.IsControl(text[at]) ? ' ' : text[at];
        });
    }
}

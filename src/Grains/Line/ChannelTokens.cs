using Microsoft.Extensions.Options;

namespace CoopLine.Grains.Line;

/// <summary>
/// The channel access token: the long-lived one from configuration, or stateless ones (15 minutes each), issued when
/// needed and renewed three minutes before their end (https://developers.line.biz/en/docs/basics/channel-access-token/).
/// </summary>
public sealed class ChannelTokens(IOptions<LineOptions> options, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(3);
    private readonly SemaphoreSlim issuing = new(1);
    private (string Token, DateTimeOffset Until)? stateless;

    /// <summary>Whether a refused token can be replaced by a fresh one.</summary>
    public bool Renewable => options.Value.ChannelAccessToken is null;

    internal async Task<string> Current(HttpClient http)
    {
        if (options.Value.ChannelAccessToken is { } longLived) return longLived;
        if (stateless is { } good && clock.GetUtcNow() < good.Until) return good.Token;
        await issuing.WaitAsync();
        try
        {
            if (stateless is { } other && clock.GetUtcNow() < other.Until) return other.Token;
            stateless = await Issue(http);
            return stateless.Value.Token;
        }
        finally
        {
            issuing.Release();
        }
    }

    internal void Forget() => stateless = null;

    public void Dispose() => issuing.Dispose();

    private async Task<(string, DateTimeOffset)> Issue(HttpClient http)
    {
        var at = clock.GetUtcNow();
        using var form = new FormUrlEncodedContent(
        [
            new("grant_type", "client_credentials"),
            new("client_id", options.Value.ChannelId),
            new("client_secret", options.Value.ChannelSecret.Split(' ')[0]),
        ]);
        using var response = await http.PostAsync(new Uri(options.Value.ApiBase, "/oauth2/v3/token"), form);
        response.EnsureSuccessStatusCode();
        if (await response.ReadObject(CancellationToken.None) is not { } answer
            || answer.Text("access_token") is not { Length: > 0 } token || token.Any(letter => letter is <= ' ' or > '~')
            || answer.Number("expires_in") is not (> 0 and <= int.MaxValue and var seconds))
            throw new HttpRequestException("LINE's answer holds no channel access token.", null, response.StatusCode);
        return (token, at + TimeSpan.FromSeconds(seconds) - Margin);
    }
}

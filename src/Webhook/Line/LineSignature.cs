using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using CoopLine.Grains.Line;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Line;

/// <summary>
/// Tells LINE's calls from everybody else's: <c>x-line-signature</c> is the Base64 of HMAC-SHA-256 over the raw body
/// with the channel secret.
/// </summary>
/// <seealso href="https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/"/>
internal sealed class LineSignature(IOptions<LineOptions> line)
{
    private readonly ImmutableArray<byte[]> secrets =
    [
        .. line.Value.ChannelSecret.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(Encoding.UTF8.GetBytes),
    ];

    /// <summary>Whether a header can be a signature at all, of whatever body.</summary>
    public static bool IsPossible(string? header)
    {
        Span<byte> sent = stackalloc byte[HMACSHA256.HashSizeInBytes];
        return header is not null && Convert.TryFromBase64String(header, sent, out var length) && length == sent.Length;
    }

    /// <returns>False also when the header is missing, or not the Base64 of 32 bytes.</returns>
    public bool Matches(ReadOnlySpan<byte> body, string? header)
    {
        Span<byte> sent = stackalloc byte[HMACSHA256.HashSizeInBytes];
        if (header is null || !Convert.TryFromBase64String(header, sent, out var length) || length != sent.Length)
            return false;

        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        var matches = false;
        foreach (var secret in secrets)
        {
            HMACSHA256.HashData(secret, body, expected);
            matches |= CryptographicOperations.FixedTimeEquals(expected, sent);
        }
        return matches;
    }
}

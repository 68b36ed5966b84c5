using System.Security.Cryptography;
using System.Text;

namespace CoopLine.Simulator.Line;

/// <summary>HMAC-SHA256 over the raw body, key and result as LINE writes them.</summary>
/// <seealso href="https://developers.line.biz/en/docs/messaging-api/verify-webhook-signature/"/>
internal static class LineSignature
{
    public static string Of(ReadOnlySpan<byte> body, string channelSecret) =>
        Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(channelSecret), body));
}

using System.Security.Cryptography;
using System.Text;

namespace CoopLine.Webhook.Console;

/// <summary>Words that nobody guesses, of which only the hash is kept.</summary>
internal static class Tokens
{
    private const int Bytes = 16;

    /// <returns>32 hexadecimal digits.</returns>
    public static string New() => RandomNumberGenerator.GetHexString(2 * Bytes, lowercase: true);

    /// <returns>64 hexadecimal digits.</returns>
    public static string HashOf(string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(token)));
}

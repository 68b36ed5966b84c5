using System.Security.Cryptography;
using System.Text;

namespace CoopLine.Grains.Accounts;

/// <summary>
/// The key under which LINE takes a message once in 24 hours. It follows from what the message answers, so that even
/// two silos that decide the same thing send one message.
/// </summary>
internal static class RetryKey
{
    public static Guid For(string operation, Notice notice) =>
        new(SHA256.HashData(Encoding.UTF8.GetBytes($"{operation}|{notice}")).AsSpan(0, 16), bigEndian: true);
}

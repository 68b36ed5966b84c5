using System.Security.Cryptography;
using System.Text;

namespace CoopLine.Grains.Registry;

/// <summary>
/// How phones and birth dates are kept: as HMAC-SHA-256 under the co-op's key, 64 lower-case hexadecimal digits. They
/// can be compared and not read back. A phone and a birth date of the same digits have different hashes.
/// </summary>
public sealed class RegistryHash : IDisposable
{
    /// <summary>The shortest key taken.</summary>
    public const int KeyMinBytes = 16;

    /// <summary>Of a hash as it is kept.</summary>
    public const int HexLength = 2 * HMACSHA256.HashSizeInBytes;

    private static ReadOnlySpan<byte> PhoneKind => "phone:"u8;

    private const int ShortBytes = 128;

    // Set up for the key once, a hash takes half the time of HMACSHA256.HashData. One a thread, since two cannot share it.
    private readonly ThreadLocal<IncrementalHash> hmac;

    /// <exception cref="ArgumentException">The key is shorter than <see cref="KeyMinBytes"/>.</exception>
    public RegistryHash(byte[] key)
    {
        if (key.Length < KeyMinBytes)
            throw new ArgumentException($"The registry's hash key needs at least {KeyMinBytes} bytes.", nameof(key));
        hmac = new(() => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key));
    }

    /// <param name="normalised">From <see cref="Normalise.Phone"/>.</param>
    public string Phone(string normalised) => Hash(PhoneKind, normalised);

    /// <param name="normalised">From <see cref="Normalise.BirthDate"/>.</param>
    public string BirthDate(string normalised) => Hash("birth:"u8, normalised);

    /// <summary>For a number that was erased.</summary>
    public string MemberNumber(string number) => Hash("number:"u8, number);

    /// <summary>For a use by somebody who was erased.</summary>
    /// <param name="who">Member number or LINE account.</param>
    public string Use(string campaign, string who) => Hash("use:"u8, $"{campaign}/{who}");

    /// <inheritdoc cref="Phone(string)"/>
    /// <param name="hash">Gets it; of <see cref="HexLength"/>.</param>
    public void Phone(ReadOnlySpan<char> normalised, Span<byte> hash)
    {
        Span<byte> bytes = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Hash(PhoneKind, normalised, bytes);
        Convert.TryToHexStringLower(bytes, hash, out _);
    }

    public void Dispose() => hmac.Dispose();

    private string Hash(ReadOnlySpan<byte> kind, string text)
    {
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Hash(kind, text, hash);
        return Convert.ToHexStringLower(hash);
    }

    private void Hash(ReadOnlySpan<byte> kind, ReadOnlySpan<char> text, Span<byte> hash)
    {
        var length = kind.Length + Encoding.UTF8.GetByteCount(text);
        var bytes = length <= ShortBytes ? stackalloc byte[length] : new byte[length];
        kind.CopyTo(bytes);
        Encoding.UTF8.GetBytes(text, bytes[kind.Length..]);
        hmac.Value!.AppendData(bytes);
        hmac.Value!.GetHashAndReset(hash);
    }
}

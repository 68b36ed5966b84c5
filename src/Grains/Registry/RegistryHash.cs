using System.Security.Cryptography;
using System.Text;

namespace CoopLine.Grains.Registry;

/// <summary>
/// How phones and birth dates are kept: as HMAC-SHA-256 under the co-op's key, 64 lower-case hexadecimal digits. They
/// can be compared and not read back. A phone and a birth date of the same digits have different hashes.
/// </summary>
public sealed class RegistryHash
{
    /// <summary>The shortest key taken.</summary>
    public const int KeyMinBytes = 16;

    private readonly byte[] key;

    /// <exception cref="ArgumentException">The key is shorter than <see cref="KeyMinBytes"/>.</exception>
    public RegistryHash(byte[] key)
    {
        if (key.Length < KeyMinBytes)
            throw new ArgumentException($"The registry's hash key needs at least {KeyMinBytes} bytes.", nameof(key));
        this.key = key;
    }

    /// <param name="normalised">From <see cref="Normalise.Phone"/>.</param>
    public string Phone(string normalised) => Hash("phone:" + normalised);

    /// <param name="normalised">From <see cref="Normalise.BirthDate"/>.</param>
    public string BirthDate(string normalised) => Hash("birth:" + normalised);

    private string Hash(string text) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes(text)));
}

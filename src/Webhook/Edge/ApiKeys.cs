using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Edge;

/// <summary>Bearer keys and whom each belongs to. Only digests stay in memory.</summary>
internal sealed class ApiKeys
{
    /// <summary>In front of the SHA-256 of a key, in hexadecimal digits, where the key itself should not be in the configuration.</summary>
    private const string DigestPrefix = "sha256:";

    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdefABCDEF");

    private readonly ImmutableArray<(byte[] Digest, string Owner)> keys;

    private ApiKeys(IEnumerable<(byte[] Digest, string Owner)> keys) => this.keys = [.. keys];

    public static ApiKeys None { get; } = new([]);

    /// <param name="owners">Owner → one key, several separated by spaces or commas, or a list of keys.</param>
    /// <param name="objection">What is wrong with an owner's name, or null.</param>
    /// <param name="shortest">How many characters a key has at least. Of one that is there as its digest, nobody knows.</param>
    /// <exception cref="OptionsValidationException">
    /// An owner has no key, one that is too short, or a bad name, or two owners have the same key.
    /// </exception>
    public static ApiKeys Read(IConfigurationSection owners, Func<string, string?> objection, int shortest)
    {
        var keys = new Dictionary<string, string>(StringComparer.Ordinal);
        var errors = new List<string>();
        foreach (var owner in owners.GetChildren())
        {
            if (objection(owner.Key) is { } wrong) errors.Add($"{owner.Path}: {wrong}");

            var own = KeysOf(owner).ToArray();
            if (own is []) errors.Add($"{owner.Path} has no key.");
            foreach (var key in own)
            {
                if (!IsDigest(key) && key.Length < shortest) errors.Add($"{owner.Path} has a key of fewer than {shortest} characters.");
                if (key.StartsWith(DigestPrefix, StringComparison.Ordinal) && !IsDigest(key))
                    errors.Add($"{owner.Path}: behind {DigestPrefix} come the 64 hexadecimal digits of a key's SHA-256.");
                var digest = DigestOf(key);
                if (!keys.TryAdd(digest, owner.Key) && keys[digest] != owner.Key)
                    errors.Add($"{owner.Path} has the same key as {keys[digest]}.");
            }
        }

        if (errors is not []) throw new OptionsValidationException(owners.Path, typeof(ApiKeys), errors);

        return new(keys.Select(key => (Convert.FromHexString(key.Key), key.Value)));
    }

    /// <summary>Takes the same time whichever key it is, and whether or not it is one.</summary>
    /// <returns>Null when nobody has this key.</returns>
    public string? OwnerOf(string key)
    {
        var digest = Digest(key);
        string? found = null;
        foreach (var (known, owner) in keys)
            if (CryptographicOperations.FixedTimeEquals(known, digest))
                found = owner;
        return found;
    }

    public bool Knows(string owner) => keys.Any(key => key.Owner == owner);

    private static IEnumerable<string> KeysOf(IConfigurationSection owner) =>
        owner.GetChildren().Select(item => item.Value).Prepend(owner.Value)
            .SelectMany(Words.Of);

    private static bool IsDigest(string key) =>
        key.StartsWith(DigestPrefix, StringComparison.Ordinal) && key.Length == DigestPrefix.Length + (2 * SHA256.HashSizeInBytes)
        && key.AsSpan(DigestPrefix.Length).IndexOfAnyExcept(HexDigits) < 0;

    /// <summary>In hexadecimal digits.</summary>
    private static string DigestOf(string key) =>
        IsDigest(key) ? key[DigestPrefix.Length..].ToLowerInvariant() : Convert.ToHexStringLower(Digest(key));

    private static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}

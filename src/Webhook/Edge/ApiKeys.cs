using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace CoopLine.Webhook.Edge;

/// <summary>Bearer keys and whom each belongs to. Only digests stay in memory.</summary>
internal sealed class ApiKeys
{
    private static readonly char[] Separators = [' ', ','];

    private readonly ImmutableArray<(byte[] Digest, string Owner)> keys;

    private ApiKeys(IEnumerable<(byte[] Digest, string Owner)> keys) => this.keys = [.. keys];

    public static ApiKeys None { get; } = new([]);

    /// <param name="owners">Owner → one key, several separated by spaces or commas, or a list of keys.</param>
    /// <param name="objection">What is wrong with an owner's name, or null.</param>
    /// <exception cref="OptionsValidationException">
    /// An owner has no key or a bad name, or two owners have the same key.
    /// </exception>
    public static ApiKeys Read(IConfigurationSection owners, Func<string, string?> objection)
    {
        var keys = new Dictionary<string, string>(StringComparer.Ordinal);
        var errors = new List<string>();
        foreach (var owner in owners.GetChildren())
        {
            if (objection(owner.Key) is { } wrong) errors.Add($"{owner.Path}: {wrong}");

            var own = KeysOf(owner).ToArray();
            if (own is []) errors.Add($"{owner.Path} has no key.");
            foreach (var key in own)
                if (!keys.TryAdd(key, owner.Key) && keys[key] != owner.Key)
                    errors.Add($"{owner.Path} has the same key as {keys[key]}.");
        }
        if (errors is not []) throw new OptionsValidationException(owners.Path, typeof(ApiKeys), errors);

        return new(keys.Select(key => (Digest(key.Key), key.Value)));
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
            .SelectMany(text => (text ?? "").Split(Separators, StringSplitOptions.RemoveEmptyEntries));

    private static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}

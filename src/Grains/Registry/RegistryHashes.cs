using System.Collections.Immutable;

namespace CoopLine.Grains.Registry;

/// <summary>
/// The key under which the registry is hashed now, and those before it: until everybody has been imported again, answers are
/// compared under all of them.
/// </summary>
/// <param name="Current">Imports use it.</param>
/// <param name="Earlier">The keys before it.</param>
public sealed record RegistryHashes(RegistryHash Current, ImmutableArray<RegistryHash> Earlier)
{
    /// <summary>The setting: a list of keys.</summary>
    public const string EarlierKeys = "CoopLine:Registry:EarlierHashKeys";

    /// <summary>All of them, the newest first.</summary>
    public IEnumerable<RegistryHash> All => [Current, .. Earlier];
}

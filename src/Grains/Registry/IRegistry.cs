using System.Collections.Immutable;

namespace CoopLine.Grains.Registry;

/// <summary>The co-op's member registry as last imported.</summary>
public interface IRegistry
{
    Task<RegistryEntry?> Find(string memberNumber, CancellationToken cancellation = default);

    /// <summary>With what earlier files said of a number that the newest full file lacks. It still counts, and the number keeps its link.</summary>
    Task<RegistryStanding> Standing(string memberNumber, CancellationToken cancellation = default);

    /// <summary>Grows with every import that was applied.</summary>
    Task<long> Version(CancellationToken cancellation = default);

    /// <summary>The numbers of active members, in order, a few thousand at a time: an import that is applied meanwhile is seen in the rest.</summary>
    /// <param name="businesses">Only members with any of these; null for all.</param>
    /// <param name="homeStores">Only members of these stores; null for all.</param>
    IAsyncEnumerable<string> Members(
        IReadOnlyCollection<Business>? businesses, IReadOnlyCollection<string>? homeStores, CancellationToken cancellation = default);

    /// <summary>Numbers that are linked though the registry says withdrawn or replaced; at most <paramref name="limit"/>.</summary>
    Task<ImmutableArray<string>> LinkedButLeft(int limit, CancellationToken cancellation = default);
}

/// <param name="PhoneHashes">Keyed hashes (<see cref="RegistryHash"/>), lower-case hex; empty when none is registered.</param>
/// <param name="BirthDateHash">Keyed hash, or null when not registered.</param>
/// <param name="ReplacedBy">The number that took this one's place.</param>
/// <param name="Predecessors">Numbers that this one replaced, directly or through others, also those in no file any more; at most 10.</param>
public sealed record RegistryEntry(
    string MemberNumber,
    ImmutableArray<string> PhoneHashes,
    string? BirthDateHash,
    MemberStatus Status,
    ImmutableArray<Business> Businesses,
    string? HomeStore,
    string? ReplacedBy,
    ImmutableArray<string> Predecessors)
{
    /// <summary>Nobody is a member under this number any more: a link to it is worth nothing.</summary>
    public bool HasLeft => Status != MemberStatus.Active || ReplacedBy is not null;
}

/// <summary>What the registry says of a number; where the newest full file lacks it, what earlier ones said.</summary>
/// <param name="Entry">Null when the newest file lacks it.</param>
/// <param name="Import">The newest applied import (<see cref="IRegistry.Version"/>) when it was read.</param>
public sealed record RegistryStanding(
    RegistryEntry? Entry, string? ReplacedBy, ImmutableArray<string> Predecessors, long Import)
{
    /// <inheritdoc cref="RegistryEntry.HasLeft"/>
    public bool HasLeft => Entry?.HasLeft ?? ReplacedBy is not null;
}

public enum MemberStatus
{
    Active,
    Withdrawn,
}

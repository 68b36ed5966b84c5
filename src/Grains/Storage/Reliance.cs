using System.Collections.Immutable;

namespace CoopLine.Grains.Storage;

/// <summary>
/// What a decision was made from. The statement that writes the decision looks whether all of it is still so, and otherwise
/// writes nothing: the caller finds a conflict, reads, and decides again.
/// </summary>
/// <param name="Import">The newest applied import of the registry (<see cref="Registry.IRegistry.Version"/>).</param>
/// <param name="Remembered">Else it was read just now, and a storage that does not look may write.</param>
[GenerateSerializer, Immutable, Alias("coopline.reliance")]
public sealed record Reliance(
    [property: Id(0)] long Import, [property: Id(1)] ImmutableArray<StateVersion> States, [property: Id(2)] bool Remembered);

/// <param name="StateName">One of <see cref="StateNames"/>.</param>
/// <param name="Key">The grain's string key.</param>
/// <param name="Version">The row's version: every write raises it.</param>
[GenerateSerializer, Immutable, Alias("coopline.state-version")]
public readonly record struct StateVersion(
    [property: Id(0)] string StateName, [property: Id(1)] string Key, [property: Id(2)] int Version);

using System.Collections.Immutable;
using CoopLine.Grains.Linking;

namespace CoopLine.Grains.Registry;

/// <summary>
/// The key under which the registry is hashed now, and those before it: until everybody has been imported again, answers are
/// compared under all of them.
/// </summary>
/// <param name="current">Imports use it.</param>
public sealed class RegistryHashes(RegistryHash current, ImmutableArray<RegistryHash> earlier)
{
    /// <summary>The setting: a list of keys.</summary>
    public const string EarlierKeys = "CoopLine:Registry:EarlierHashKeys";

    internal HashedAnswers Of(LinkAnswers answers) => new(
        answers.MemberNumber, current.Phone(answers.Phone), current.BirthDate(answers.BirthDate),
        earlier is [] ? null : [.. earlier.Select(key => new EarlierHashes(key.Phone(answers.Phone), key.BirthDate(answers.BirthDate)))]);
}

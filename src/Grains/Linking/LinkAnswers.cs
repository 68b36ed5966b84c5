using CoopLine.Grains.Registry;

namespace CoopLine.Grains.Linking;

/// <summary>What the friend answered on the link page, well-formed and normalised.</summary>
/// <param name="MemberNumber">1 to 20 digits.</param>
/// <param name="Phone">10 or 11 digits from 0: <c>09012345678</c>.</param>
/// <param name="BirthDate">Eight digits: <c>19710401</c>.</param>
[GenerateSerializer, Immutable, Alias("coopline.link-answers")]
public sealed record LinkAnswers(
    [property: Id(0)] string MemberNumber,
    [property: Id(1)] string Phone,
    [property: Id(2)] string BirthDate)
{
    /// <summary>As they can be compared with the registry, which has hashes only.</summary>
    internal HashedAnswers Hashed(RegistryHashes keys) => new(
        MemberNumber, keys.Current.Phone(Phone), keys.Current.BirthDate(BirthDate),
        keys.Earlier is [] ? null : [.. keys.Earlier.Select(key => new EarlierHashes(key.Phone(Phone), key.BirthDate(BirthDate)))]);

    // A record prints its values, and these must never reach a log.
    public override string ToString() => nameof(LinkAnswers);
}

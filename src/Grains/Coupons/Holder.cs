using System.Collections.Immutable;
using CoopLine.Grains.Members;
using CoopLine.Grains.Registry;
using CoopLine.Grains.Storage;

namespace CoopLine.Grains.Coupons;

/// <summary>The member behind a code, as the number stands.</summary>
/// <param name="LinkStands">Whether the link under which the code was issued is still the number's link.</param>
/// <param name="Businesses">Which services the member uses, by the registry.</param>
/// <param name="Predecessors">Numbers that this one replaced.</param>
/// <param name="Version">Of the number's state; 0 when it has none.</param>
/// <param name="Import">The registry's newest import.</param>
/// <param name="Lists">Ids of the lists, of the code's campaigns, that the member is on.</param>
[GenerateSerializer, Immutable, Alias("coopline.holder")]
public sealed record Holder(
    [property: Id(0)] bool LinkStands,
    [property: Id(1)] ImmutableArray<Business> Businesses,
    [property: Id(2)] ImmutableArray<string> Predecessors,
    [property: Id(3)] int Version,
    [property: Id(4)] long Import,
    [property: Id(5)] ImmutableArray<string> Lists)
{
    public static readonly Holder Nobody = new(false, [], [], 0, 0, []);

    public static Holder Of(
        Stored<MemberState> member, RegistryStanding registered, ImmutableArray<string> lists, string account, string linkId) => new(
        MemberState.LinkStands(member.State, registered, account, linkId),
        registered.Entry?.Businesses ?? [], registered.Predecessors, member.Version, registered.Import, lists);
}

using CoopLine.Grains.Registry;

namespace CoopLine.Silo.Registry;

/// <summary>The words of the co-op's file, which are also those of the database.</summary>
internal static class RegistryWords
{
    public static MemberStatus? Status(string word) => word switch
    {
        "active" => MemberStatus.Active,
        "withdrawn" => MemberStatus.Withdrawn,
        _ => null,
    };
}

using System.ComponentModel.DataAnnotations;

namespace CoopLine.Silo.Registry;

/// <summary>Which phones and birth dates prove nothing: configuration section <c>CoopLine:Registry</c>.</summary>
internal sealed class RegistryOptions
{
    /// <summary>The most active members who may have the same phone; what more have counts as not registered. Default 10.</summary>
    [Range(1, 1_000_000)]
    public int MembersPerPhone { get; init; } = 10;

    /// <summary>
    /// The most of ten thousand active members who may have the same birth date; what more have counts as not registered. A
    /// smaller registry counts as one of ten thousand. Default 10: about 30 times as many as are born on a usual day.
    /// </summary>
    [Range(1, 10_000)]
    public int MembersPerBirthDate { get; init; } = 10;
}

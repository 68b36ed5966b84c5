using System.Collections.Immutable;

namespace CoopLine.Grains;

internal static class Lists
{
    /// <summary>No list ("all") differs from an empty one ("none").</summary>
    public static bool SameList<T>(ImmutableArray<T>? one, ImmutableArray<T>? other) =>
        one.HasValue == other.HasValue && one.GetValueOrDefault().AsSpan().SequenceEqual(other.GetValueOrDefault().AsSpan());
}

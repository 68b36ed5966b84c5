using System.Collections.Immutable;

namespace CoopLine.Grains.Campaigns;

/// <summary>The items of a campaign: an item belongs to it when any of the three lists names it.</summary>
[GenerateSerializer, Immutable, Alias("coopline.item-selector")]
public sealed record ItemSelector(
    [property: Id(0)] ImmutableArray<string> Jans,
    [property: Id(1)] ImmutableArray<string> JanPrefixes,
    [property: Id(2)] ImmutableArray<string> Categories)
{
    /// <param name="jan">The item's code as <see cref="Jan.Item"/> writes it, if it has one.</param>
    /// <param name="category">The co-op's category of the item, if it is known.</param>
    public bool Matches(string? jan, string? category) =>
        (jan is not null && (HasJan(jan) || HasPrefix(jan)))
        || (category is not null && Categories.AsSpan().Contains(category));

    // Spans, because a list that JSON left out is a default array, and a span reads that as empty.
    public bool Equals(ItemSelector? other) =>
        other is not null
        && Jans.AsSpan().SequenceEqual(other.Jans.AsSpan())
        && JanPrefixes.AsSpan().SequenceEqual(other.JanPrefixes.AsSpan())
        && Categories.AsSpan().SequenceEqual(other.Categories.AsSpan());

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var jan in Jans.AsSpan()) hash.Add(jan);
        foreach (var prefix in JanPrefixes.AsSpan()) hash.Add(prefix);
        foreach (var category in Categories.AsSpan()) hash.Add(category);
        return hash.ToHashCode();
    }

    private bool HasJan(string item)
    {
        foreach (var jan in Jans.AsSpan())
            if (Jan.Names(jan, item))
                return true;
        return false;
    }

    private bool HasPrefix(string item)
    {
        foreach (var prefix in JanPrefixes.AsSpan())
            if (Jan.BeginsWith(item, prefix))
                return true;
        return false;
    }
}

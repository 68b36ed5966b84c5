using System.Collections.Immutable;

namespace CoopLine.Grains.Campaigns;

/// <summary>The items of a campaign: an item belongs to it when any of the three lists names it.</summary>
[GenerateSerializer, Immutable, Alias("coopline.item-selector")]
public sealed record ItemSelector(
    [property: Id(0)] ImmutableArray<string> Jans,
    [property: Id(1)] ImmutableArray<string> JanPrefixes,
    [property: Id(2)] ImmutableArray<string> Categories)
{
    [NonSerialized]
    private ItemIndex? index;

    /// <summary>Copies the lists only: <c>with</c> may then put others in their place, which need an index of their own.</summary>
    private ItemSelector(ItemSelector other) =>
        (Jans, JanPrefixes, Categories) = (other.Jans, other.JanPrefixes, other.Categories);

    /// <summary>Made when it is first asked for; two threads that both make it make the same.</summary>
    internal ItemIndex Index => index ??= new(Jans.AsSpan(), JanPrefixes.AsSpan(), Categories.AsSpan());

    /// <param name="jan">The item's code as <see cref="Jan.Item"/> writes it, if it has one.</param>
    /// <param name="category">The co-op's category of the item, if it is known.</param>
    public bool Matches(string? jan, string? category) => Index.Names(jan, category);

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
}

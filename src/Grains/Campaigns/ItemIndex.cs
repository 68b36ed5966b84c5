namespace CoopLine.Grains.Campaigns;

/// <summary>
/// The three lists of an <see cref="ItemSelector"/>, arranged so that a look-up takes the same time however long they are: one
/// for the whole code, one for each length that prefixes have (at most <see cref="Jan.Digits"/>), one for the category.
/// </summary>
/// <remarks>Items are named as <see cref="Jan.Item"/> writes them; the lists may leave out zeros in front.</remarks>
internal sealed class ItemIndex
{
    private readonly HashSet<string> jans;
    private readonly HashSet<string> categories;
    private readonly (int Length, HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Prefixes)[] prefixesByLength;

    public ItemIndex(ReadOnlySpan<string> jans, ReadOnlySpan<string> janPrefixes, ReadOnlySpan<string> categories)
    {
        this.jans = SetOf([.. jans.ToArray().Select(jan => jan.PadLeft(Jan.Digits, '0'))]);
        this.categories = SetOf(categories);
        prefixesByLength =
        [
            .. from prefix in janPrefixes.ToArray()
               where prefix.Length <= Jan.Digits
               group prefix by prefix.Length into sameLength
               select (sameLength.Key, SetOf([.. sameLength]).GetAlternateLookup<ReadOnlySpan<char>>()),
        ];
    }

    /// <summary>Look-ups that one item takes at most.</summary>
    internal int LookupsMax => (prefixesByLength.Length * 3) + 2;

    /// <param name="jan">The item's code, if it has one.</param>
    /// <param name="category">The co-op's category of the item, if it is known.</param>
    public bool Names(string? jan, string? category) =>
        (jan is not null && (jans.Contains(jan) || BeginsAsNamed(jan)))
        || (category is not null && categories.Contains(category));

    /// <summary>In any of its spellings: EAN-13, UPC-A or EAN-8.</summary>
    private bool BeginsAsNamed(ReadOnlySpan<char> jan) =>
        HasPrefix(jan)
        || (jan is ['0', .. var upc] && (HasPrefix(upc) || (upc is ['0', '0', '0', '0', .. var ean8] && HasPrefix(ean8))));

    private bool HasPrefix(ReadOnlySpan<char> jan)
    {
        foreach (var (length, prefixes) in prefixesByLength)
            if (length <= jan.Length && prefixes.Contains(jan[..length]))
                return true;
        return false;
    }

    private static HashSet<string> SetOf(ReadOnlySpan<string> texts)
    {
        var set = new HashSet<string>(texts.Length, StringComparer.Ordinal);
        foreach (var text in texts) set.Add(text);
        return set;
    }
}

namespace CoopLine.Silo.Registry;

/// <summary>What a field comes to, worked out once for each of its texts: a million members share a few ten thousand.</summary>
internal sealed class FieldMemo(Func<string, RegistryField> read)
{
    /// <summary>All the days on which a member can be born, and more stores than there are.</summary>
    private const int MostKept = 50_000;

    private const int LongestKept = 64;

    private readonly Dictionary<string, RegistryField> known = [];

    public RegistryField Read(ReadOnlySpan<char> text)
    {
        var known = this.known.GetAlternateLookup<ReadOnlySpan<char>>();
        if (known.TryGetValue(text, out var field)) return field;
        field = read(text.ToString());
        if (this.known.Count < MostKept && text.Length <= LongestKept) known[text] = field;
        return field;
    }
}

/// <param name="Stored">As in <see cref="RegistryRow.Columns"/>.</param>
/// <param name="Rejected">Why its row is rejected; null when it is good.</param>
internal readonly record struct RegistryField(byte[] Stored, string? Rejected, RowNotes Notes)
{
    public static RegistryField Good(string? text, RowNotes notes = RowNotes.None) => new(RegistryRow.Column(text), null, notes);

    public static RegistryField Bad(string reason) => new([], reason, RowNotes.None);
}

/// <summary>What the report of an import says of an accepted row.</summary>
[Flags]
internal enum RowNotes
{
    None = 0,

    /// <summary>A date or a phone is not written as asked for, but can only mean one.</summary>
    Repaired = 1,

    /// <summary>A phone that nobody can have; the row is kept without it.</summary>
    ImpossiblePhone = 2,

    /// <summary>A birth date that nobody can have; the row is kept without it.</summary>
    ImpossibleBirthDate = 4,
}

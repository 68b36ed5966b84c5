using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using CoopLine.Grains.Registry;
using CsvHelper;

namespace CoopLine.Silo.Registry;

/// <summary>Checks the rows of the co-op's file and hashes their phones and birth dates.</summary>
/// <param name="today">The date in the co-op's time zone.</param>
internal sealed class RegistryRowReader(RegistryHash hash, DateOnly today)
{
    public const string Header = "member_number,phones,birth_date,status,businesses,home_store,replaced_by";

    private const int HomeStoreMaxLength = 32;

    private static readonly SearchValues<char> Controls =
        SearchValues.Create([.. Enumerable.Range(0, 0x100).Select(code => (char)code).Where(char.IsControl)]);

    private static readonly byte[] NoText = RegistryRow.Column(null);

    private readonly FieldMemo birthDates = new(text => BirthDateOf(text, hash, today));
    private readonly FieldMemo statuses = new(StatusOf);
    private readonly FieldMemo businesses = new(BusinessesOf);
    private readonly FieldMemo homeStores = new(HomeStoreOf);
    private readonly ArrayBufferWriter<byte> row = new();
    private readonly ArrayBufferWriter<byte> phones = new();
    private char[] text = new char[256];
    private RowNotes notes;

    /// <returns>The row, or why it is rejected: in words that do not repeat what the row says.</returns>
    public (RegistryRow? Row, RowNotes Notes, string? Rejected) Read(CsvReader fields)
    {
        notes = RowNotes.None;
        var (row, rejected) = ReadColumns(fields);
        return (row, notes, rejected);
    }

    private (RegistryRow? Row, string? Rejected) ReadColumns(CsvReader fields)
    {
        if (fields.FieldCount != RegistryRow.ColumnCount)
            return (null, $"{fields.FieldCount} columns instead of {RegistryRow.ColumnCount}");
        if (MemberNumber.Read(Text(fields, 0).ToString()) is not { } number)
            return (null, $"member_number is not a number of 1 to {MemberNumber.MaxDigits} digits");

        row.ResetWrittenCount();
        Write(number);
        if (!WritePhones(Text(fields, 1))) return (null, "phones holds something that is no phone number");
        if ((Write(birthDates.Read(Text(fields, 2))) ?? Write(statuses.Read(Text(fields, 3)))
            ?? Write(businesses.Read(Text(fields, 4))) ?? Write(homeStores.Read(Text(fields, 5)))) is { } rejected)
            return (null, rejected);

        var replacing = Text(fields, 6).Trim();
        var replacedBy = replacing.IsEmpty ? null : MemberNumber.Read(replacing.ToString()) ?? "";
        if (replacedBy is "") return (null, "replaced_by is not a member number");
        if (replacedBy == number) return (null, "replaced_by is the member's own number");
        if (replacedBy is null) row.Write(NoText);
        else Write(replacedBy);
        return (new(number, row.WrittenSpan.ToArray()), null);
    }

    /// <summary>Valid until the next one is asked for.</summary>
    private ReadOnlySpan<char> Text(CsvReader fields, int index)
    {
        var bytes = fields.GetSpan(index);
        if (text.Length < bytes.Length) text = new char[bytes.Length]; // a line has a longest length
        return text.AsSpan(0, Encoding.UTF8.GetChars(bytes, text));
    }

    private string? Write(RegistryField field)
    {
        notes |= field.Notes;
        row.Write(field.Stored);
        return field.Rejected;
    }

    private void Write(string ascii)
    {
        WriteLength(ascii.Length);
        row.Advance(Encoding.ASCII.GetBytes(ascii, row.GetSpan(ascii.Length)));
    }

    private void WriteLength(int bytes)
    {
        BinaryPrimitives.WriteInt32BigEndian(row.GetSpan(sizeof(int)), bytes);
        row.Advance(sizeof(int));
    }

    /// <summary>As a JSON array.</summary>
    /// <returns>False when one is no phone.</returns>
    private bool WritePhones(ReadOnlySpan<char> field)
    {
        const StringSplitOptions words = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;
        if (field.Count(';') > 1) field = string.Join(';', field.ToString().Split(';', words).Distinct()); // nobody has so many

        phones.ResetWrittenCount();
        Span<char> phone = stackalloc char[Phone.MaxDigits];
        ReadOnlySpan<char> first = [];
        foreach (var word in field.Split(';'))
        {
            var written = field[word].Trim();
            if (written.IsEmpty || written.SequenceEqual(first)) continue;
            if (first.IsEmpty) first = written;
            if (ReadPhone(written, phone) is not (> 0 and var length)) return false;
            if (!Phone.CanExist(phone[..length]))
            {
                notes |= RowNotes.ImpossiblePhone;
                continue;
            }

            phones.Write(phones.WrittenCount == 0 ? "[\""u8 : "\",\""u8);
            hash.Phone(phone[..length], phones.GetSpan(RegistryHash.HexLength)[..RegistryHash.HexLength]);
            phones.Advance(RegistryHash.HexLength);
        }

        phones.Write(phones.WrittenCount == 0 ? "[]"u8 : "\"]"u8);
        WriteLength(phones.WrittenCount);
        row.Write(phones.WrittenSpan);
        return true;
    }

    /// <returns>How many digits it has; 0 when the text is no phone.</returns>
    private int ReadPhone(ReadOnlySpan<char> written, Span<char> phone)
    {
        if (Phone.Read(written, phone) is > 0 and var length) return length;
        if (Phone.WithItsZero(written.ToString()) is not { } repaired) return 0;
        notes |= RowNotes.Repaired;
        repaired.CopyTo(phone);
        return repaired.Length;
    }

    private static RegistryField BirthDateOf(string field, RegistryHash hash, DateOnly today)
    {
        var written = Normalise.BirthDate(field.Trim());
        if (written.Length == 0) return RegistryField.Good(null);
        if (BirthDate.IsFiller(written)) return RegistryField.Good(null, RowNotes.ImpossibleBirthDate);
        var asAskedFor = BirthDate.Day(written);
        if ((asAskedFor ?? WrittenDate.Read(field)) is not { } day || day > today)
            return RegistryField.Bad("birth_date is not a possible date like 19710401 or 1971-04-01");
        return BirthDate.IsTooLongAgo(day, today)
            ? RegistryField.Good(null, RowNotes.ImpossibleBirthDate)
            : RegistryField.Good(
                hash.BirthDate(BirthDate.Write(day)),
                asAskedFor is null ? RowNotes.Repaired : RowNotes.None);
    }

    private static RegistryField StatusOf(string field) => RegistryWords.Status(field.Trim()) is null
        ? RegistryField.Bad("status is neither active nor withdrawn")
        : RegistryField.Good(field.Trim());

    private static RegistryField BusinessesOf(string field)
    {
        var words = field.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Distinct().ToList();
        return words.Exists(word => BusinessNames.Read(word) is null)
            ? RegistryField.Bad("businesses holds something other than store, home and group")
            : RegistryField.Good(words is [] ? "[]" : $"[\"{string.Join("\",\"", words)}\"]");
    }

    private static RegistryField HomeStoreOf(string field)
    {
        var homeStore = MemberNumber.Read(field) ?? field.Trim();
        if (homeStore.AsSpan().ContainsAny(Controls)) return RegistryField.Bad("home_store holds control characters");
        return homeStore.Length > HomeStoreMaxLength
            ? RegistryField.Bad($"home_store is longer than {HomeStoreMaxLength} characters")
            : RegistryField.Good(homeStore.Length == 0 ? null : homeStore);
    }
}

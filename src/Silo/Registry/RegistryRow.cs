using System.Buffers;
using System.Runtime.CompilerServices;
using CoopLine.Grains.Registry;

namespace CoopLine.Silo.Registry;

/// <summary>A row of the file as it is stored: readable, and without phones and birth dates.</summary>
/// <param name="Phones">JSON array of keyed hashes.</param>
/// <param name="Businesses">JSON array of <see cref="BusinessNames"/>.</param>
internal sealed record RegistryRow(
    string MemberNumber,
    string Phones,
    string? BirthDateHash,
    string Status,
    string Businesses,
    string? HomeStore,
    string? ReplacedBy)
{
    public const int Columns = 7;
    public const string Header = "member_number,phones,birth_date,status,businesses,home_store,replaced_by";

    private const int HomeStoreMaxLength = 32;

    private static readonly SearchValues<char> Controls =
        SearchValues.Create([.. Enumerable.Range(0, 0x100).Select(code => (char)code).Where(char.IsControl)]);

    /// <inheritdoc cref="Grains.Registry.MemberNumber.Read"/>
    public static string? Number(string field) => Grains.Registry.MemberNumber.Read(field);

    /// <returns>The row, or why it is rejected: in words that do not repeat what the row says.</returns>
    public static (RegistryRow? Row, string? Rejected) Parse(
        ReadOnlySpan<string> fields, RegistryHash hash, BirthDates birthDates)
    {
        if (fields.Length != Columns) return (null, $"{fields.Length} columns instead of {Columns}");
        if (Number(fields[0]) is not { } number)
            return (null, $"member_number is not a number of 1 to {Grains.Registry.MemberNumber.MaxDigits} digits");

        if (Hashes(fields[1], hash) is not { } phones) return (null, "phones holds something that is no phone number");
        var birthDate = Normalise.BirthDate(fields[2].Trim());
        var birthDateHash = birthDate.Length == 0 ? null : birthDates.Hash(birthDate);
        if (birthDate.Length > 0 && birthDateHash is null)
            return (null, "birth_date is not a possible date like 19710401 or 1971-04-01");

        var status = fields[3].Trim();
        if (RegistryWords.Status(status) is null) return (null, "status is neither active nor withdrawn");
        var businesses = List(fields[4]);
        if (Array.Exists(businesses, word => BusinessNames.Read(word) is null))
            return (null, "businesses holds something other than store, home and group");

        var homeStore = Number(fields[5]) ?? fields[5].Trim();
        if (homeStore.AsSpan().ContainsAny(Controls)) return (null, "home_store holds control characters");
        if (homeStore.Length > HomeStoreMaxLength)
            return (null, $"home_store is longer than {HomeStoreMaxLength} characters");

        var replacedBy = fields[6].Trim() is { Length: > 0 } field ? Number(field) ?? "" : null;
        if (replacedBy is "") return (null, "replaced_by is not a member number");
        if (replacedBy == number) return (null, "replaced_by is the member's own number");

        return (
            new(
                number,
                Json(phones),
                birthDateHash,
                status,
                Json(businesses),
                homeStore.Length == 0 ? null : homeStore,
                replacedBy),
            null);
    }

    private static string[]? Hashes(string field, RegistryHash hash)
    {
        var phones = List(field);
        for (var i = 0; i < phones.Length; i++)
        {
            if (Phone.Read(phones[i]) is not { } phone) return null;
            phones[i] = hash.Phone(phone);
        }

        return phones;
    }

    private static string[] List(string field)
    {
        var words = field.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return words is [] or [_] || (words is [var one, var other] && one != other) // nearly always
            ? words
            : [.. words.Distinct()];
    }

    /// <param name="words">Of letters and digits, which JSON takes as they are.</param>
    private static string Json(string[] words)
    {
        var json = new DefaultInterpolatedStringHandler();
        foreach (var word in words)
        {
            json.AppendLiteral(json.Text.IsEmpty ? "[\"" : "\",\"");
            json.AppendLiteral(word);
        }

        json.AppendLiteral(json.Text.IsEmpty ? "[]" : "\"]");
        return json.ToStringAndClear();
    }
}

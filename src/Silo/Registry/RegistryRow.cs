using System.Buffers.Binary;
using System.Text;

namespace CoopLine.Silo.Registry;

/// <summary>A row of the file as it is stored: readable, and without phones and birth dates.</summary>
/// <param name="columns">
/// From member_number to replaced_by, each as PostgreSQL's binary COPY has it: the length in bytes, four bytes of them and the
/// highest first, or -1 for null; then the text in UTF-8. A million rows are not worth a string for each column.
/// </param>
internal sealed class RegistryRow(string memberNumber, byte[] columns)
{
    public const int ColumnCount = 7;

    private const int Null = -1;

    public string MemberNumber => memberNumber;

    public byte[] Columns => columns;

    /// <summary>Withdrawn or replaced.</summary>
    public bool HasLeft => Texts() is not [_, _, _, "active", _, _, null];

    /// <summary>A row of these texts: the member number first.</summary>
    public static RegistryRow Of(params ReadOnlySpan<string?> texts)
    {
        var columns = new List<byte>();
        foreach (var text in texts) columns.AddRange(Column(text));
        return new(texts[0]!, [.. columns]);
    }

    public static byte[] Column(string? text)
    {
        var column = new byte[sizeof(int) + (text is null ? 0 : Encoding.UTF8.GetByteCount(text))];
        BinaryPrimitives.WriteInt32BigEndian(column, text is null ? Null : column.Length - sizeof(int));
        Encoding.UTF8.GetBytes(text, column.AsSpan(sizeof(int)));
        return column;
    }

    public string?[] Texts()
    {
        var texts = new string?[ColumnCount];
        var rest = Columns.AsSpan();
        for (var i = 0; i < texts.Length; i++)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(rest);
            rest = rest[sizeof(int)..];
            if (length == Null) continue;
            texts[i] = Encoding.UTF8.GetString(rest[..length]);
            rest = rest[length..];
        }

        return texts;
    }
}

using System.Buffers;
using System.Text.Unicode;
using CoopLine.Grains.Registry;

namespace CoopLine.Silo.Registry;

/// <summary>
/// Decides a file's encoding by all of it: each line that is not plain ASCII has a vote. So one broken line does not decide,
/// and neither does a beginning without Japanese.
/// </summary>
internal sealed class EncodingVote
{
    private static readonly SearchValues<byte> AsciiAndHalfWidthKana =
        SearchValues.Create([.. Enumerable.Range(0, 0x80).Concat(Enumerable.Range(0xA1, 0x3F)).Select(code => (byte)code)]);

    private long utf8;
    private long shiftJis;
    private long halfWidthKana;

    /// <summary>UTF-8 for a file that is plain ASCII, which reads the same in both.</summary>
    public FileEncoding Winner =>
        shiftJis > utf8 || (halfWidthKana > 0 && utf8 == 0) ? FileEncoding.ShiftJis : FileEncoding.Utf8;

    /// <param name="lines">Whole lines.</param>
    public void Count(ReadOnlySpan<byte> lines)
    {
        while (lines.IndexOfAnyExceptInRange((byte)0, (byte)0x7F) is >= 0 and var at)
        {
            var begin = lines[..at].LastIndexOf((byte)'\n') + 1;
            var length = lines[at..].IndexOf((byte)'\n');
            var end = length < 0 ? lines.Length : at + length;
            CountLine(lines[begin..end]);
            lines = lines[end..];
        }
    }

    /// <summary>Shift_JIS text is hardly ever valid UTF-8, except for half-width kana: ﾃｽ are the bytes of ý.</summary>
    private void CountLine(ReadOnlySpan<byte> line)
    {
        if (!Utf8.IsValid(line)) shiftJis++;
        else if (line.ContainsAnyExcept(AsciiAndHalfWidthKana)) utf8++;
        else halfWidthKana++;
    }
}

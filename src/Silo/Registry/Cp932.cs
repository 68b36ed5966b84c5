using System.Text;

namespace CoopLine.Silo.Registry;

/// <summary>
/// Shift_JIS as Windows reads it: code page 932. Some characters have two codes in it, and .NET's table knows one of them:
/// 髙 and 﨑 from Excel may come with the other. Source:
/// <see href="https://www.unicode.org/Public/MAPPINGS/VENDORS/MICSFT/WINDOWS/CP932.TXT">Unicode's table</see>.
/// </summary>
internal static class Cp932
{
    /// <summary>What the bytes become that stand for nothing.</summary>
    public const char Unknown = '\uFFFD';

    private const int TrailCount = 188; // 40 to 7E and 80 to FC

    /// <summary>The codes that .NET lacks: the first one, and the characters from there on.</summary>
    private static readonly (int First, string Characters)[] SecondCodes =
    [
        (0x8790, "≒≡∫"),
        (0x8795, "√⊥∠"),
        (0x879A, "∵∩∪"),
        (0xEEEF, "ⅰⅱⅲⅳⅴⅵⅶⅷⅸⅹ￢￤＇＂"),
        (0xFA4A, "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ￢"),
        (0xFA58, "㈱№℡∵"),
    ];

    /// <summary>360 kanji that NEC and IBM each put into a place of their own, in the same order.</summary>
    private static readonly (int Nec, int Ibm, int Count) Kanji = (0xED40, 0xFA5C, 360);

    private static readonly Encoding Platform = Get(DecoderFallback.ReplacementFallback);

    private static readonly Dictionary<int, char> Others = ReadOthers();

    public static Encoding Encoding { get; } = Get(new Fallback());

    /// <summary>Whether all bytes stood for something. Alone, A0 and FD to FF become one of U+F8F0 to U+F8F3.</summary>
    public static bool IsWellDecoded(ReadOnlySpan<byte> utf8) =>
        utf8.IndexOf("\uFFFD"u8) < 0 && utf8.IndexOf("\uF8F0"u8[..2]) < 0;

    private static Encoding Get(DecoderFallback fallback) =>
        CodePagesEncodingProvider.Instance.GetEncoding(932, EncoderFallback.ReplacementFallback, fallback)!;

    private static Dictionary<int, char> ReadOthers()
    {
        var others = new Dictionary<int, char>();
        foreach (var (first, characters) in SecondCodes)
            for (var i = 0; i < characters.Length; i++)
                others.Add(Code(Place(first) + i), characters[i]);
        for (var i = 0; i < Kanji.Count; i++)
        {
            var ibm = Code(Place(Kanji.Ibm) + i);
            others.Add(Code(Place(Kanji.Nec) + i), Platform.GetString([(byte)(ibm >> 8), (byte)ibm])[0]);
        }

        return others;
    }

    /// <summary>Where a code stands when all are counted through, lead byte by lead byte.</summary>
    private static int Place(int code) => ((code >> 8) * TrailCount) + (code & 0xFF) - ((code & 0xFF) > 0x7F ? 0x41 : 0x40);

    private static int Code(int place)
    {
        var trail = (place % TrailCount) + 0x40;
        return (place / TrailCount << 8) + trail + (trail >= 0x7F ? 1 : 0);
    }

    /// <summary>Is asked about every pair that .NET does not know.</summary>
    private sealed class Fallback : DecoderFallback
    {
        public override int MaxCharCount => 2;

        public override DecoderFallbackBuffer CreateFallbackBuffer() => new Buffer();
    }

    private sealed class Buffer : DecoderFallbackBuffer
    {
        private string text = "";
        private int given;

        public override int Remaining => text.Length - given;

        /// <summary>A character that was cut off takes no comma and no line break with it.</summary>
        public override bool Fallback(byte[] bytesUnknown, int index)
        {
            given = 0;
            text = bytesUnknown switch
            {
                [var lead, var trail] when Others.TryGetValue((lead << 8) + trail, out var other) => $"{other}",
                [_, < 0x80 and var ascii] => $"{Unknown}{(char)ascii}",
                _ => $"{Unknown}",
            };
            return true;
        }

        public override char GetNextChar() => given < text.Length ? text[given++] : '\0';

        public override bool MovePrevious()
        {
            if (given == 0) return false;
            given--;
            return true;
        }

        public override void Reset() => (text, given) = ("", 0);
    }
}

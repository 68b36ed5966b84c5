namespace CoopLine.Grains.Registry;

public enum FileEncoding
{
    Utf8,

    /// <summary>As Windows has it: CP932.</summary>
    ShiftJis,
}

public static class FileEncodings
{
    /// <summary>By the names that programs give them.</summary>
    /// <returns>Null when it is another encoding.</returns>
    public static FileEncoding? Read(string charset) => charset.Trim('"', ' ').ToUpperInvariant() switch
    {
        "UTF-8" or "UTF8" or "US-ASCII" => FileEncoding.Utf8,
        "SHIFT_JIS" or "SHIFT-JIS" or "SJIS" or "X-SJIS" or "MS_KANJI" or "WINDOWS-31J" or "MS932" or "CP932" => FileEncoding.ShiftJis,
        _ => null,
    };
}

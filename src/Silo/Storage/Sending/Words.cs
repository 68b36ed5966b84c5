using System.Collections.Frozen;
using System.Text.Json;

namespace CoopLine.Silo.Storage.Sending;

/// <summary>Names of an enum as tables have them: as states and requests do.</summary>
internal static class Words
{
    public static string Of<T>(T value)
        where T : struct, Enum =>
        Named<T>.Words[value];

    public static T Read<T>(string word)
        where T : struct, Enum =>
        Enum.Parse<T>(word, ignoreCase: true);

    private static class Named<T>
        where T : struct, Enum
    {
        public static readonly FrozenDictionary<T, string> Words =
            Enum.GetValues<T>().ToFrozenDictionary(value => value, value => JsonNamingPolicy.CamelCase.ConvertName(value.ToString()));
    }
}

using System.Collections.Frozen;
using System.Text.Json;

namespace CoopLine.Grains;

/// <summary>Names of an enum as states, tables, requests and answers write them: <c>otherVariant</c>.</summary>
public static class EnumNames
{
    public static string Of<T>(T value)
        where T : struct, Enum =>
        Named<T>.Names[value];

    public static IEnumerable<string> All<T>()
        where T : struct, Enum =>
        Enum.GetValues<T>().Select(Of);

    /// <exception cref="FormatException">There is no such value.</exception>
    public static T Read<T>(string name)
        where T : struct, Enum =>
        TryRead<T>(name) ?? throw new FormatException($"No {typeof(T).Name} is called {name}.");

    /// <returns>Null when there is no such value.</returns>
    public static T? TryRead<T>(string name)
        where T : struct, Enum =>
        Named<T>.Values.TryGetValue(name, out var value) ? value : null;

    private static class Named<T>
        where T : struct, Enum
    {
        public static readonly FrozenDictionary<T, string> Names =
            Enum.GetValues<T>().ToFrozenDictionary(value => value, value => JsonNamingPolicy.CamelCase.ConvertName(value.ToString()));

        public static readonly FrozenDictionary<string, T> Values =
            Names.ToFrozenDictionary(one => one.Value, one => one.Key, StringComparer.Ordinal);
    }
}

using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CoopLine.Simulator.Line;

/// <summary>Who got, opened and clicked what was sent under one name.</summary>
/// <seealso href="https://developers.line.biz/en/docs/messaging-api/unit-based-statistics-aggregation/"/>
internal sealed partial class AggregationUnits
{
    private readonly ConcurrentDictionary<string, Unit> units = new();

    public IEnumerable<string> Names => units.Keys.Order(StringComparer.Ordinal);

    /// <param name="unit">The name in the body; null when it has none.</param>
    /// <returns>What is wrong with it; null for nothing.</returns>
    public static Fault? Read(JsonElement body, out string? unit)
    {
        const string property = "customAggregationUnits";
        unit = null;
        if (!body.TryGetProperty(property, out var names)) return null;
        if (names.ValueKind != JsonValueKind.Array || names.GetArrayLength() != 1) return new("Size must be 1", property);
        unit = names[0].ValueKind == JsonValueKind.String ? names[0].GetString() : null;
        return unit is not null && Name().IsMatch(unit) ? null : new("May only contain letters, digits and underscores, at most 30", property + "[0]");
    }

    public void Add(string unit) => units.GetOrAdd(unit, _ => new());

    public void Open(string unit, string userId) => units.GetOrAdd(unit, _ => new()).Opened[userId] = true;

    public void Click(string unit, string userId) => units.GetOrAdd(unit, _ => new()).Clicked[userId] = true;

    public (int Opened, int Clicked) Of(string unit) =>
        units.TryGetValue(unit, out var known) ? (known.Opened.Count, known.Clicked.Count) : (0, 0);

    private sealed record Unit
    {
        public ConcurrentDictionary<string, bool> Opened { get; } = new();
        public ConcurrentDictionary<string, bool> Clicked { get; } = new();
    }

    [GeneratedRegex(@"^[A-Za-z0-9_]{1,30}\z")]
    private static partial Regex Name();
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace CoopLine.Grains.Storage;

/// <summary>How states stand in the database: camelCase JSON, enums by name, nothing where there is no value.</summary>
public static class StateJson
{
    /// <summary>Later versions add properties; they never rename one or change its meaning.</summary>
    public static JsonSerializerOptions Options { get; } = new(JsonSerializerDefaults.General)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
}

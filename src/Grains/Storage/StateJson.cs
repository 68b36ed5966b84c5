using System.Collections;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace CoopLine.Grains.Storage;

/// <summary>How states are written: SQL reads them too, so names are camelCase, enums are words.</summary>
public static class StateJson
{
    /// <summary>Later versions add properties; they never rename one or change its meaning.</summary>
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        // By reflection: generated metadata loses the defaults of init-only properties that an older payload lacks.
        TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutEmptyLists } },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>There are millions of used coupons, and few of them have more than their use. A list that is missing is read as empty.</summary>
    private static void LeaveOutEmptyLists(JsonTypeInfo type)
    {
        if (!type.Type.IsAssignableTo(typeof(StateWithLedger))) return;
        foreach (var property in type.Properties)
        {
            if (property.PropertyType.IsAssignableTo(typeof(ICollection)) && property.PropertyType.IsValueType)
                property.ShouldSerialize = static (_, list) => list is ICollection { Count: > 0 };
        }
    }
}

using System.Text.Json;

namespace CoopLine.Grains.Line;

/// <summary>Reads JSON that others wrote: what is missing, of another kind, or no text is null and never an exception.</summary>
public static class ForeignJson
{
    extension(JsonElement json)
    {
        /// <summary>The last property of this name, as JSON has it. Names that are no text are passed over.</summary>
        public JsonElement? Property(string name)
        {
            if (json.ValueKind is not JsonValueKind.Object) return null;
            JsonElement? found = null;
            foreach (var property in json.EnumerateObject())
                if (IsCalled(property, name)) found = property.Value;
            return found;
        }

        public string? Text(string name) => json.Property(name)?.Text();

        /// <summary>Of the value itself.</summary>
        public string? Text()
        {
            if (json.ValueKind is not JsonValueKind.String) return null;
            try
            {
                return json.GetString();
            }
            catch (InvalidOperationException)
            {
                return null; // half a surrogate pair, or bytes that are no UTF-8
            }
        }

        public long? Number(string name) =>
            json.Property(name) is { ValueKind: JsonValueKind.Number } value && value.TryGetInt64(out var number) ? number : null;
    }

    private static bool IsCalled(JsonProperty property, string name)
    {
        try
        {
            return property.NameEquals(name);
        }
        catch (InvalidOperationException)
        {
            return false; // half a surrogate pair
        }
    }
}

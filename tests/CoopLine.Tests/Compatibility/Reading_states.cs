using System.Collections;
using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CoopLine.Grains.Storage;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Compatibility;

/// <summary>
/// Files as this version wrote them, in <c>payloads</c>. Later versions read them for ever: a file is never changed, a
/// new property comes with a new file beside the old ones.
/// </summary>
[NoDatabase]
public sealed class Reading_states
{
    /// <summary>As stored, but on many lines, so that a difference is seen.</summary>
    private static readonly JsonSerializerOptions Readable = new(StateJson.Options) { WriteIndented = true };

    public static TheoryData<string> Files() => [.. Golden.All.Keys];

    public static TheoryData<Type> States() => [.. Golden.All.Values.Select(state => state.GetType()).Distinct()];

    public static TheoryData<string> FilesOfToday() => [.. Golden.All.Keys.Except(Golden.InAnotherForm)];

    [Theory]
    [MemberData(nameof(FilesOfToday))]
    public void What_is_written_today_is_what_was_written(string file)
    {
        var state = Golden.All[file];

        Assert.Equal(Payload(file), JsonSerializer.Serialize(state, state.GetType(), Readable));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void What_was_written_is_read_whole_but_for_the_rows_that_were_filed(string file)
    {
        var read = JsonSerializer.Deserialize(Payload(file), Golden.All[file].GetType(), StateJson.Options)!;

        Assert.Equal(WithoutRows(file), JsonSerializer.Serialize(read, read.GetType(), Readable));
    }

    [Theory]
    [MemberData(nameof(States))]
    public void The_files_hold_every_property_there_is(Type state)
    {
        var written = new HashSet<string>();
        foreach (var (file, golden) in Golden.All)
        {
            if (golden.GetType() == state) Names(JsonNode.Parse(Payload(file))!, "", written);
        }

        Assert.Empty(Expected(state, "").Except(written));
    }

    [Theory]
    [MemberData(nameof(States))]
    public void An_older_payload_without_optional_properties_is_read_with_defaults(Type state)
    {
        var empty = JsonSerializer.Deserialize("{}", state, StateJson.Options)!;

        Assert.Equivalent(Activator.CreateInstance(state), empty, strict: true);
        Assert.Empty(MissingLists(empty, state.Name));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void An_older_payload_may_lack_any_property_of_the_state(string file)
    {
        var type = Golden.All[file].GetType();
        foreach (var property in JsonNode.Parse(Payload(file))!.AsObject().Select(one => one.Key).ToArray())
        {
            var older = JsonNode.Parse(Payload(file))!.AsObject();
            older.Remove(property);
            var read = older.Deserialize(type, StateJson.Options)!;

            Assert.Empty(MissingLists(read, property));
        }
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void Properties_of_a_later_version_are_ignored(string file)
    {
        var type = Golden.All[file].GetType();
        var later = JsonNode.Parse(Payload(file))!.AsObject();
        AddUnknown(later);

        Assert.Equal(
            WithoutRows(file), JsonSerializer.Serialize(later.Deserialize(type, StateJson.Options), type, Readable));
    }

    private static string Payload(string file) =>
        File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Compatibility", "payloads", file + ".json")).TrimEnd();

    private static string WithoutRows(string file)
    {
        var state = Golden.All[file] is StateWithLedger filed ? filed.Written() : Golden.All[file];
        return JsonSerializer.Serialize(state, state.GetType(), Readable);
    }

    private static void AddUnknown(JsonNode? node)
    {
        if (node is JsonArray list) foreach (var item in list) AddUnknown(item);
        if (node is not JsonObject one) return;
        foreach (var (_, value) in one.ToArray()) AddUnknown(value);
        if (one.GetPath().EndsWith(".limits.stores", StringComparison.Ordinal)) return; // by the stores' numbers: it has no properties
        one["ofALaterVersion"] = new JsonObject { ["list"] = new JsonArray(1, "two") };
    }

    /// <summary>Paths of the properties in a payload: <c>link.account</c>.</summary>
    private static void Names(JsonNode? node, string path, HashSet<string> names)
    {
        if (node is JsonArray list) foreach (var item in list) Names(item, path, names);
        if (node is not JsonObject one) return;
        foreach (var (name, value) in one)
        {
            names.Add(path + name);
            Names(value, path + name + ".", names);
        }
    }

    /// <summary>Paths of the properties that the types have.</summary>
    private static IEnumerable<string> Expected(Type type, string path)
    {
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetCustomAttribute<JsonIgnoreAttribute>() is { Condition: not JsonIgnoreCondition.WhenReading }) continue;
            var name = path + JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            yield return name;
            var inner = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
            if (inner.IsGenericType && inner.GetGenericTypeDefinition() == typeof(ImmutableArray<>)) inner = inner.GetGenericArguments()[0];
            if (inner.Namespace?.StartsWith("CoopLine", StringComparison.Ordinal) != true || inner.IsEnum) continue;
            if (inner.IsDefined(typeof(JsonConverterAttribute))) continue; // a text
            foreach (var deeper in Expected(inner, name + ".")) yield return deeper;
        }
    }

    /// <summary>Lists that throw when somebody looks at them.</summary>
    private static IEnumerable<string> MissingLists(object? value, string path)
    {
        if (value is null or string || value.GetType().IsPrimitive || value.GetType().IsEnum) yield break;
        var type = value.GetType();
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>))
        {
            if ((bool)type.GetProperty("IsDefault")!.GetValue(value)!)
            {
                yield return path;
                yield break;
            }

            foreach (var item in (IEnumerable)value)
            {
                foreach (var missing in MissingLists(item, path + "[]")) yield return missing;
            }
        }

        if (type.Namespace?.StartsWith("CoopLine", StringComparison.Ordinal) != true) yield break;
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            foreach (var missing in MissingLists(property.GetValue(value), path + "." + property.Name)) yield return missing;
        }
    }
}

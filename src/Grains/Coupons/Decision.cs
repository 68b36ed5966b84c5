using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CoopLine.Grains.Coupons;

/// <summary>One call of a till, however often the program itself repeats it: 16 hexadecimal digits that nobody can guess.</summary>
[GenerateSerializer, Immutable, Alias("coopline.attempt"), JsonConverter(typeof(AttemptJson))]
public readonly record struct Attempt([property: Id(0)] string Name)
{
    public static Attempt New() => new(RandomNumberGenerator.GetHexString(16, lowercase: true));
}

/// <summary>
/// One plan for a receipt, which takes one, whoever carries it out: 32 hexadecimal digits, of which the first half is the
/// attempt's. Nobody can guess it.
/// </summary>
[GenerateSerializer, Immutable, Alias("coopline.decision"), JsonConverter(typeof(DecisionJson))]
public readonly record struct Decision([property: Id(0)] string Name)
{
    public static Decision New(Attempt attempt) => new(attempt.Name + RandomNumberGenerator.GetHexString(16, lowercase: true));

    public bool IsOf(Attempt attempt) => Name.StartsWith(attempt.Name, StringComparison.Ordinal);
}

internal sealed class AttemptJson() : TextJson<Attempt>(text => new(text), attempt => attempt.Name);

internal sealed class DecisionJson() : TextJson<Decision>(text => new(text), decision => decision.Name);

/// <summary>A value that is one text in states.</summary>
internal abstract class TextJson<T>(Func<string, T> read, Func<T, string> write) : JsonConverter<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => read(reader.GetString()!);

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(write(value));
}

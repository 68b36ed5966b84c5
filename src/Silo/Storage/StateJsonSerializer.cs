using System.Text.Json;
using Orleans.Storage;

namespace CoopLine.Silo.Storage;

/// <summary>Plain System.Text.Json. Orleans' own such serializer insists on options that it made itself.</summary>
internal sealed class StateJsonSerializer(JsonSerializerOptions options) : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, options));

    public T Deserialize<T>(BinaryData input) => input.ToObjectFromJson<T>(options)!;
}

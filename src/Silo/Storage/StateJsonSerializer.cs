using System.Text.Json;
using CoopLine.Grains.Storage;
using Orleans.Storage;

namespace CoopLine.Silo.Storage;

/// <summary>
/// States as <see cref="StateJson"/> says. Orleans' own JSON serializer insists on options that it has made itself.
/// </summary>
internal sealed class StateJsonSerializer : IGrainStorageSerializer
{
    public BinaryData Serialize<T>(T? input) => new(JsonSerializer.SerializeToUtf8Bytes(input, StateJson.Options));

    public T Deserialize<T>(BinaryData input) => input.ToObjectFromJson<T>(StateJson.Options)!;
}

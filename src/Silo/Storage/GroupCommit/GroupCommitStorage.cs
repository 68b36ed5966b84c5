using System.Globalization;
using System.Text;
using CoopLine.Grains;
using CoopLine.Grains.Storage;
using CoopLine.Silo.Storage.Batching;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Serialization.Serializers;
using Orleans.Storage;

namespace CoopLine.Silo.Storage.GroupCommit;

/// <summary>
/// Grain storage on the AdoNet provider's table, with its etags, conflicts and tombstones, that reads and commits the
/// states of many grains together. One provider can take the other's place at any start.
/// </summary>
internal sealed class GroupCommitStorage : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>, IAsyncDisposable
{
    /// <summary>A larger state is a mistake, and is refused before it can hold up others.</summary>
    public const int MaxPayloadBytes = 4 * 1024 * 1024;

    private const int MaxBatch = 512;

    private readonly IGrainStorageSerializer serializer;
    private readonly IActivatorProvider activators;
    private readonly OrleansDefaultHasher hasher = new();
    private readonly BatchQueue<StateRead, StoredState?> reads;
    private readonly BatchQueue<StateWrite, int?> writes;

    public GroupCommitStorage(
        IStateTable table, IOptionsMonitor<AdoNetGrainStorageOptions> options, IActivatorProvider activators)
    {
        this.activators = activators;
        serializer = options.Get(StateNames.Storage).GrainStorageSerializer;
        reads = new(workers: 2, MaxBatch, table.Read);
        // While one batch waits for the disk, the next one is executed.
        writes = new(workers: 2, MaxBatch, table.Commit);
    }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ReadStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task ReadStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var found = await reads.Add(new(Row(stateName, grainId)), cancellationToken);
        grainState.RecordExists = found?.Payload is not null;
        grainState.ETag = found is null ? null : Etag(found.Version);
        grainState.State = found?.Payload is { } payload
            ? serializer.Deserialize<T>(new BinaryData(payload))
            : activators.GetActivator<T>().Create();
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task WriteStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        // Serialized before it is queued: what the grain does next is not part of this write.
        var payload = serializer.Serialize(grainState.State).ToArray();
        if (payload.Length > MaxPayloadBytes)
        {
            throw new InvalidOperationException(
                $"State {stateName} has {payload.Length} bytes; at most {MaxPayloadBytes} can be stored.");
        }

        grainState.ETag = await Write(stateName, grainId, payload, grainState.ETag, cancellationToken);
        grainState.RecordExists = true;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ClearStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task ClearStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        if (grainState is { ETag: null, RecordExists: false })
        {
            await ReadStateAsync(stateName, grainId, grainState, cancellationToken);
            if (grainState.ETag is null) return; // There is nothing to clear.
        }

        grainState.ETag = await Write(stateName, grainId, null, grainState.ETag, cancellationToken);
        grainState.RecordExists = false;
        grainState.State = activators.GetActivator<T>().Create();
    }

    public void Participate(ISiloLifecycle observer) => observer.Subscribe(
        nameof(GroupCommitStorage),
        ServiceLifecycleStage.ApplicationServices,
        _ => Task.CompletedTask,
        async _ => await DisposeAsync());

    /// <summary>Writes what was accepted, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        await writes.DisposeAsync();
        await reads.DisposeAsync();
    }

    private async Task<string> Write(
        string stateName, GrainId grainId, byte[]? payload, string? etag, CancellationToken cancellation)
    {
        var write = new StateWrite(Row(stateName, grainId), payload, Version(etag));
        return await writes.Add(write, cancellation) is { } version
            ? Etag(version)
            : throw new InconsistentStateException(
                $"State {stateName} was changed by somebody else.", storedEtag: "Unknown", currentEtag: etag ?? "none");
    }

    private StateRow Row(string stateName, GrainId grainId)
    {
        var key = grainId.Key.ToString()!;
        // The AdoNet provider would fold such keys together (dotnet/orleans#9706). GrainKeys makes none.
        if (!GrainKeys.IsSafe(key))
            throw new ArgumentException("A grain key starts with a letter that is no hexadecimal digit, and a hyphen.", nameof(grainId));
        var backwards = Encoding.UTF8.GetBytes(key);
        Array.Reverse(backwards); // That is how it hashes keys, and not names.
        return new(hasher.Hash(backwards), hasher.Hash(Encoding.UTF8.GetBytes(stateName)), stateName, key);
    }

    private static string Etag(int version) => version.ToString(CultureInfo.InvariantCulture);

    private static int? Version(string? etag) => etag is null ? null : int.Parse(etag, CultureInfo.InvariantCulture);
}

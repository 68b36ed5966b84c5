using System.Globalization;
using System.Text.Json;
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

    /// <summary>So many states are committed together at most.</summary>
    public const int MaxBatch = 512;

    private readonly IGrainStorageSerializer serializer;
    private readonly IActivatorProvider activators;
    private readonly StateReader reader;
    private readonly BatchQueue<StateWrite, int?> writes;

    public GroupCommitStorage(
        IStateTable table, StateReader reader, IOptionsMonitor<AdoNetGrainStorageOptions> options,
        IActivatorProvider activators)
    {
        this.reader = reader;
        this.activators = activators;
        serializer = options.Get(StateNames.Storage).GrainStorageSerializer;
        // While one batch waits for the disk, the next one is executed.
        writes = new("commit", workers: 2, MaxBatch, table.Commit);
    }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        ReadStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task ReadStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var found = await reader.Find(Row(stateName, grainId), cancellationToken);
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
        // Ledger rows go beside the payload, as columns.
        var change = grainState.State as StateWithLedger;
        var state = change is null ? grainState.State : (T)(object)change.Written();
        // Serialized before it is queued: what the grain does next is not part of this write.
        var payload = serializer.Serialize(state).ToArray();
        var write = new StateWrite(
            Row(stateName, grainId), payload, Version(grainState.ETag), IsPending(payload), change?.Ledger ?? [],
            (change as StateWithCounts)?.Counts ?? [], change?.Relied);
        if (write.Bytes > MaxPayloadBytes)
        {
            throw new InvalidOperationException(
                $"State {stateName} has {write.Bytes} bytes; at most {MaxPayloadBytes} can be stored.");
        }

        grainState.ETag = await Write(write, cancellationToken);
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

        var clear = new StateWrite(Row(stateName, grainId), null, Version(grainState.ETag), pending: false, [], [], null);
        grainState.ETag = await Write(clear, cancellationToken);
        grainState.RecordExists = false;
        grainState.State = activators.GetActivator<T>().Create();
    }

    public void Participate(ISiloLifecycle observer) => observer.Subscribe(
        nameof(GroupCommitStorage),
        ServiceLifecycleStage.ApplicationServices,
        _ => Task.CompletedTask,
        async _ => await DisposeAsync());

    /// <summary>Writes what was accepted, then ends.</summary>
    public ValueTask DisposeAsync() => writes.DisposeAsync();

    private async Task<string> Write(StateWrite write, CancellationToken cancellation)
    {
        if (await writes.Add(write, cancellation) is { } version) return Etag(version);

        Telemetry.Conflicts.Add(1);
        throw new InconsistentStateException(
            $"State {write.Row.StateName}, or what its change relied on, was changed by somebody else.",
            storedEtag: "Unknown",
            currentEtag: write.Version is { } expected ? Etag(expected) : "none");
    }

    private static bool IsPending(ReadOnlySpan<byte> payload)
    {
        if (payload.IndexOf("\"pending\""u8) < 0) return false; // Most payloads have no such word.
        var json = new Utf8JsonReader(payload);
        while (json.Read())
        {
            if (json.CurrentDepth != 1 || json.TokenType != JsonTokenType.PropertyName || !json.ValueTextEquals("pending"u8)) continue;
            json.Read();
            return json.TokenType == JsonTokenType.True;
        }

        return false;
    }

    private static StateRow Row(string stateName, GrainId grainId) => StateRow.Of(stateName, grainId.Key.ToString()!);

    private static string Etag(int version) => version.ToString(CultureInfo.InvariantCulture);

    private static int? Version(string? etag) => etag is null ? null : int.Parse(etag, CultureInfo.InvariantCulture);
}

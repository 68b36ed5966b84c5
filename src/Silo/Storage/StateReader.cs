using System.Text.Json;
using CoopLine.Grains.Storage;
using CoopLine.Silo.Storage.Batching;
using CoopLine.Silo.Storage.GroupCommit;

namespace CoopLine.Silo.Storage;

/// <summary>Reads the states that are asked for at the same moment with one statement.</summary>
internal sealed class StateReader(IStateTable table) : IStateReader, IAsyncDisposable
{
    private const int Workers = 1;
    private const int MaxBatch = 512;

    private readonly BatchQueue<StateRead, StoredState?> queue = new("read", Workers, MaxBatch, table.Read);

    public Task<StoredState?> Find(StateRow row, CancellationToken cancellation) => queue.Add(new(row), cancellation);

    public async Task<Stored<TState>> Read<TState>(string stateName, string key)
        where TState : class
    {
        var found = await Find(StateRow.Of(stateName, key), CancellationToken.None);
        return new(
            found?.Payload is { } payload ? JsonSerializer.Deserialize<TState>(payload, StateJson.Options) : null, found?.Version ?? 0);
    }

    public ValueTask DisposeAsync() => queue.DisposeAsync();
}

using Orleans.Storage;

namespace CoopLine.Grains.Storage;

/// <summary>
/// A state that its grain does not read when it wakes. Until it is read or written it looks like one that was never written;
/// if that is wrong, a write finds it out.
/// </summary>
internal sealed class LateState<TState>(string name, GrainId grain, IGrainStorage storage) : IPersistentState<TState>
    where TState : class
{
    private readonly GrainState<TState> stored = new(Activator.CreateInstance<TState>());

    /// <summary>Whether it was read or written.</summary>
    public bool IsKnown { get; private set; }

    public TState State
    {
        get => stored.State!;
        set => stored.State = value;
    }

    public string Etag => stored.ETag!;

    public bool RecordExists => stored.RecordExists;

    public Task ReadStateAsync() => Ask(storage.ReadStateAsync(name, grain, stored));

    public Task WriteStateAsync() => Ask(storage.WriteStateAsync(name, grain, stored));

    public Task ClearStateAsync() => Ask(storage.ClearStateAsync(name, grain, stored));

    private async Task Ask(Task asked)
    {
        try
        {
            await asked;
            IsKnown = true;
        }
        catch (Exception e) when (e is not OrleansException)
        {
            throw new OrleansException($"The storage failed for state {name}.", e); // as Orleans says it of its own states
        }
    }
}

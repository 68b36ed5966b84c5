using CoopLine.Grains.Storage;
using Orleans.Storage;

namespace CoopLine.Tests.Fixtures;

public enum Fault
{
    /// <summary>The write never reaches the database.</summary>
    BeforeTheWrite,

    /// <summary>The write is committed, and the grain is told that it failed.</summary>
    AfterTheCommit,
}

/// <summary>Faults ordered by a test: each strikes the next write of one state, once.</summary>
public sealed class Faults
{
    private readonly List<(string StateName, Fault Fault)> ordered = [];

    public int Struck { get; private set; }

    public void Order(string stateName, Fault fault)
    {
        lock (ordered) ordered.Add((stateName, fault));
    }

    /// <summary>Wraps the storage that the silo has registered; call it after <c>AddStorage</c>.</summary>
    public void Strike(IServiceCollection services)
    {
        const string whole = "without faults";
        var real = services.Last(service =>
            service.ServiceType == typeof(IGrainStorage) && StateNames.Storage.Equals(service.ServiceKey));
        services.AddKeyedSingleton<IGrainStorage>(
            whole, (provider, _) => (IGrainStorage)real.KeyedImplementationFactory!(provider, StateNames.Storage));
        services.AddKeyedSingleton<IGrainStorage>(
            StateNames.Storage,
            (provider, _) => new FaultyStorage(provider.GetRequiredKeyedService<IGrainStorage>(whole), this));
    }

    internal Fault? Take(string stateName)
    {
        lock (ordered)
        {
            var next = ordered.FindIndex(order => order.StateName == stateName);
            if (next < 0) return null;
            var fault = ordered[next].Fault;
            ordered.RemoveAt(next);
            Struck++;
            return fault;
        }
    }
}

/// <summary>The real storage, interrupted where a test has ordered it.</summary>
internal sealed class FaultyStorage(IGrainStorage real, Faults faults)
    : IGrainStorage, ILifecycleParticipant<ISiloLifecycle>
{
    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        real.ReadStateAsync(stateName, grainId, grainState);

    public Task ReadStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        real.ReadStateAsync(stateName, grainId, grainState, cancellationToken);

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        WriteStateAsync(stateName, grainId, grainState, CancellationToken.None);

    public async Task WriteStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        var fault = faults.Take(stateName);
        if (fault == Fault.BeforeTheWrite) throw new IOException("ordered: not written");
        if (fault != Fault.AfterTheCommit)
        {
            await real.WriteStateAsync(stateName, grainId, grainState, cancellationToken);
            return;
        }

        // The grain must not learn the new etag either: it has only seen a failure.
        var copy = new GrainState<T>(grainState.State, grainState.ETag) { RecordExists = grainState.RecordExists };
        await real.WriteStateAsync(stateName, grainId, copy, cancellationToken);
        throw new IOException("ordered: written, but not confirmed");
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        real.ClearStateAsync(stateName, grainId, grainState);

    public Task ClearStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        real.ClearStateAsync(stateName, grainId, grainState, cancellationToken);

    public void Participate(ISiloLifecycle observer) =>
        ((ILifecycleParticipant<ISiloLifecycle>)real).Participate(observer);
}

using System.Collections.Immutable;
using CoopLine.Grains.Members;
using CoopLine.Grains.Storage;
using CoopLine.Silo.Storage.Forgetting;
using Orleans.Storage;

namespace CoopLine.Tests.Fixtures;

public enum Fault
{
    /// <summary>The write never reaches the database.</summary>
    BeforeTheWrite,

    /// <summary>The write is committed, and the grain is told that it failed.</summary>
    AfterTheCommit,
}

/// <summary>Faults ordered by a test: each strikes one write of one state, once; a crash strikes all of them until it is over.</summary>
public sealed class Faults
{
    private readonly List<Ordered> ordered = [];
    private readonly List<HeldWrite> held = [];
    private readonly List<string> written = [];
    private TaskCompletionSource change = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int? writesUntilCrash;
    private int striking;

    public int Struck { get; private set; }

    /// <summary>Writes that failed since <see cref="ForgetFailed"/>, also those that met a newer state.</summary>
    public int Failed { get; private set; }

    /// <summary>The process is as good as dead: nothing that it writes reaches the database any more.</summary>
    public bool Crashed { get; private set; }

    /// <summary>Completes when the next write has ended, well or not. Take it before looking, so that none slips between.</summary>
    public Task NextWrite
    {
        get
        {
            lock (ordered) return change.Task;
        }
    }

    /// <param name="nth">1 for the next write of this state, 2 for the one after it.</param>
    /// <param name="key">Of the grain that it strikes; without one, any.</param>
    public void Order(string stateName, Fault fault, int nth = 1, string? key = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(nth);
        lock (ordered) ordered.Add(new(stateName, key, fault) { Until = nth });
    }

    /// <summary>Holds one write back, before it reaches the database; what comes after it goes on.</summary>
    /// <param name="nth">1 for the next write of this state, 2 for the one after it.</param>
    /// <param name="committed">Let it reach the database, and hold its confirmation back.</param>
    public HeldWrite Hold(string stateName, int nth = 1, bool committed = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(nth);
        var write = new HeldWrite(stateName, committed) { Until = nth };
        lock (ordered) held.Add(write);
        return write;
    }

    /// <summary>After so many more writes, of any state, every write fails until <see cref="Recover"/>.</summary>
    public void CrashAfter(int writes)
    {
        lock (ordered) writesUntilCrash = writes;
    }

    /// <summary>Waits until everything ordered has happened.</summary>
    /// <exception cref="TimeoutException">Nothing was written for a minute.</exception>
    public async Task AllStruck()
    {
        while (true)
        {
            var written = NextWrite;
            string[] left;
            lock (ordered)
            {
                if (ordered is [] && striking == 0) return;
                left = [.. ordered.Select(order => order.StateName)];
            }

            await Until(written, $"Ordered, and not happened: {string.Join(", ", left)}");
        }
    }

    /// <param name="written">From <see cref="NextWrite"/>.</param>
    /// <exception cref="TimeoutException">With these words: nothing was written for a minute.</exception>
    public static async Task Until(Task written, string still)
    {
        try
        {
            await written.WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException(still);
        }
    }

    public void ForgetFailed()
    {
        lock (ordered) Failed = 0;
    }

    /// <summary>Ends a crash, and forgets what was ordered and did not happen.</summary>
    public void Recover()
    {
        lock (ordered)
        {
            ordered.Clear();
            writesUntilCrash = null;
            Crashed = false;
        }
    }

    /// <summary>The states written since the last call, a name for each write.</summary>
    public IReadOnlyList<string> Counted()
    {
        lock (ordered)
        {
            string[] names = [.. written];
            written.Clear();
            return names;
        }
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
        services.AddSingleton<Erasures>();
        services.AddSingleton<IErasures>(provider => new FaultyErasures(provider.GetRequiredService<Erasures>(), this));
    }

    internal Fault? Take(string stateName, string key)
    {
        lock (ordered)
        {
            written.Add(stateName);
            if (writesUntilCrash-- == 0) Crashed = true;
            if (Crashed)
            {
                writesUntilCrash = null;
                striking++;
                return Fault.BeforeTheWrite;
            }

            foreach (var order in ordered.Where(order => order.StateName == stateName && (order.Key ?? key) == key)) order.Until--;
            if (ordered.Find(order => order.Until == 0) is not { } due) return null;
            ordered.Remove(due);
            striking++;
            return due.Fault;
        }
    }

    /// <summary>What was taken has been done.</summary>
    internal void HasStruck()
    {
        lock (ordered) (striking, Struck) = (striking - 1, Struck + 1);
    }

    /// <summary>Waits if this write, or its confirmation, is held back.</summary>
    internal Task Pass(string stateName, bool committed)
    {
        lock (ordered)
        {
            foreach (var write in held.Where(write => write.StateName == stateName && write.Committed == committed)) write.Until--;
            if (held.Find(write => write.Until == 0) is not { } due) return Task.CompletedTask;
            held.Remove(due);
            return due.Wait();
        }
    }

    internal void Ended(bool well)
    {
        lock (ordered)
        {
            if (!well) Failed++;
            change.SetResult();
            change = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    private sealed record Ordered(string StateName, string? Key, Fault Fault)
    {
        public int Until { get; set; }
    }
}

/// <summary>A write between the grain and the database, or its confirmation on the way back.</summary>
public sealed class HeldWrite(string stateName, bool committed)
{
    private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource released = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the write has come; throws when it has not in a minute.</summary>
    public Task Reached => reached.Task.WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System);

    internal string StateName => stateName;

    internal bool Committed => committed;

    internal int Until { get; set; }

    public void Release() => released.SetResult();

    internal Task Wait()
    {
        reached.SetResult();
        return released.Task;
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
        var well = false;
        try
        {
            await Write(stateName, grainId, grainState, cancellationToken);
            well = true;
        }
        finally
        {
            faults.Ended(well);
        }
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
        real.ClearStateAsync(stateName, grainId, grainState);

    public Task ClearStateAsync<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken) =>
        real.ClearStateAsync(stateName, grainId, grainState, cancellationToken);

    public void Participate(ISiloLifecycle observer) =>
        ((ILifecycleParticipant<ISiloLifecycle>)real).Participate(observer);

    private async Task Write<T>(
        string stateName, GrainId grainId, IGrainState<T> grainState, CancellationToken cancellationToken)
    {
        await faults.Pass(stateName, committed: false);
        var fault = faults.Take(stateName, grainId.Key.ToString()!);
        if (fault is null)
        {
            await real.WriteStateAsync(stateName, grainId, grainState, cancellationToken);
            await faults.Pass(stateName, committed: true);
            return;
        }

        try
        {
            if (fault == Fault.BeforeTheWrite) throw new IOException("ordered: not written");
            // The grain must not learn the new etag either: it has only seen a failure.
            var copy = new GrainState<T>(grainState.State, grainState.ETag) { RecordExists = grainState.RecordExists };
            await real.WriteStateAsync(stateName, grainId, copy, cancellationToken);
            throw new IOException("ordered: written, but not confirmed");
        }
        finally
        {
            faults.HasStruck();
        }
    }
}

/// <summary>The real erasures, which write past the storage, interrupted in the same way: as the state <c>erasure</c>.</summary>
internal sealed class FaultyErasures(IErasures real, Faults faults) : IErasures
{
    public const string Name = "erasure";

    public Task<Ties> Find(string number) => real.Find(number);

    public Task Mark(ImmutableArray<string> numbers) => Write(numbers[0], async () =>
    {
        await real.Mark(numbers);
        return true;
    });

    public Task<bool> TakeOut(string number, Erasing erasing, int version) =>
        Write(number, () => real.TakeOut(number, erasing, version));

    public Task<bool> TakeOutAccount(string account, int version) => Write(account, () => real.TakeOutAccount(account, version));

    public Task<Erasure?> Of(string number) => real.Of(number);

    public Task<ImmutableHashSet<string>> UsedBefore(IReadOnlyCollection<string> campaigns, IReadOnlyCollection<string> people) =>
        real.UsedBefore(campaigns, people);

    private async Task<bool> Write(string key, Func<Task<bool>> write)
    {
        var well = false;
        try
        {
            await faults.Pass(Name, committed: false);
            var fault = faults.Take(Name, key);
            try
            {
                if (fault == Fault.BeforeTheWrite) throw new IOException("ordered: not written");
                var done = await write();
                if (fault == Fault.AfterTheCommit) throw new IOException("ordered: written, but not confirmed");
                return well = done;
            }
            finally
            {
                if (fault is not null) faults.HasStruck();
            }
        }
        finally
        {
            faults.Ended(well);
        }
    }
}

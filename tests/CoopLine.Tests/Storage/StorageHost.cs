using CoopLine.Grains.Storage;
using CoopLine.Silo.Storage;
using CoopLine.Tests.Fixtures;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Orleans.Configuration;
using Orleans.Storage;
using Orleans.TestingHost;

namespace CoopLine.Tests.Storage;

/// <summary>A silo whose storage reads and commits the states of many grains together, on a database of its own.</summary>
public sealed class GroupCommitHost() : StorageHost(groupCommit: true);

/// <summary>A silo with the AdoNet storage as it comes, on a database of its own.</summary>
public sealed class AdoNetHost() : StorageHost(groupCommit: false);

public abstract class StorageHost(bool groupCommit) : IAsyncLifetime
{
    /// <summary>SQL: the connections that wait for another's lock, of this database only.</summary>
    internal const string Waiting = "FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

    private readonly TestDatabase database = new();
    private InProcessTestCluster cluster = null!;

    public FakeTimeProvider Clock { get; } = new(new(2026, 11, 22, 1, 0, 0, TimeSpan.Zero));

    public Faults Faults { get; } = new();

    internal IGrainStorage Storage { get; private set; } = null!;

    /// <summary>The AdoNet provider on the same rows.</summary>
    internal IGrainStorage AdoNet { get; private set; } = null!;

    internal Database Database { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        var builder = new InProcessTestClusterBuilder(1) { Options = { ConfigureFileLogging = false } };
        builder.ConfigureSiloHost((_, host) =>
        {
            host.Configuration.AddInMemoryCollection(database.Settings);
            host.Configuration["CoopLine:Storage:GroupCommit"] = groupCommit ? "true" : "false";
        });
        builder.ConfigureSilo((_, silo) =>
        {
            silo.Services.AddSingleton<TimeProvider>(Clock);
            silo.Services.UseTimeProviderForBackgroundAreas(TimeProvider.System);
            silo.AddStorage();
            TestDatabase.Follow(silo.Services, Clock);
            silo.AddAdoNetGrainStorage("as it comes", (OptionsBuilder<AdoNetGrainStorageOptions> options) =>
                options.Configure<Database>((adoNet, database) =>
                    (adoNet.Invariant, adoNet.DataSource) = (database.Invariant, database.OfProvider)));
            silo.Services.PostConfigureAll<AdoNetGrainStorageOptions>(
                storage => storage.GrainStorageSerializer = new StateJsonSerializer(StateJson.Options));
            Faults.Strike(silo.Services);
        });
        cluster = builder.Build();
        await cluster.DeployAsync();
        Storage = Service<IServiceProvider>().GetRequiredKeyedService<IGrainStorage>(StateNames.Storage);
        AdoNet = Service<IServiceProvider>().GetRequiredKeyedService<IGrainStorage>("as it comes");
        Database = Service<Database>();
    }

    public async ValueTask DisposeAsync()
    {
        await cluster.DisposeAsync();
        database.Dispose();
        GC.SuppressFinalize(this);
    }

    public T Service<T>()
        where T : notnull => cluster.GetSiloServiceProvider().GetRequiredService<T>();

    internal T Grain<T>(string key)
        where T : IGrainWithStringKey => cluster.Client.GetGrain<T>(key);

    internal Task<GrainState<T>> Write<T>(string stateName, string key, T state, string? etag = null) =>
        Write(stateName, key, new GrainState<T>(state, etag));

    internal async Task<GrainState<T>> Write<T>(string stateName, string key, GrainState<T> state)
    {
        await Storage.WriteStateAsync(stateName, GrainId.Create("test", key), state);
        return state;
    }

    internal async Task<GrainState<T>> Read<T>(string stateName, string key)
    {
        var state = new GrainState<T>();
        await Storage.ReadStateAsync(stateName, GrainId.Create("test", key), state);
        return state;
    }

    internal async Task<GrainState<T>> Clear<T>(string stateName, string key, GrainState<T> state)
    {
        await Storage.ClearStateAsync(stateName, GrainId.Create("test", key), state);
        return state;
    }

    internal async Task<T> Scalar<T>(string sql)
    {
        await using var connection = await Database.OpenReader(default);
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        return (T)(await command.ExecuteScalarAsync())!;
    }

    internal async Task UntilWaiting(int connections, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        while (await Scalar<long>($"SELECT count(*) {Waiting}") < connections) await Task.Delay(1, patience.Token);
    }

    internal Task Execute(string sql) => Task.Run(() => database.Execute(sql));
}

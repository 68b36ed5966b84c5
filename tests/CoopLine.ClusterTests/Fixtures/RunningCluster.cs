using CoopLine.Simulator;

namespace CoopLine.ClusterTests.Fixtures;

/// <summary>Processes of the program on one database, with a LINE platform and a load balancer in front. Real time.</summary>
internal sealed class RunningCluster : IAsyncDisposable
{
    public const string StaffKey = "test-staff-key-01";

    /// <summary>Of somebody else, who approves.</summary>
    public const string ApproverKey = "test-approver-key";

    public const string TillKey = "test-till-key";
    public const string Store = "0123";
    public const string OneCluster = "coopline";

    /// <summary>Each has a key for its tills.</summary>
    public static readonly string[] Stores = [Store, "0124", "0125", "0126", "0127", "0128", "0129", "0130"];

    /// <summary>A process is told another time of day than the machine's; what measures durations stays true.</summary>
    public static readonly IReadOnlyDictionary<string, string> FakedTime = new Dictionary<string, string>
    {
        ["LD_PRELOAD"] = FakeTime ?? "",
        ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1",
        ["FAKETIME_FORCE_MONOTONIC_FIX"] = "0", // else every timed wait of .NET ends at once
    };

    private static readonly Dictionary<string, string> TwoMinutesAhead = new(FakedTime) { ["FAKETIME"] = "+120s" };

    private readonly ClusterDatabase server;
    private readonly bool plainStorage;
    private readonly string data = Directory.CreateTempSubdirectory("coopline-cluster-").FullName;
    private readonly List<SiloProcess> silos = [];

    private RunningCluster(ClusterDatabase server, string database, bool plainStorage) =>
        (this.server, Database, this.plainStorage, Wire) = (server, database, plainStorage, Wire.To(server.Server.Socket));

    /// <summary>libfaketime; null where it is not installed.</summary>
    public static string? FakeTime => Directory.Exists("/usr/lib")
        ? Directory.EnumerateFiles("/usr/lib", "libfaketimeMT.so.1", new EnumerationOptions
        {
            RecurseSubdirectories = true,
            MaxRecursionDepth = 2,
            IgnoreInaccessible = true,
        }).FirstOrDefault()
        : null;

    /// <summary>Name of the database.</summary>
    public string Database { get; }

    /// <summary>Between the processes and the database.</summary>
    public Wire Wire { get; }

    public LineSimulator Line { get; private set; } = null!;

    public LoadBalancer Balancer { get; private set; } = null!;

    public IReadOnlyList<SiloProcess> Silos => silos;

    public static string TillKeyOf(string store) => store == Store ? TillKey : $"{TillKey}-{store}";

    /// <param name="prepare">With the owner's connection string, before the first process starts.</param>
    /// <param name="plainStorage">Orleans' own provider, whose statements are rows of a table.</param>
    /// <param name="clockOff">The second process is two minutes ahead, if this machine has libfaketime.</param>
    /// <param name="also">Settings of each process whose clock is right, with <c>:</c>.</param>
    public static async Task<RunningCluster> Start(
        ClusterDatabase server, int size = 3, Action<string>? prepare = null, bool clockOff = false, bool plainStorage = false,
        Dictionary<string, string>? also = null)
    {
        var database = server.Create();
        prepare?.Invoke(server.OwnerOf(database));
        var cluster = new RunningCluster(server, database, plainStorage);
        try
        {
            cluster.Balancer = await LoadBalancer.Start();
            cluster.Line = await LineSimulator.Start(
                new() { CoopLineUrl = cluster.Balancer.Address }, TimeProvider.System);
            for (var i = 0; i < size; i++)
                cluster.Add(OneCluster, clockOff && i == 1 && FakeTime is not null ? TwoMinutesAhead : also).Start();
            foreach (var silo in cluster.Silos) await silo.UntilReady();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>One more process, not started yet.</summary>
    /// <param name="also">Settings of this process, with <c>:</c>.</param>
    public SiloProcess Add(string clusterId, IReadOnlyDictionary<string, string>? also = null)
    {
        var settings = Settings(clusterId);
        foreach (var (name, value) in also ?? new Dictionary<string, string>()) settings[name] = value;
        var silo = new SiloProcess(
            $"silo {silos.Count + 1}", settings.ToDictionary(one => one.Key.Replace(":", "__", StringComparison.Ordinal), one => one.Value));
        silos.Add(silo);
        Balancer.LeadTo([.. silos.Select(one => one.Address)]);
        return silo;
    }

    /// <summary>LINE brings again what was not taken, every second and once more at the end.</summary>
    public async Task RedeliverWebhooks(CancellationToken end)
    {
        using var again = new PeriodicTimer(TimeSpan.FromSeconds(1));
        do await Line.RedeliverFailed();
        while (await Next());

        await Line.RedeliverFailed();

        async Task<bool> Next()
        {
            try
            {
                return await again.WaitForNextTickAsync(end);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var silo in silos) await silo.DisposeAsync();
        if (Line is not null) await Line.DisposeAsync();
        if (Balancer is not null) await Balancer.DisposeAsync();
        await Wire.DisposeAsync();
        server.Drop(Database);
        Directory.Delete(data, recursive: true);
    }

    private Dictionary<string, string> Settings(string clusterId) => new(SiloSettings.Of(Line, Balancer.Address, data))
    {
        ["CoopLine:Storage:Provider"] = "PostgreSql",
        ["CoopLine:Storage:GroupCommit"] = plainStorage ? "false" : "true",
        ["ConnectionStrings:CoopLine"] = ClusterDatabase.ServiceConnection(Database, Wire),
        ["CoopLine:Cluster:ClusterId"] = clusterId,
        ["CoopLine:Cluster:Address"] = "127.0.0.1",
    };
}

using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace CoopLine.Load;

/// <summary>A contender's process that answers HTTP on loopback.</summary>
internal sealed class Server : IAsyncDisposable
{
    public const string StaffKey = "bench-staff-key-1";

    /// <summary>Of somebody else, who approves.</summary>
    public const string ApproverKey = "bench-approver-key";

    private const int SaidMost = 40;

    private readonly Process process;
    private readonly Task drained;

    private Server(Process process, Task drained, int port) => (this.process, this.drained, Port) = (process, drained, port);

    /// <summary>The last lines of all servers.</summary>
    public static Queue<string> Said { get; } = new();

    public int Port { get; }

    public int ProcessId => process.Id;

    public static string CoopLineAssembly => Place.Assembly("src/Silo", "CoopLine.Silo.dll");

    public static string NodePeer => Path.Combine(Place.Work, "node-webhook");

    public static string PeerAssembly => Place.Assembly("bench/Peer", "CoopLine.Peer.dll");

    public static string PeerSchema => Place.Assembly("bench/Peer", "schema.sql");

    public static string PeerSqliteSchema => Place.Assembly("bench/Peer", "schema.sqlite.sql");

    /// <summary>Everything that CoopLine needs, on PostgreSQL.</summary>
    public static Dictionary<string, string> CoopLineSettings(string? database)
    {
        var settings = new Dictionary<string, string>
        {
            ["CoopLine:PublicBaseUrl"] = "https://line.coop.example",
            ["CoopLine:Line:ChannelSecret"] = Postbacks.ChannelSecret,
            ["CoopLine:Line:ChannelAccessToken"] = "bench-channel-access-token",
            ["CoopLine:Line:ApiBase"] = FakeLine.Address,
            ["CoopLine:Line:AccessBase"] = "http://127.0.0.1:9",
            ["CoopLine:Line:LoginChannelId"] = "1234567890",
            ["CoopLine:Line:LiffId"] = "1234567890-AbCdEfGh",
            ["CoopLine:Registry:HashKey"] = "bench-registry-hash-key",
            ["CoopLine:Coop:Name"] = "コープさくら",
            ["CoopLine:Coop:Phone"] = "0120-000-111",
            ["CoopLine:Coop:Hours"] = "月~土 9時~18時",
            ["CoopLine:Staff:ApiKeys:bench"] = StaffKey,
            ["CoopLine:Staff:ApiKeys:approver"] = ApproverKey,
            ["CoopLine:DataDirectory"] = Path.Combine(Place.Work, "data"),
            ["CoopLine:RateLimits:TillPerSecond"] = "1000000",
            ["CoopLine:RateLimits:PagesPerSecond"] = "1000000",
            // The peers write no log either.
            ["Logging:LogLevel:Default"] = "Warning",
        };
        foreach (var store in Enumerable.Range(0, Sale.Stores).Select(i => Sale.Store(i)))
            settings[$"CoopLine:Pos:Keys:{store}:0"] = Sale.TillKey(store);
        if (database is not null)
        {
            settings["CoopLine:Storage:Provider"] = "PostgreSql";
            settings["ConnectionStrings:CoopLine"] = Postgres.Connect(database);
        }

        return settings.ToDictionary(one => one.Key.Replace(":", "__", StringComparison.Ordinal), one => one.Value);
    }

    public static Task<Server> CoopLine(string? database, IReadOnlyDictionary<string, string> also)
    {
        var settings = CoopLineSettings(database);
        foreach (var (name, value) in also) settings[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        settings["CoopLine__Cluster__SiloPort"] = FreePort().ToString(CultureInfo.InvariantCulture);
        return Start("dotnet", CoopLineAssembly, settings);
    }

    /// <param name="pool">Of connections to PostgreSQL.</param>
    /// <param name="variant"><c>one</c> or <c>two</c> statements.</param>
    public static Task<Server> Peer(string database, string pool, string variant) => Peer(new Dictionary<string, string>
    {
        ["Peer__Database"] = Postgres.Connect(database)
            + $";Maximum Pool Size={pool};Max Auto Prepare=10;Auto Prepare Min Usages=2;No Reset On Close=true",
        ["Peer__Variant"] = variant,
        ["Peer__Line"] = FakeLine.Address,
    });

    /// <param name="file">SQLite's.</param>
    public static Task<Server> Peer(string file) => Peer(new Dictionary<string, string> { ["Peer__File"] = file });

    private static Task<Server> Peer(Dictionary<string, string> settings)
    {
        foreach (var store in Enumerable.Range(0, Sale.Stores).Select(i => Sale.Store(i)))
            settings[$"Peer__Keys__{store}"] = Sale.TillKey(store);
        return Start("dotnet", PeerAssembly, settings);
    }

    public static Task<Server> Node(string database, string pool) => Start(
        "node", Path.Combine(NodePeer, "server.js"), new()
        {
            ["NODE_ENV"] = "production",
            ["DATABASE"] = Postgres.Address(database),
            ["POOL"] = pool,
            ["CHANNEL_SECRET"] = Postbacks.ChannelSecret,
        });

    public ValueTask DisposeAsync()
    {
        async Task End()
        {
            await Processes.Stop(process);
            await drained;
        }

        return new(End());
    }

    private static async Task<Server> Start(string program, string file, Dictionary<string, string> settings)
    {
        var port = FreePort();
        settings["PORT"] = port.ToString(CultureInfo.InvariantCulture);
        settings["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}";
        settings["ASPNETCORE_ENVIRONMENT"] = "Production";
        var process = Processes.Start(program, [file], settings);
        var drained = Task.WhenAll(Drain(process.StandardOutput), Drain(process.StandardError));
        await Ready(process, port);
        return new(process, drained, port);
    }

    /// <summary>Servers say little; what they say is told when the run fails.</summary>
    private static async Task Drain(StreamReader output)
    {
        while (await output.ReadLineAsync() is { } line)
            lock (Said)
            {
                Said.Enqueue(line);
                if (Said.Count > SaidMost) Said.Dequeue();
            }
    }

    /// <summary>Asks until the server answers that it is ready.</summary>
    private static async Task Ready(Process process, int port)
    {
        using var http = new HttpClient();
        var address = new Uri($"http://127.0.0.1:{port}/health/ready");
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!process.HasExited)
        {
            try
            {
                using var answer = await http.GetAsync(address, timeout.Token);
                if (answer.IsSuccessStatusCode) return;
            }
            catch (HttpRequestException)
            {
                // Nobody is listening yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), timeout.Token);
        }

        throw new InvalidOperationException("The server ended before it was ready.");
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

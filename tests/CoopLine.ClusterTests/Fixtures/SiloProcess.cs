using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using CoopLine.Tests.Fixtures;

namespace CoopLine.ClusterTests.Fixtures;

/// <summary>The real program in a process of its own, on ports that it keeps when it is started again. It ends with this process.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private const int LogLinesMax = 20_000;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(100);

    private readonly IReadOnlyDictionary<string, string> settings;
    private readonly ConcurrentQueue<string> log = new();
    private readonly HostLog kept = HostLog.Current;
    private readonly HttpClient http;
    private Process? process;

    /// <param name="settings">As environment variables, with <c>__</c> for <c>:</c>.</param>
    public SiloProcess(string name, IReadOnlyDictionary<string, string> settings)
    {
        Name = name;
        var port = Ports.Free();
        Address = Ports.Http(port);
        this.settings = new Dictionary<string, string>(settings)
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["DOTNET_gcServer"] = "0", // several share one machine
            ["DOTNET_TieredPGO"] = "0",
            ["ASPNETCORE_URLS"] = Address.ToString(),
            ["CoopLine__Cluster__SiloPort"] = Ports.Free().ToString(CultureInfo.InvariantCulture),
        };
        http = new() { BaseAddress = Address, Timeout = TimeSpan.FromSeconds(5) };
    }

    public string Name { get; }

    public Uri Address { get; }

    public bool IsRunning => process is { HasExited: false };

    /// <summary>How often a line was logged that has this text.</summary>
    public int Count(string text) => log.Count(line => line.Contains(text, StringComparison.Ordinal));

    /// <summary>What it wrote, of all its lives; the oldest lines are dropped.</summary>
    public IReadOnlyCollection<string> Log => log;

    /// <param name="also">Environment variables of this life only.</param>
    public void Start(IReadOnlyDictionary<string, string>? also = null)
    {
        if (IsRunning) throw new InvalidOperationException($"{Name} runs already.");
        process?.Dispose();
        var start = ChildProcess.Of(Path.Combine(AppContext.BaseDirectory, "CoopLine.Silo"));
        start.WorkingDirectory = AppContext.BaseDirectory;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        foreach (var (name, value) in settings) start.Environment[name] = value;
        foreach (var (name, value) in also ?? new Dictionary<string, string>()) start.Environment[name] = value;
        process = ChildProcess.Start(start);
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Returns when <c>/health/ready</c> answers 200.</summary>
    /// <exception cref="InvalidOperationException">It ended instead, or was not ready in time; the message has its log.</exception>
    public async Task UntilReady(CancellationToken cancellation = default)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        using var looks = new PeriodicTimer(BetweenLooks);
        do
        {
            if (!IsRunning) throw new InvalidOperationException($"{Name} ended before it was ready:\n{Tail()}");
            if (await IsReady(patience.Token)) return;
        }
        while (!patience.IsCancellationRequested && await looks.WaitForNextTickAsync(cancellation));
        throw new InvalidOperationException($"{Name} was not ready within {Patience}:\n{Tail()}");
    }

    public async Task<bool> IsReady(CancellationToken cancellation = default)
    {
        try
        {
            using var answer = await http.GetAsync("/health/ready", cancellation);
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception e) when (Unheard.IsCut(e) || e is OperationCanceledException)
        {
            return false;
        }
    }

    /// <summary>SIGKILL: no goodbye.</summary>
    public async Task Kill()
    {
        if (process is null) return;
        process.Kill();
        await process.WaitForExitAsync();
        // What libfaketime would have cleaned up.
        foreach (var left in Directory.EnumerateFiles("/dev/shm", $"*faketime_*_{process.Id}")) File.Delete(left);
    }

    /// <summary>SIGTERM; returns the exit code when it has ended.</summary>
    public async Task<int> Terminate(CancellationToken cancellation = default)
    {
        await Signal("TERM");
        await process!.WaitForExitAsync(cancellation);
        return process.ExitCode;
    }

    /// <summary>SIGSTOP: it stands still with everything it holds.</summary>
    public Task Stop() => Signal("STOP");

    /// <summary>SIGCONT: it goes on as if nothing had happened.</summary>
    public Task Continue() => Signal("CONT");

    public string Tail(int lines = 60) => string.Join('\n', log.TakeLast(lines));

    public async ValueTask DisposeAsync()
    {
        if (IsRunning) await Kill();
        process?.Dispose();
        http.Dispose();
    }

    private async Task Signal(string signal)
    {
        var id = process!.Id.ToString(CultureInfo.InvariantCulture);
        using var kill = Process.Start("kill", [$"-{signal}", id]);
        await kill.WaitForExitAsync();
        if (kill.ExitCode != 0) throw new InvalidOperationException($"SIG{signal} did not reach {Name}.");
    }

    private void Keep(string? line)
    {
        if (line is null) return;
        log.Enqueue(line);
        kept.Add($"{Name}: {line}");
        while (log.Count > LogLinesMax) log.TryDequeue(out _);
    }
}

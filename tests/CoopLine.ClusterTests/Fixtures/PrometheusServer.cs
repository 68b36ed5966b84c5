using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using CoopLine.Tests.Fixtures;

namespace CoopLine.ClusterTests.Fixtures;

/// <summary>A Prometheus of this machine in a folder of its own: looks every second, with the rules that are delivered.</summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(200);

    private readonly string folder;
    private readonly Process process;
    private readonly HttpClient http;

    private PrometheusServer(string folder, Process process, Uri address) =>
        (this.folder, this.process, http) = (folder, process, new() { BaseAddress = address });

    /// <summary>Debian's package <c>prometheus</c> has both programs.</summary>
    public static bool IsInstalled => Find("prometheus") is not null && Find("promtool") is not null;

    /// <param name="rules">The file with the rules.</param>
    /// <param name="targets">Listeners with <c>/metrics</c>.</param>
    public static async Task<PrometheusServer> Start(string rules, params Uri[] targets)
    {
        var folder = Directory.CreateTempSubdirectory("coopline-prometheus-").FullName;
        var settings = Path.Combine(folder, "prometheus.yml");
        await File.WriteAllTextAsync(settings, $"""
            global:
              scrape_interval: 1s
              evaluation_interval: 1s
            rule_files: ['{rules}']
            scrape_configs:
              - job_name: coopline
                static_configs:
                  - targets: [{string.Join(", ", targets.Select(target => $"'{target.Authority}'"))}]
            """);
        var address = Ports.Http(Ports.Free());
        var server = new PrometheusServer(
            folder,
            ChildProcess.Start(ChildProcess.Of(
                Find("prometheus")!, $"--config.file={settings}", $"--storage.tsdb.path={Path.Combine(folder, "data")}",
                $"--web.listen-address={address.Authority}", "--log.level=error")),
            address);
        await server.Until("Prometheus is ready", async () =>
        {
            try
            {
                using var answer = await server.http.GetAsync("/-/ready");
                return answer.StatusCode == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        });
        return server;
    }

    /// <summary>Runs <c>promtool</c>, which has to be content.</summary>
    public static async Task Check(params string[] args)
    {
        using var process = Process.Start(
            new ProcessStartInfo(Find("promtool")!, args) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, string.Concat(said));
    }

    /// <summary>Name and expression of every rule, as Prometheus writes it.</summary>
    public async Task<IReadOnlyList<(string Name, string Expression, bool IsAlert)>> Rules()
    {
        var body = await http.GetFromJsonAsync<JsonElement>("/api/v1/rules");
        return [.. body.GetProperty("data").GetProperty("groups").EnumerateArray()
            .SelectMany(group => group.GetProperty("rules").EnumerateArray())
            .Select(rule => (
                rule.GetProperty("name").GetString()!, rule.GetProperty("query").GetString()!,
                rule.GetProperty("type").GetString() == "alerting"))];
    }

    /// <summary>The values of an expression, now; none when no series fits.</summary>
    /// <exception cref="InvalidOperationException">Prometheus does not understand it; the message has its words.</exception>
    public async Task<IReadOnlyList<double>> Ask(string expression)
    {
        using var form = new FormUrlEncodedContent([new("query", expression)]);
        using var answer = await http.PostAsync("/api/v1/query", form);
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        if (body.GetProperty("status").GetString() != "success")
            throw new InvalidOperationException($"{body.GetProperty("error").GetString()}: {expression}");
        return [.. body.GetProperty("data").GetProperty("result").EnumerateArray()
            .Select(series => double.Parse(series.GetProperty("value")[1].GetString() switch
            {
                "+Inf" => "Infinity",
                "-Inf" => "-Infinity",
                var number => number!,
            }, CultureInfo.InvariantCulture))];
    }

    /// <summary>Returns when the expression has a value.</summary>
    public Task Until(string expression) => Until(expression, async () => (await Ask(expression)).Count > 0);

    public async ValueTask DisposeAsync()
    {
        process.Kill();
        await process.WaitForExitAsync();
        process.Dispose();
        http.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private static string? Find(string program) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(directory => Path.Combine(directory, program)).FirstOrDefault(File.Exists);

    private async Task Until(string what, Func<Task<bool>> isSo)
    {
        using var patience = new CancellationTokenSource(Patience);
        using var looks = new PeriodicTimer(BetweenLooks);
        while (!await isSo())
        {
            if (process.HasExited) throw new InvalidOperationException("Prometheus ended.");
            if (patience.IsCancellationRequested) throw new InvalidOperationException($"Not within {Patience}: {what}");
            await looks.WaitForNextTickAsync();
        }
    }
}

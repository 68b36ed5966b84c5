using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace CoopLine.Load;

/// <param name="Persons">Whose message LINE took.</param>
/// <param name="PlanSeconds">From its being due until all rows of its plan were on disk.</param>
/// <param name="SendSeconds">From then until the last block was settled.</param>
/// <param name="PeakBytes">The most that the server had resident meanwhile.</param>
internal sealed record SendResult(
    long Persons, double PlanSeconds, double SendSeconds, (double Server, double Postgres) PlanCpu, (double Server, double Postgres) SendCpu,
    long PeakBytes);

/// <summary>A message to everybody, written, submitted and approved as staff do it, and what its sending took.</summary>
/// <param name="ask">SQL, for one value: when the plan was begun and when it was there, and when the last block was over, in milliseconds.</param>
internal sealed class Sends(Server server, Func<string, Task<(long Begun, long Planned, long Ended)>> ask) : IDisposable
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan BetweenSamples = TimeSpan.FromMilliseconds(50);

    private static int messages;

    private readonly HttpClient author = Staff(server, Server.StaffKey);
    private readonly HttpClient approver = Staff(server, Server.ApproverKey);

    public static (string, string)[] Settings { get; } =
    [
        ("CoopLine:Messages:QuietFrom", "00:00"),
        ("CoopLine:Messages:QuietTo", "00:00"), // at any hour
        ("CoopLine:Messages:CallsPerSecond", "200"), // as many as LINE takes
        ("CoopLine:Messages:CapMessages", "1000"), // nobody has had so many, but all are counted
        ("CoopLine:Messages:Included", "1000000000"),
    ];

    /// <param name="beside">What else happens while the plan is written.</param>
    public async Task<(string Id, SendResult Result)> Send(long expected, Func<Task, Task>? beside = null)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"message-{Interlocked.Increment(ref messages)}");
        using (var put = await author.PutAsJsonAsync($"/staff/v1/messages/{id}", Definition)) put.EnsureSuccessStatusCode();
        var hash = (await Post(author, $"{id}/submit")).GetProperty("hash").GetString();
        var before = FakeLine.Persons;
        Processes.ForgetPeak(server.ProcessId);
        using var over = new CancellationTokenSource();
        var sampling = Sample(over.Token);
        await Post(approver, $"{id}/approve", new { hash });
        var planned = UntilStatus(id, status => status is not ("approved" or "planning"));
        if (beside is not null) await beside(planned);
        await planned;
        var done = await UntilStatus(id, status => status is not ("sending" or "approved" or "planning"));
        var peak = Processes.PeakBytes(server.ProcessId);
        await over.CancelAsync();
        var samples = await sampling;

        var accepted = done.GetProperty("accepted").GetInt64();
        if (done.GetProperty("status").GetString() != "done" || accepted != expected || FakeLine.Persons - before != expected)
            throw new InvalidDataException($"{expected} persons were to get it and LINE has {FakeLine.Persons - before}: {done}");
        var (begun, written, ended) = await ask(id);
        return (id, new(
            accepted, (written - begun) / 1000.0, (ended - written) / 1000.0, Between(samples, begun, written), Between(samples, written, ended), peak));
    }

    /// <summary>Seconds until it has answered.</summary>
    public async Task<double> Time(HttpMethod method, string path)
    {
        var start = Stopwatch.GetTimestamp();
        using var request = new HttpRequestMessage(method, "/staff/v1/messages/" + path);
        using var answer = await author.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    public void Dispose()
    {
        author.Dispose();
        approver.Dispose();
    }

    private static object Definition { get; } = new
    {
        title = "お知らせ",
        topic = "store",
        variants = new
        {
            linked = new { card = new { title = "今週のクーポン", lines = new[] { "とうふ 30円引" }, altText = "今週のクーポン: とうふ 30円引", coupon = Sale.Campaign(0) } },
            unlinked = new { text = "皆さまへ。今週のおすすめです。" },
        },
        spreadMinutes = 0,
        ceilingYen = 0,
    };

    private static HttpClient Staff(Server server, string key)
    {
        var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{server.Port}"), Timeout = TimeSpan.FromMinutes(10) };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return http;
    }

    private static async Task<JsonElement> Post(HttpClient by, string path, object? body = null)
    {
        using var answer = await by.PostAsJsonAsync("/staff/v1/messages/" + path, body);
        var text = await answer.Content.ReadAsStringAsync();
        return answer.IsSuccessStatusCode ? JsonElement.Parse(text) : throw new InvalidDataException($"{path}: {answer.StatusCode} {text}");
    }

    private async Task<JsonElement> UntilStatus(string id, Func<string, bool> wanted)
    {
        while (true)
        {
            using var answer = await author.GetAsync("/staff/v1/messages/" + id);
            if (answer.IsSuccessStatusCode)
            {
                var now = JsonElement.Parse(await answer.Content.ReadAsStringAsync());
                if (wanted(now.GetProperty("status").GetString()!)) return now;
            }

            await Task.Delay(BetweenLooks);
        }
    }

    private async Task<List<(long At, double Server, double Postgres)>> Sample(CancellationToken over)
    {
        var samples = new List<(long, double, double)>();
        while (!over.IsCancellationRequested)
        {
            samples.Add((
                TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds(), Processes.CpuSeconds(server.ProcessId), Processes.CpuSeconds(Postgres.ProcessId)));
            await Task.Delay(BetweenSamples, CancellationToken.None);
        }

        return samples;
    }

    private static (double Server, double Postgres) Between(List<(long At, double Server, double Postgres)> samples, long from, long to)
    {
        var (first, last) = (At(from), At(to));
        return (last.Server - first.Server, last.Postgres - first.Postgres);

        (long At, double Server, double Postgres) At(long moment) => samples.MinBy(sample => Math.Abs(sample.At - moment));
    }
}

using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using CoopLine.ClusterTests.Fixtures;
using CoopLine.ClusterTests.Histories;

namespace CoopLine.ClusterTests.Load;

/// <summary>Calls the processes as a till does: waits a few seconds, then sends the same to another one.</summary>
internal sealed class Caller(History history, Func<IReadOnlyList<SiloProcess>> targets, Sometimes sometimes, CancellationToken end,
    TimeSpan? patience = null) : IDisposable
{
    public const int UsualTries = 60;

    private static readonly TimeSpan UsualPatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(50);

    private readonly HttpClient http = new(new SocketsHttpHandler
    {
        ConnectTimeout = TimeSpan.FromSeconds(3),
        AllowAutoRedirect = false,
        UseProxy = false,
        ActivityHeadersPropagator = null, // the trace id is ours
    })
    { Timeout = patience ?? UsualPatience };

    private int calls;

    /// <summary>Trace ids of the tries that nobody knows the outcome of.</summary>
    public ConcurrentDictionary<string, Answer> Unknown { get; } = new();

    /// <summary>All tries.</summary>
    public int Calls => calls;

    /// <summary>Tries that a till has to repeat, for whatever reason.</summary>
    public ConcurrentQueue<(SiloProcess At, string Path, Answer Answer)> NotAnswered { get; } = new();

    /// <summary>Tries that have no answer yet, by trace id, and whom they went to.</summary>
    public ConcurrentDictionary<string, SiloProcess> UnderWay { get; } = new();

    /// <summary>No new work is begun; what was begun is brought to its end.</summary>
    public bool IsOver => end.IsCancellationRequested;

    public void Dispose() => http.Dispose();

    /// <summary>Again and again, each time to another process, until there is an answer or the tries are used up.</summary>
    /// <param name="each">Told of every try, so that it goes into the history.</param>
    public async Task<Answer> Ask(
        Random random, HttpMethod method, string path, string key, object? body, Action<Answer>? each = null, int tries = UsualTries)
    {
        for (var number = 1; ; number++)
        {
            var answer = await Try(random, method, path, key, body);
            each?.Invoke(answer);
            if (!answer.IsNoAnswer || number == tries) return answer;
            await Task.Delay(Breath * random.Next(1, 10));
        }
    }

    public async Task<Answer> Try(Random random, HttpMethod method, string path, string key, object? body)
    {
        var all = targets();
        var target = all[random.Next(all.Count)];
        var trace = RandomNumberGenerator.GetHexString(32, lowercase: true);
        using var request = new HttpRequestMessage(method, new Uri(target.Address, path));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Headers.Add("traceparent", $"00-{trace}-{trace[..16]}-01");
        request.Content = body switch
        {
            // Without a body HttpClient sends a call again by itself when it gets no answer, and "connection refused" would not
            // mean that nothing has happened.
            null => new ByteArrayContent([]),
            string csv => new StringContent(csv, Encoding.UTF8, "text/csv"),
            _ => JsonContent.Create(body),
        };
        Interlocked.Increment(ref calls);
        var invoked = history.Now();
        UnderWay[trace] = target;
        var answer = await Send(request, invoked, trace);
        UnderWay.TryRemove(trace, out _);
        if (answer.IsNoAnswer) NotAnswered.Enqueue((target, path, answer));
        if (answer.IsUnknown)
        {
            sometimes.Saw(Danger.UnknownOutcome);
            Unknown[trace] = answer;
        }

        return answer;
    }

    private async Task<Answer> Send(HttpRequestMessage request, long invoked, string trace)
    {
        try
        {
            using var response = await http.SendAsync(request);
            var text = await response.Content.ReadAsStringAsync();
            var body = text is ['{', ..] ? JsonElement.Parse(text) : default;
            return new(response.StatusCode, body, false, invoked, history.Now(), trace);
        }
        catch (Exception e) when (Unheard.IsCut(e))
        {
            return new(null, default, Unheard.IsNotSent(e), invoked, history.Now(), trace);
        }
        catch (OperationCanceledException)
        {
            return new(null, default, false, invoked, history.Now(), trace);
        }
    }
}

using System.Text;
using System.Text.Json;

namespace CoopLine.Simulator;

/// <summary>One call that LINE received, recorded when it came in and completed when it was answered.</summary>
public sealed class RecordedCall
{
    public required LineCall Name { get; init; }
    public required string Method { get; init; }
    public required string Path { get; init; }
    public required string Query { get; init; }
    public required IReadOnlyDictionary<string, string> Headers { get; init; }
    public required ReadOnlyMemory<byte> Bytes { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary>What LINE names the request in <c>x-line-request-id</c>.</summary>
    public string RequestId { get; } = Guid.NewGuid().ToString();

    /// <summary>The status answered, or that would have been if the connection had lived; null until then.</summary>
    public int? Status { get; internal set; }

    /// <summary>The connection was cut instead of an answer.</summary>
    public bool Dropped { get; internal set; }

    public string Body => Encoding.UTF8.GetString(Bytes.Span);
    public JsonElement Json => JsonDocument.Parse(Bytes).RootElement;
    public string? RetryKey => Headers.GetValueOrDefault("X-Line-Retry-Key");

    public override string ToString() =>
        $"{Method} {Path} → {(Dropped ? "dropped" : Status is { } status ? $"{status}" : "not answered yet")}";
}

internal sealed class CallLog(Changes changes, TimeProvider clock)
{
    private readonly Lock gate = new();
    private readonly List<RecordedCall> calls = [];

    public IReadOnlyList<RecordedCall> All
    {
        get
        {
            lock (gate) return [.. calls];
        }
    }

    public async Task<RecordedCall> Record(LineCall name, HttpRequest request)
    {
        var body = new MemoryStream();
        await request.Body.CopyToAsync(body, request.HttpContext.RequestAborted);
        var call = new RecordedCall
        {
            Name = name,
            Method = request.Method,
            Path = request.Path,
            Query = request.QueryString.ToString(),
            Headers = request.Headers.ToDictionary(
                header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            Bytes = body.ToArray(),
            At = clock.GetUtcNow(),
        };
        lock (gate) calls.Add(call);
        changes.Announce();
        return call;
    }

    public void Answered(RecordedCall call, int status, bool dropped = false)
    {
        call.Status = status;
        call.Dropped = dropped;
        changes.Announce();
    }

    public Task<RecordedCall> WaitFor(Func<RecordedCall, bool> wanted, string what) => changes.Until(
        () => All.FirstOrDefault(wanted), $"a call to LINE ({what})",
        () => All is { Count: > 0 } seen ? string.Join(", ", seen) : "no call at all");
}

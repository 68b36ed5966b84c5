using System.Net;
using System.Text.Json;

namespace CoopLine.Tests.Fixtures;

/// <summary>Many callers that start at one moment, each on a thread of its own.</summary>
internal static class Together
{
    public const int Callers = 32;

    /// <param name="call">Gets the caller's number, from 0.</param>
    public static Task<T[]> Run<T>(Func<int, Task<T>> call, int callers = Callers) =>
        Run([.. Enumerable.Range(0, callers).Select(number => (Func<Task<T>>)(() => call(number)))]);

    public static async Task<T[]> Run<T>(params Func<Task<T>>[] calls)
    {
        using var start = new Barrier(calls.Length);
        return await Task.WhenAll(calls.Select(call => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait();
                return call();
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default).Unwrap()));
    }
}

/// <summary>An answer with its body read.</summary>
internal sealed record Answered(HttpStatusCode Status, JsonElement Body)
{
    private const int MostTries = 20;

    /// <summary>How often it was asked; every answer before this one was 503.</summary>
    public int Tries { get; private init; } = 1;

    public string? Outcome => Body.ValueKind == JsonValueKind.Object && Body.TryGetProperty("outcome", out var outcome) ? outcome.GetString() : null;

    public bool Replayed => Body.GetProperty("replayed").GetBoolean();

    /// <summary>The reasons of all refusals.</summary>
    public string Reason => string.Join(
        ' ', Body.GetProperty("refusals").EnumerateArray().Select(refusal => refusal.GetProperty("reason").GetString()));

    public bool Redeemed => Status == HttpStatusCode.OK && Outcome == "redeemed";

    /// <summary>What was decided, without what tells a replay from the first answer.</summary>
    public string Decision() => $"{Outcome} {Body.GetProperty("discounts")} {Body.GetProperty("refusals")} {Body.GetProperty("traceId")}";

    public override string ToString() => $"{(int)Status} {Body}";

    /// <summary>Calls as tills do: the same again while the answer is 503.</summary>
    public static async Task<Answered> To(Func<Task<HttpResponseMessage>> call, Func<Task>? recover = null)
    {
        for (var again = 1; ; again++)
        {
            var answer = await Once(call);
            if (answer.Status != HttpStatusCode.ServiceUnavailable || again == MostTries) return answer with { Tries = again };
            if (recover is not null) await recover();
        }
    }

    public static async Task<Answered> Once(Func<Task<HttpResponseMessage>> call)
    {
        using var response = await call();
        var text = await response.Content.ReadAsStringAsync();
        return new(response.StatusCode, text is ['{', ..] ? JsonElement.Parse(text) : default);
    }
}

using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using CoopLine.Simulator;
using Microsoft.Extensions.Time.Testing;

namespace CoopLine.Tests.Fixtures;

/// <summary>The coupon page's open connection for one code.</summary>
internal sealed class FollowedCode : IAsyncDisposable
{
    /// <summary>So often a little more time passes.</summary>
    private const int MostPatience = 30;

    private readonly FakeTimeProvider clock;
    private readonly HttpClient page;
    private readonly HttpResponseMessage response;
    private readonly IAsyncEnumerator<SseItem<string>> events;

    private FollowedCode(FakeTimeProvider clock, HttpClient page, HttpResponseMessage response, Stream stream)
    {
        this.clock = clock;
        this.page = page;
        this.response = response;
        events = SseParser.Create(stream).EnumerateAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator();
    }

    public static async Task<FollowedCode> Open(RunningSystem coop, SimulatedPhone phone, string code, Host? host = null)
    {
        var page = coop.Member(phone, host);
        var response = await page.GetAsync($"/coupons/codes/{code}/events", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/event-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.Contains("no-store", response.Headers.CacheControl?.ToString(), StringComparison.Ordinal);
        Assert.Equal("no", response.Headers.GetValues("X-Accel-Buffering").Single());
        return new(coop.Clock, page, response, await response.Content.ReadAsStreamAsync());
    }

    /// <summary>The next state; events without one are passed over.</summary>
    public async Task<JsonElement> NextState()
    {
        SseItem<string> next;
        do next = await Next() ?? throw new InvalidOperationException("The stream ended.");
        while (next.EventType != "message");
        return JsonElement.Parse(next.Data);
    }

    /// <summary>The next event, or null at the end.</summary>
    public async Task<SseItem<string>?> Next() =>
        await events.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1), TimeProvider.System)
            ? events.Current
            : null;

    /// <summary>
    /// Lets so much time pass. The server begins to wait only after it has sent the event before: as long as nothing
    /// comes, a little more passes.
    /// </summary>
    public Task<SseItem<string>?> NextAfter(TimeSpan time) => After(time, Next());

    /// <summary>The next state after so much time, as in <see cref="NextAfter"/>.</summary>
    public Task<JsonElement> NextStateAfter(TimeSpan time) => After(time, NextState());

    private async Task<T> After<T>(TimeSpan time, Task<T> next)
    {
        clock.Advance(time);
        for (var more = 0; await Task.WhenAny(next, Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken)) != next; more++)
        {
            if (more == MostPatience) throw new TimeoutException("Events came, and not the one that is waited for.");
            clock.Advance(TimeSpan.FromSeconds(10));
        }

        return await next;
    }

    public async ValueTask DisposeAsync()
    {
        await events.DisposeAsync();
        response.Dispose();
        page.Dispose();
    }
}

using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using CoopLine.Silo.Hosting;
using CoopLine.Tests.Fixtures;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Host = CoopLine.Tests.Fixtures.Host;

namespace CoopLine.Tests.Hosting;

/// <summary>A process that is told to end says so first, and loses no request.</summary>
[OneDatabase]
public sealed class Leaving_orderly : IAsyncLifetime
{
    private const int PauseSeconds = 5;

    private readonly RunningSystem coop = new();
    private Host host = null!;
    private Uri ready = null!;
    private Task? ended;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await coop.InitializeAsync();
        host = await Host.Start(
            new Dictionary<string, string?>(coop.Settings("leaving")) { ["CoopLine:Shutdown:PauseSeconds"] = $"{PauseSeconds}" },
            coop.Clock,
            services =>
            {
                services.PostConfigure<HostOptions>(ends => ends.ShutdownTimeout = TimeSpan.FromSeconds(ShutdownOptions.LimitSeconds));
                // The body that a test holds back may come as slowly as it likes.
                services.Configure<KestrelServerOptions>(kestrel => kestrel.Limits.MinRequestBodyDataRate = null);
            });
        ready = new Uri(host.Address, "/health/ready");
    }

    public async ValueTask DisposeAsync()
    {
        if (ended is null) Leave();
        EndPause();
        await ended!;
        await coop.DisposeAsync();
    }

    [Fact]
    public async Task It_is_not_ready_but_serves_during_the_pause_and_asks_callers_to_go_elsewhere()
    {
        using var before = await coop.Http.GetAsync(ready, Cancellation);
        Assert.Equal(HttpStatusCode.OK, before.StatusCode);
        Assert.Null(before.Headers.ConnectionClose);

        Leave();

        using var readiness = await coop.Http.GetAsync(ready, Cancellation);
        using var live = await coop.Http.GetAsync(new Uri(host.Address, "/health/live"), Cancellation);
        using var till = await coop.Till(host: host).GetAsync("/pos/v1/receipts/2026-11-22/0123/05/1", Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, readiness.StatusCode);
        Assert.Equal(HttpStatusCode.OK, live.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, till.StatusCode); // its grain says that nothing was redeemed
        Assert.True(till.Headers.ConnectionClose);
        Assert.False(ended!.IsCompleted);

        EndPause();
        await ended;
        await Assert.ThrowsAsync<HttpRequestException>(() => coop.Http.GetAsync(ready, Cancellation));
    }

    [Fact]
    public async Task A_request_under_way_is_answered_by_its_grains()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        using var body = new HeldBody(JsonSerializer.SerializeToUtf8Bytes(coop.Sale(await coop.ShowCode(phone, tofu))));
        // The body is sent when the server says that it is reading it.
        using var till = new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromMinutes(1) });
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(host.Address, "/pos/v1/redemptions")) { Content = body };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", RunningSystem.TillKey("0123"));
        request.Headers.ExpectContinue = true;
        var asked = till.SendAsync(request, Cancellation);
        await body.IsOnItsWay;

        Leave();
        EndPause();
        await UntilNobodyListens();
        body.Finish();

        using var answer = await asked;
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal([$"{tofu} on 1: 30"], (await answer.Content.ReadFromJsonAsync<JsonElement>(Cancellation)).Discounts);
        await ended!;
    }

    private void Leave() => ended = host.DisposeAsync().AsTask();

    private void EndPause() => coop.Clock.Advance(TimeSpan.FromSeconds(PauseSeconds));

    private Task UntilNobodyListens() => Eventually.Holds(
        async () =>
        {
            try
            {
                using var fresh = new HttpClient();
                using var answer = await fresh.GetAsync(ready, Cancellation);
                return false;
            }
            catch (HttpRequestException)
            {
                return true;
            }
        },
        "Somebody still listens.");

    /// <summary>A body whose last byte comes when the test wants it.</summary>
    private sealed class HeldBody : HttpContent
    {
        private readonly byte[] bytes;
        private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource finish = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public HeldBody(byte[] bytes)
        {
            this.bytes = bytes;
            Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }

        /// <summary>Throws when it has not been asked for in a minute.</summary>
        public Task IsOnItsWay => begun.Task.WaitAsync(TimeSpan.FromMinutes(1));

        public void Finish() => finish.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.WriteAsync(bytes.AsMemory(0, bytes.Length - 1));
            await stream.FlushAsync();
            begun.SetResult();
            await finish.Task;
            await stream.WriteAsync(bytes.AsMemory(bytes.Length - 1));
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes.Length;
            return true;
        }
    }
}

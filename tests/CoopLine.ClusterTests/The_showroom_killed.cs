using System.Text.Json;
using CoopLine.ClusterTests.Fixtures;
using CoopLine.Tests.Fixtures;

namespace CoopLine.ClusterTests;

/// <summary>The demo as README starts it, one process on SQLite, killed by its page's button in the middle of a message to 300.</summary>
public sealed class The_showroom_killed : IAsyncLifetime
{
    private readonly string data = Directory.CreateTempSubdirectory("coopline-showroom-").FullName;
    private readonly Uri page = Ports.Http(Ports.Free());
    private readonly SiloProcess demo;
    private readonly HttpClient browser;

    public The_showroom_killed()
    {
        browser = new() { BaseAddress = page };
        demo = new("demo", new Dictionary<string, string>
        {
            ["CoopLine__DataDirectory"] = data,
            ["CoopLine__Demo__Simulator"] = page.GetLeftPart(UriPartial.Authority),
            ["CoopLine__Ops__Url"] = Ports.Http(Ports.Free()).ToString(),
        });
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await demo.DisposeAsync();
        browser.Dispose();
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task What_LINE_took_before_the_kill_is_not_sent_again_and_the_rest_is_sent()
    {
        await Start();
        await Post("/demo/send");
        await Until(now => Of(now, "accepted") >= 30, "some have it");
        await Post("/demo/trouble/noAnswers/true");
        await Until(now => now.GetProperty("received").GetInt32() > Of(now, "accepted"), "LINE took a block, and CoopLine does not know");

        await Assert.ThrowsAnyAsync<HttpRequestException>(() => Post("/demo/kill"));
        await Eventually.Holds(() => !demo.IsRunning, "it is dead");
        await Start();
        await Post("/demo/clock/advance/1"); // all blocks are due
        var end = await Until(now => now.GetProperty("message").GetProperty("status").GetString() == "done", "it is over");

        // The two phones of the page are friends, too.
        Assert.Equal((302, 302, 0), (Of(end, "planned"), Of(end, "accepted"), Of(end, "waiting")));
        Assert.Equal((302, 0), (end.GetProperty("received").GetInt32(), end.GetProperty("twice").GetInt32()));
        Assert.True(demo.Count("LINE answered 409 to multicast") > 0, "The block without an answer was sent again, with its key.");
    }

    private async Task Start()
    {
        demo.Start(new Dictionary<string, string> { ["ASPNETCORE_ENVIRONMENT"] = "Development" });
        await demo.UntilReady(Cancellation);
        await Until(now => now.GetProperty("ready").GetBoolean(), "the demo is ready");
    }

    private async Task Post(string path)
    {
        using var answer = await browser.PostAsync(path, null, Cancellation);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode}");
    }

    private async Task<JsonElement> Until(Func<JsonElement, bool> wanted, string what)
    {
        JsonElement now = default;
        await Eventually.Holds(
            async () =>
            {
                try
                {
                    now = await browser.GetFromJsonAsync<JsonElement>("/demo/send", Cancellation);
                }
                catch (Exception e) when (Unheard.IsCut(e))
                {
                    return false; // not yet
                }

                return wanted(now);
            },
            () => $"{what}: {now}\n{demo.Tail()}");
        return now;
    }

    private static long Of(JsonElement now, string count) =>
        now.GetProperty("message") is { ValueKind: JsonValueKind.Object } message ? message.GetProperty(count).GetInt64() : 0;
}

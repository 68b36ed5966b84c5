using System.Text.Json;
using Microsoft.Playwright;

namespace CoopLine.BrowserTests.Fixtures;

/// <summary>What a page's network carries, as Chromium's developer tools see it.</summary>
internal sealed class Wire
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, Transfer> transfers = [];
    private readonly ICDPSession session;

    private Wire(ICDPSession session) => this.session = session;

    /// <summary>What came from this address so far; an answer that is not over counts as far as it came.</summary>
    public (int Requests, int Bytes) From(Uri host)
    {
        lock (gate)
        {
            var ours = transfers.Values.Where(one => one.Address?.Authority == host.Authority).ToArray();
            return (ours.Length, (int)ours.Sum(one => one.Total ?? one.SoFar));
        }
    }

    public static async Task<Wire> Tap(IPage page)
    {
        var wire = new Wire(await page.Context.NewCDPSessionAsync(page));
        wire.On("Network.requestWillBeSent", (transfer, data) =>
            transfer.Address = new(data.GetProperty("request").GetProperty("url").GetString()!));
        wire.On("Network.responseReceived", (transfer, data) =>
            transfer.SoFar += data.GetProperty("response").GetProperty("encodedDataLength").GetDouble());
        wire.On("Network.dataReceived", (transfer, data) => transfer.SoFar += data.GetProperty("encodedDataLength").GetDouble());
        wire.On("Network.loadingFinished", (transfer, data) => transfer.Total = data.GetProperty("encodedDataLength").GetDouble());
        await wire.session.SendAsync("Network.enable");
        return wire;
    }

    public async Task Throttle(int latencyMs, int bitsPerSecondDown, int bitsPerSecondUp)
    {
        await session.SendAsync("Network.setCacheDisabled", new() { ["cacheDisabled"] = true });
        await session.SendAsync("Network.emulateNetworkConditions", new()
        {
            ["offline"] = false,
            ["latency"] = latencyMs,
            ["downloadThroughput"] = bitsPerSecondDown / 8,
            ["uploadThroughput"] = bitsPerSecondUp / 8,
        });
    }

    private void On(string name, Action<Transfer, JsonElement> heard) => session.Event(name).OnEvent += (_, data) =>
    {
        if (data is not { } happened) return;
        lock (gate)
        {
            var id = happened.GetProperty("requestId").GetString()!;
            if (!transfers.TryGetValue(id, out var transfer)) transfers[id] = transfer = new();
            heard(transfer, happened);
        }
    };

    private sealed class Transfer
    {
        public Uri? Address { get; set; }
        public double SoFar { get; set; }
        public double? Total { get; set; }
    }
}

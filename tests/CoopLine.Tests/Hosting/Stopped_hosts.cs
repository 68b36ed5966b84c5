using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Hosting;

/// <summary>Whoever stops a host in a process that lives on has its memory back.</summary>
public sealed class Stopped_hosts : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly RunningSystem coop = new();

    public ValueTask InitializeAsync() => coop.InitializeAsync();

    public ValueTask DisposeAsync() => coop.DisposeAsync();

    [Fact]
    public async Task A_host_that_everybody_called_is_collected_when_it_has_stopped()
    {
        var stopped = await CallAndStop();

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        patience.CancelAfter(Patience);
        using var looks = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        while (IsAlive(stopped)) await looks.WaitForNextTickAsync(patience.Token);
    }

    /// <returns>The services of the host that there was; another one has taken its place.</returns>
    private async Task<WeakReference> CallAndStop()
    {
        var services = new WeakReference(coop.Host.Services);
        var (phone, _) = await coop.LinkedFriend();
        var code = await coop.ShowCode(phone, await coop.Publish());
        await using (var page = await FollowedCode.Open(coop, phone, code)) await page.NextState();
        await coop.Redeem(coop.Sale(code));
        await coop.Restart();
        return services;
    }

    private static bool IsAlive(WeakReference services)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return services.IsAlive;
    }
}

using CoopLine.Grains.Ledger;
using CoopLine.Grains.Storage;
using CoopLine.Tests.Fixtures;
using CoopLine.Tests.Storage;
using Orleans.Storage;

namespace CoopLine.Tests.Monitoring;

/// <summary>The watcher as it runs in the service: found, told, and no till is turned away for it.</summary>
public sealed class Watching_the_service : IAsyncLifetime
{
    private readonly RunningSystem coop = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => coop.InitializeAsync();

    public ValueTask DisposeAsync() => coop.DisposeAsync();

    [Fact]
    public async Task A_violation_is_a_detail_of_readiness_and_the_service_stays_ready()
    {
        Assert.Contains("invariants: Healthy", await Readiness(), StringComparison.Ordinal);
        var storage = coop.Host.Services.GetRequiredKeyedService<IGrainStorage>(StateNames.Storage);
        foreach (var account in new[] { "one", "two" })
        {
            await storage.WriteStateAsync(
                StateNames.CouponCode, GrainId.Create("test", "k-" + account), new GrainState<Note>(Rows.With(new LedgerRow
                {
                    Id = "linked|" + account,
                    Kind = LedgerKind.Linked,
                    At = Rows.Noon,
                    Member = "1000",
                    Account = account,
                })));
        }

        await Eventually.Holds(
            async () => (await Readiness()).Contains("invariants: Degraded 1 violations", StringComparison.Ordinal), "one violation is told");
    }

    private async Task<string> Readiness()
    {
        using var answer = await coop.Http.GetAsync(new Uri(coop.Host.Address, "/health/ready"), Cancellation);
        answer.EnsureSuccessStatusCode();
        return await answer.Content.ReadAsStringAsync(Cancellation);
    }
}

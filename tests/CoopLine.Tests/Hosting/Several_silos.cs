using System.Net;
using CoopLine.Tests.Fixtures;
using Host = CoopLine.Tests.Fixtures.Host;

namespace CoopLine.Tests.Hosting;

/// <summary>Three silos that know each other through the database only.</summary>
public sealed class Several_silos : IAsyncLifetime
{
    private readonly List<Host> others = [];
    private RunningSystem coop = null!;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        TestDatabase.SkipOnSqlite("a cluster needs PostgreSQL");
        coop = new();
        await coop.InitializeAsync();
        for (var i = 0; i < 2; i++) others.Add(await Host.Start(coop.Settings("coopline"), coop.Clock));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var one in others) await one.DisposeAsync();
        if (coop is not null) await coop.DisposeAsync();
    }

    [Fact]
    public async Task Given_three_silos_when_one_leaves_then_the_others_know_and_answer_for_all_grains()
    {
        foreach (var host in others.Append(coop.Host)) await UntilActive(host, 3);
        var campaigns = new List<string>();
        for (var i = 0; i < 12; i++) campaigns.Add(await coop.Publish());
        await EveryOneIsFound();

        var leaving = others[0];
        others.Remove(leaving);
        await leaving.DisposeAsync();

        foreach (var host in others.Append(coop.Host)) await UntilActive(host, 2);
        await EveryOneIsFound();

        async Task EveryOneIsFound()
        {
            foreach (var host in others.Append(coop.Host))
            {
                foreach (var campaign in campaigns)
                {
                    using var found = await coop.Staff(host).GetAsync($"/staff/v1/campaigns/{campaign}", Cancellation);
                    Assert.Equal(HttpStatusCode.OK, found.StatusCode);
                }
            }
        }
    }

    private static async Task UntilActive(Host host, int silos)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        patience.CancelAfter(TimeSpan.FromMinutes(1));
        var membership = host.Services.GetRequiredService<IClusterMembershipService>();
        await foreach (var view in membership.MembershipUpdates.WithCancellation(patience.Token))
        {
            if (view.Members.Values.Count(member => member.Status == SiloStatus.Active) == silos) return;
        }
    }
}

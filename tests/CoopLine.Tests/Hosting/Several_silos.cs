using System.Net;
using System.Text.Json;
using CoopLine.Grains.Coupons;
using CoopLine.Silo.Hosting;
using CoopLine.Tests.Fixtures;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
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

    [Fact]
    public async Task Given_a_page_at_each_silo_when_the_till_calls_another_then_all_learn_of_it_also_after_one_has_left()
    {
        foreach (var host in others.Append(coop.Host)) await UntilActive(host, 3);
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var code = await coop.ShowCode(phone, tofu);
        await using var here = await FollowedCode.Open(coop, phone, code);
        await using var there = await FollowedCode.Open(coop, phone, code, others[1]);
        await here.NextState();
        await there.NextState();
        var sale = coop.Sale(code);

        using (var till = coop.Till(host: others[0])) await coop.Redeem(sale, at: till);
        Assert.Equal([$"{tofu} on 1: 30"], (await here.NextState()).Discounts);
        Assert.Equal([$"{tofu} on 1: 30"], (await there.NextState()).Discounts);

        var leaving = others[0];
        others.Remove(leaving);
        await leaving.DisposeAsync();
        foreach (var host in others.Append(coop.Host)) await UntilActive(host, 2);
        using (var till = coop.Till(host: others[0]))
        using (var voided = await till.PostAsync($"/pos/v1/receipts/{sale.Key}/void", null, Cancellation))
            Assert.Equal(HttpStatusCode.OK, voided.StatusCode);

        // The coupon may have moved: the next look finds it.
        Assert.Empty((await here.NextStateAfter(TimeSpan.FromSeconds(10))).Discounts);
        Assert.Empty((await there.NextStateAfter(TimeSpan.FromSeconds(10))).Discounts);
    }

    [Fact]
    public async Task Given_three_silos_when_somebody_is_erased_at_one_then_none_knows_them_any_more()
    {
        Host[] all = [.. others, coop.Host];
        foreach (var host in all) await UntilActive(host, 3);
        var (phone, member) = await coop.LinkedFriend();
        var (tofu, milk) = (await coop.Publish(), await coop.Publish());
        await coop.Use(phone, tofu);
        var code = await coop.ShowCode(phone, milk);
        var known = Codes(coop.Host).Find(code)!;
        foreach (var host in others) Codes(host).Remember(known); // at the latest now: until a silo has settled, news may pass it by
        await coop.Withdraw(member);

        using (var erased = await coop.Erase(member.Number, others[0])) Assert.Equal(HttpStatusCode.OK, erased.StatusCode);
        await coop.UntilErased(member.Number);

        ErasureSteps.AssertNowhere(await coop.EverythingStored(), member.Number, phone.UserId);
        foreach (var host in all)
        {
            using var staff = coop.Staff(host);
            var seen = await staff.GetFromJsonAsync<JsonElement>($"/staff/v1/members/{member.Number}", Cancellation);
            Assert.Equal("tester", seen.GetProperty("erased").GetProperty("by").GetString());
        }

        // No code is issued any more: memory is tidied all the same.
        await Eventually.Holds(
            () =>
            {
                coop.Clock.Advance(TimeSpan.FromSeconds(20));
                return all.All(host => Codes(host).Find(code) is null);
            },
            "A silo still remembers the code.");
        await coop.Link(phone, await coop.NewMember());
        using var refused = await coop.AskForCode(phone, tofu);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);

        static RecentCodes Codes(Host host) => host.Services.GetRequiredService<RecentCodes>();
    }

    /// <summary>What the service itself is set to; these tests wait longer. The cluster tests print what it comes to.</summary>
    [Fact]
    public async Task A_silo_that_is_gone_is_voted_out_within_five_seconds()
    {
        await using var service = CoopLineApp.Create([], builder => builder.Configuration.AddInMemoryCollection(coop.Settings("coopline")));

        var membership = service.Services.GetRequiredService<IOptions<ClusterMembershipOptions>>().Value;

        Assert.InRange(membership.MaxProbeTimeout * membership.NumMissedProbesLimit, TimeSpan.Zero, TimeSpan.FromSeconds(5));
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

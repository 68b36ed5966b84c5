using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using CoopLine.Grains.Campaigns;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Campaigns;

/// <summary>A campaign is issued to those whom the registry has like this.</summary>
public sealed class Segments(RunningSystem coop) : IClassFixture<RunningSystem>
{
    [Fact]
    public async Task A_segment_of_the_registry_is_a_list_as_it_is_at_that_moment()
    {
        var (phone, home) = await coop.LinkedFriend("home");
        var (_, other) = await coop.LinkedFriend("home");
        var (storePhone, _) = await coop.LinkedFriend();
        await coop.Register(home with { HomeStore = "S-1" }, other with { HomeStore = "S-2" }, Some.Member("home") with { HomeStore = "S-1", Status = "withdrawn" });
        var named = await coop.Publish(Some.Campaign(issuedTo: "list"));

        async Task<int> Choose(object segment)
        {
            using var response = await coop.Staff().PutAsJsonAsync($"/staff/v1/campaigns/{named}/segment", segment);
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
            return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("members").GetInt32();
        }

        Assert.Equal(2, await Choose(new { homeStores = new[] { "S-1", "S-2" } }));
        Assert.Equal(1, await Choose(new { businesses = new[] { "group", "home" }, homeStores = new[] { "S-1" } }));
        Assert.Contains(named, (await coop.Available(phone)).Campaigns("usable"));
        Assert.DoesNotContain(named, (await coop.Available(storePhone)).Campaigns("usable"));
        Assert.InRange(await Choose(new { businesses = new[] { "store" } }), 50, int.MaxValue);
        Assert.DoesNotContain(named, (await coop.Available(phone)).Campaigns("usable"));
        Assert.Contains(named, (await coop.Available(storePhone)).Campaigns("usable"));

        foreach (var (segment, field) in new (object, string)[] { (new { }, "businesses"), (new { businesses = new[] { "shop" } }, "businesses"), (new { homeStores = Array.Empty<string>() }, "homeStores") })
        {
            using var bad = await coop.Staff().PutAsJsonAsync($"/staff/v1/campaigns/{named}/segment", segment);
            await bad.AssertBad(field);
        }

        using var nobody = await coop.Staff().PutAsJsonAsync($"/staff/v1/campaigns/{named}/segment", new { businesses = new[] { "store" }, homeStores = new[] { "S-1" } });
        Assert.Equal("urn:coopline:nobody", (await nobody.AssertProblem(HttpStatusCode.BadRequest)).GetProperty("type").GetString());
        Assert.Contains(named, (await coop.Available(storePhone)).Campaigns("usable"));
    }

    [Fact]
    public async Task A_segment_of_half_an_import_is_no_list()
    {
        var imported = new TaskCompletionSource<Func<Task>>();
        await using var system = new RunningSystem
        {
            Wrap = services => services.AddSingleton<ICampaignLists>(provider => new Slow(
                ActivatorUtilities.CreateInstance<Silo.Storage.CampaignLists>(provider), async () => await (await imported.Task)())),
        };
        await system.InitializeAsync();
        var named = await system.Publish(Some.Campaign(issuedTo: "list"));
        await system.Register(Some.Member("home"));
        imported.SetResult(() => system.Register(Some.Member("home")));

        using var response = await system.Staff().PutAsJsonAsync($"/staff/v1/campaigns/{named}/segment", new { businesses = new[] { "home" } });

        Assert.Equal("urn:coopline:registry-changed", (await response.AssertProblem(HttpStatusCode.Conflict)).GetProperty("type").GetString());
        Assert.Equal(0, (await system.Staff().GetFromJsonAsync<JsonElement>($"/staff/v1/campaigns/{named}")).GetProperty("members").GetInt32());
    }

    /// <summary>Something happens while a list is written.</summary>
    private sealed class Slow(ICampaignLists lists, Func<Task> meanwhile) : ICampaignLists
    {
        public async Task<MemberList> Write(string campaign, IAsyncEnumerable<string> members, CancellationToken cancellation)
        {
            await meanwhile();
            return await lists.Write(campaign, members, cancellation);
        }

        public Task Discard(string campaign, MemberList list, CancellationToken cancellation) => lists.Discard(campaign, list, cancellation);

        public Task Forget(string campaign, MemberList counts, CancellationToken cancellation) => lists.Forget(campaign, counts, cancellation);

        public Task<ImmutableArray<string>> Having(
            IReadOnlyCollection<string> wanted, IReadOnlyCollection<string> members, CancellationToken cancellation) =>
            lists.Having(wanted, members, cancellation);
    }
}

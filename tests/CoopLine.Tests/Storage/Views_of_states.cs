using System.Collections.Immutable;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Registry;
using CoopLine.Grains.Storage;

namespace CoopLine.Tests.Storage;

public sealed class Views_of_states_with_group_commit(GroupCommitHost host) : Views_of_states(host), IClassFixture<GroupCommitHost>;

public sealed class Views_of_states_with_AdoNet(AdoNetHost host) : Views_of_states(host), IClassFixture<AdoNetHost>;

public abstract class Views_of_states(StorageHost host)
{
    private sealed record StoredCampaign(
        int Version, CampaignStatus Status, CampaignDefinition? Definition, DateTimeOffset? StoppedAt = null);

    private sealed record StoredMember(StoredLink? Link);

    private sealed record StoredLink(string Id, string Account, DateTimeOffset At);

    [Fact]
    public async Task Campaigns_are_read_as_their_grains_keep_them()
    {
        var definition = new CampaignDefinition(
            "絹ごし豆腐 30円引き",
            null,
            new(DiscountType.Yen, 30),
            new(["4901234567894"], [], []),
            ["0123"],
            [Business.Store],
            Rows.Noon,
            Rows.Noon.AddDays(30),
            UnknownMarkdown.Allow);
        var stopped = Rows.Noon.AddDays(3);
        await host.Write(StateNames.Campaign, "p-tofu", new StoredCampaign(2, CampaignStatus.Published, definition));
        await host.Write(StateNames.Campaign, "p-eggs", new StoredCampaign(1, CampaignStatus.Stopped, definition, stopped));
        await host.Write(StateNames.Campaign, "p-unborn", new StoredCampaign(0, CampaignStatus.Draft, null));
        await host.Clear(
            StateNames.Campaign,
            "p-gone",
            await host.Write(StateNames.Campaign, "p-gone", new StoredCampaign(1, CampaignStatus.Draft, definition)));

        ImmutableArray<Campaign> expected =
        [
            new("eggs", 1, CampaignStatus.Stopped, definition, stopped),
            new("tofu", 2, CampaignStatus.Published, definition, null),
        ];
        var read = await host.Service<ICampaignReader>().All(default);
        Assert.Equal(expected, read.Select(campaign => campaign with { Etag = 0 }));
        Assert.All(read, campaign => Assert.NotEqual(0, campaign.Etag));
    }

    [Fact]
    public async Task Linked_members_are_those_with_a_link_now()
    {
        await host.Write(StateNames.Member, "m-10000001", new StoredMember(new("event-1", "U-one", Rows.Noon)));
        await host.Write(StateNames.Member, "m-10000002", new StoredMember(null));
        await host.Write(StateNames.Coupon, "m-10000003", new StoredMember(new("event-3", "U-three", Rows.Noon)));

        Assert.Equal(
            "1 10000001 U-one event-1 2026-11-22T12:00:00+09:00",
            await host.Scalar<string>(
                "SELECT (SELECT count(*) FROM linked_members) || ' ' || member_number || ' ' || account || ' ' || link_id || ' ' || since FROM linked_members"));
    }
}

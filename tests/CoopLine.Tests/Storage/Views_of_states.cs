using System.Collections.Immutable;
using CoopLine.Grains.Accounts;
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
        var first = await host.Write(StateNames.Member, "m-10000001", new StoredMember(new("event-1", "U-one", Rows.Noon)));
        await host.Write(StateNames.Member, "m-10000002", new StoredMember(null));
        await host.Write(StateNames.Coupon, "m-10000003", new StoredMember(new("event-3", "U-three", Rows.Noon)));
        Assert.Equal("10000001 U-one event-1 2026-11-22T12:00:00+09:00", await Linked());

        first = await host.Write(StateNames.Member, "m-10000001", new StoredMember(new("event-4", "U-four", Rows.Noon)), first.ETag);
        Assert.Equal("10000001 U-four event-4 2026-11-22T12:00:00+09:00", await Linked());

        first = await host.Write(StateNames.Member, "m-10000001", new StoredMember(null), first.ETag);
        Assert.Equal("-", await Linked());

        first = await host.Write(StateNames.Member, "m-10000001", new StoredMember(new("event-5", "U-five", Rows.Noon)), first.ETag);
        Assert.Equal("10000001 U-five event-5 2026-11-22T12:00:00+09:00", await Linked());
        await host.Clear(StateNames.Member, "m-10000001", first);
        Assert.Equal("-", await Linked());

        await host.Write(StateNames.Member, "m-10000006", new StoredMember(new("event-6", "U-six", Rows.Noon)));
        await host.Execute("DELETE FROM OrleansStorage WHERE GrainTypeString = 'member' AND GrainIdExtensionString = 'm-10000006'");
        Assert.Equal("-", await Linked());

        Task<string> Linked() => host.Scalar<string>(
            "SELECT coalesce(max(member_number || ' ' || account || ' ' || link_id || ' ' || since), '-') FROM linked_members");
    }

    [Fact]
    public async Task Line_accounts_are_what_their_grains_know()
    {
        await host.Write(StateNames.LineAccount, "u-Uplain", new LineAccountState());
        Assert.Equal("Uplain 0   - -", await Account());

        var state = new LineAccountState
        {
            Blocked = true,
            TopicsOff = [Topic.Store],
            TopicsOn = [Topic.Saved],
            FollowChangedAt = Rows.Noon,
            Link = new("event-1", "Uother", "10000001", Rows.Noon, 1),
        };
        await host.Execute("DELETE FROM OrleansStorage WHERE GrainTypeString = 'line-account'");
        var version = await host.Write(StateNames.LineAccount, "u-Uother", state);
        Assert.Equal("""Uother 1 ["store"] ["saved"] 10000001 2026-11-22T12:00:00+09:00""", await Account());

        version = await host.Write(StateNames.LineAccount, "u-Uother", state with { Blocked = false, Link = null, TopicsOff = [] }, version.ETag);
        Assert.Equal("""Uother 0  ["saved"] - 2026-11-22T12:00:00+09:00""", await Account());

        await host.Clear(StateNames.LineAccount, "u-Uother", version);
        Assert.Equal("-", await Account());

        Task<string> Account() => host.Scalar<string>(
            """
            SELECT coalesce(max(account || ' ' || blocked || ' ' || topics_off || ' ' || topics_on || ' ' || coalesce(member, '-') || ' '
                || coalesce(follow_changed_at, '-')), '-')
            FROM line_accounts
            """);
    }
}

using CoopLine.Grains.Campaigns;
using CoopLine.Silo.Storage;

namespace CoopLine.Tests.Storage;

/// <summary>Lists of members to whom campaigns are issued, before and after they count.</summary>
public sealed class Lists_of_members(GroupCommitHost host) : IClassFixture<GroupCommitHost>
{
    private static readonly string[] Members = ["10000001", "10000002"];

    private ICampaignLists Lists => host.Service<ICampaignLists>();

    [Fact]
    public async Task A_list_that_is_still_being_written_when_another_comes_to_count_stays_whole()
    {
        var slow = await Write("slow", Members);
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        var quick = await Write("slow", Members);
        host.Clock.Advance(TimeSpan.FromSeconds(1));
        var late = await Write("slow", Members);

        await Lists.Forget("slow", counts: quick);

        Assert.Equal([slow.Id, quick.Id, late.Id], await Having(slow, quick, late));
    }

    [Fact]
    public async Task Lists_that_do_not_count_any_more_are_forgotten_and_no_others()
    {
        var before = await Write("old", Members);
        var other = await Write("another", Members);
        host.Clock.Advance(TimeSpan.FromDays(2));
        var now = await Write("old", Members);

        await Lists.Forget("old", counts: now);

        Assert.Equal([other.Id, now.Id], await Having(before, other, now));
        host.Clock.Advance(TimeSpan.FromDays(2));
        await Lists.Forget("old", counts: now);
        Assert.Equal([other.Id, now.Id], await Having(other, now));
    }

    [Fact]
    public async Task A_member_is_on_the_lists_that_name_the_member()
    {
        var one = await Write("one", Members[..1]);
        var both = await Write("both", [.. Members, .. Members]);

        Assert.Equal((1, 2), (one.Members, both.Members));
        Assert.Equal([both.Id], await Lists.Having([one.Id, both.Id], Members[1..]));
        Assert.Equal([one.Id], await Lists.Having([one.Id], Members));
    }

    [Fact]
    public async Task Of_a_list_that_was_given_up_nothing_stays()
    {
        var whole = await Write("given-up", Members);

        await Assert.ThrowsAsync<TimeoutException>(() => Lists.Write("given-up", BreakingOff()));
        await Lists.Discard("given-up", whole);

        Assert.Equal(0, await Rows("given-up"));

        async IAsyncEnumerable<string> BreakingOff()
        {
            for (var number = 0; number < 12_000; number++) yield return $"{number:D8}";
            Assert.NotEqual(0, await Rows("given-up") - whole.Members);
            throw new TimeoutException();
        }
    }

    private async Task<long> Rows(string campaign)
    {
        await using var connection = await host.Service<Database>().OpenReader(TestContext.Current.CancellationToken);
        await using var command = connection.Command("SELECT count(*) FROM campaign_member WHERE campaign = @campaign", ("@campaign", campaign));
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private Task<MemberList> Write(string campaign, string[] members) => Lists.Write(campaign, members.ToAsyncEnumerable());

    /// <returns>Of these lists, those that still name somebody, in the order in which they were written.</returns>
    private async Task<IEnumerable<string>> Having(params MemberList[] lists) =>
        (await Lists.Having([.. lists.Select(list => list.Id)], Members)).Order(StringComparer.Ordinal);
}

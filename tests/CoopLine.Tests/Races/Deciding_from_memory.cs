using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoopLine.Grains.Coupons;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Races;

public sealed class Deciding_from_memory_with_group_commit(Rivals rivals) : Deciding_from_memory(rivals), IClassFixture<Rivals>;

/// <summary>Nobody looks at what is remembered when it is written: so nothing may be decided from it.</summary>
public sealed class Deciding_from_memory_with_AdoNet(RivalsWithAdoNet rivals) : Deciding_from_memory(rivals), IClassFixture<RivalsWithAdoNet>;

/// <summary>
/// One host issued the code and remembers it, the campaigns and how the member stood; the other one changes something that
/// the first is not told. The till asks the first.
/// </summary>
public abstract class Deciding_from_memory(Rivals rivals)
{
    private RunningSystem Coop => rivals.Crowd.Coop;

    [Fact]
    public async Task What_is_remembered_and_still_so_is_redeemed_without_a_read()
    {
        var (_, _, campaign, code) = await CodeInHand();

        var known = Coop.Host.Services.GetRequiredService<RecentCodes>().Find(code);
        Assert.Equal([campaign], known!.Grant.Campaigns);
        Assert.True((await Redeem(code)).Redeemed);
    }

    [Fact]
    public async Task Another_account_s_link_under_the_number_is_seen()
    {
        var (phone, member, _, code) = await CodeInHand();
        using var unlinked = await Coop.Staff(rivals.Rival).PostAsJsonAsync(
            $"/staff/v1/members/{member.Number}/unlink", new { reason = "機種変更", identityCheck = "運転免許証" });
        Assert.Equal(HttpStatusCode.OK, unlinked.StatusCode);

        Assert.Equal("notLinked", (await Redeem(code)).Reason);
        Assert.Empty(await Coop.Ledger(member.Number, "used"));
    }

    [Fact]
    public async Task So_is_an_import_after_which_nobody_is_a_member_under_the_number()
    {
        var (_, member, _, code) = await CodeInHand();
        await Coop.Register(member with { Status = "withdrawn" });

        Assert.Equal("notLinked", (await Redeem(code)).Reason);
    }

    [Fact]
    public async Task So_is_an_import_after_which_the_number_replaces_one_that_used_the_coupon()
    {
        var (_, member, campaign, code) = await CodeInHand();
        var (husband, old) = await Coop.LinkedFriend();
        await Coop.Use(husband, campaign);
        await Coop.Register(old with { Status = "withdrawn", ReplacedBy = member.Number });

        Assert.Equal("alreadyUsed", (await Redeem(code)).Reason);
    }

    [Fact]
    public async Task So_is_a_campaign_that_was_stopped()
    {
        var (_, _, campaign, code) = await CodeInHand();
        using var stopped = await Coop.Staff(rivals.Rival).PostAsync($"/staff/v1/campaigns/{campaign}/stop", null);
        Assert.Equal(HttpStatusCode.OK, stopped.StatusCode);

        Assert.Equal("stopped", (await Redeem(code)).Reason);
    }

    [Fact]
    public async Task So_is_a_campaign_that_takes_off_another_amount()
    {
        var (_, _, campaign, code) = await CodeInHand();
        var changed = JsonSerializer.SerializeToNode<object>(Some.Campaign())!.AsObject();
        changed["discount"] = new JsonObject { ["type"] = "yen", ["value"] = 47 };
        using var defined = await Coop.Staff(rivals.Rival).PutAsJsonAsync($"/staff/v1/campaigns/{campaign}", changed);
        Assert.True(defined.IsSuccessStatusCode, await defined.Content.ReadAsStringAsync());
        using var published = await Coop.Staff(rivals.Rival).PostAsync($"/staff/v1/campaigns/{campaign}/publish", null);

        var answer = await Redeem(code);
        Assert.True(answer.Redeemed);
        Assert.Equal(47, answer.Body.GetProperty("discounts")[0].GetProperty("amount").GetInt32());
    }

    [Fact]
    public async Task A_coupon_that_was_used_and_given_back_behind_its_back_is_redeemed()
    {
        var (phone, _, campaign, code) = await CodeInHand();
        var earlier = Coop.Sale(await Coop.ShowCode(phone, campaign));
        Assert.True((await rivals.Crowd.Redeem(earlier, rivals.Rival)).Redeemed);
        await Coop.Void(earlier);

        Assert.True((await Redeem(code)).Redeemed);
    }

    /// <summary>Everything that the first host may remember was there when it issued the code.</summary>
    private async Task<(SimulatedPhone Phone, RegisteredMember Member, string Campaign, string Code)> CodeInHand()
    {
        var (phone, member) = await Coop.LinkedFriend();
        var campaign = await Coop.Publish();
        Coop.Clock.Advance(TimeSpan.FromSeconds(1)); // Its list of campaigns is read anew, and good for a second that does not pass.
        return (phone, member, campaign, await Coop.ShowCode(phone, campaign));
    }

    private Task<Answered> Redeem(string code) => rivals.Crowd.Redeem(Coop.Sale(code), Coop.Host);
}

using System.Net;
using System.Text.Json;
using CoopLine.Grains.Storage;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Pos;

/// <summary>When nothing can be saved, the caller is told to send the same request again; then it works, once.</summary>
[Collection(typeof(RequestHost))]
public sealed class Storage_that_fails(RunningSystem coop)
{
    [Theory]
    [InlineData(Fault.BeforeTheWrite, false)]
    [InlineData(Fault.AfterTheCommit, true)]
    public async Task Given_a_fault_at_the_coupon_when_the_till_sends_again_then_it_is_redeemed_once(Fault fault, bool replayed)
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var sale = coop.Sale(await coop.ShowCode(phone, tofu));

        coop.Faults.Order(StateNames.Coupon, fault);
        using var failed = await coop.Till().PostAsJsonAsync("/pos/v1/redemptions", sale);
        await AssertUnavailable(failed);
        var answer = await coop.Redeem(sale);

        Assert.Equal([$"{tofu} on 1: 30"], answer.Discounts);
        Assert.Equal(replayed, answer.Replayed);
        Assert.Equal([$"used {tofu} 30"], await coop.LedgerOf(sale));
    }

    [Theory]
    [InlineData(StateNames.Receipt, Fault.BeforeTheWrite)]
    [InlineData(StateNames.Receipt, Fault.AfterTheCommit)]
    [InlineData(StateNames.Coupon, Fault.BeforeTheWrite)]
    [InlineData(StateNames.Coupon, Fault.AfterTheCommit)]
    public async Task Given_a_fault_with_several_coupons_when_the_till_sends_again_then_each_is_redeemed_once(string state, Fault fault)
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var milk = await coop.Publish(Some.Campaign(value: 50, jan: "4902345678905"));
        var sale = coop.Sale(
            await coop.ShowCode(phone, tofu, milk), lines: [Sale.Line(), Sale.Line(2, "4902345678905")]);

        coop.Faults.Order(state, fault);
        using var failed = await coop.Till().PostAsJsonAsync("/pos/v1/redemptions", sale);
        await AssertUnavailable(failed);
        var answer = await coop.Redeem(sale);
        var replay = await coop.Redeem(sale);

        Assert.Equal("redeemed", answer.Outcome);
        Assert.Equal([$"{tofu} on 1: 30", $"{milk} on 2: 50"], answer.Discounts);
        Assert.True(replay.Replayed);
        Assert.Equal([$"used {milk} 50", $"used {tofu} 30"], (await coop.LedgerOf(sale)).OrderDescending());
    }

    [Theory]
    [InlineData(Fault.BeforeTheWrite)]
    [InlineData(Fault.AfterTheCommit)]
    public async Task Given_a_fault_at_a_void_when_sent_again_then_the_coupon_comes_back_once(Fault fault)
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var (sale, _) = await coop.Use(phone, tofu);

        coop.Faults.Order(StateNames.Coupon, fault);
        using var failed = await coop.Till().PostAsync($"/pos/v1/receipts/{sale.Key}/void", null);
        await AssertUnavailable(failed);
        await coop.Void(sale);

        Assert.Equal([$"used {tofu} 30", $"voided {tofu} 30 given back"], await coop.LedgerOf(sale));
        Assert.Contains(tofu, (await coop.Available(phone)).Campaigns("usable"));
    }

    [Fact]
    public async Task Given_a_fault_at_a_new_code_when_asked_again_then_there_is_one()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();

        coop.Faults.Order(StateNames.CouponCode, Fault.BeforeTheWrite);
        using var failed = await coop.AskForCode(phone, tofu);
        await AssertUnavailable(failed);

        Assert.Equal("redeemed", (await coop.Use(phone, tofu)).Answer.Outcome);
    }

    [Theory]
    [InlineData(Fault.BeforeTheWrite)]
    [InlineData(Fault.AfterTheCommit)]
    public async Task Given_a_fault_at_a_campaign_when_sent_again_then_it_has_one_version(Fault fault)
    {
        var id = Some.CampaignId();

        coop.Faults.Order(StateNames.Campaign, fault);
        using var failed = await coop.Staff().PutAsJsonAsync($"/staff/v1/campaigns/{id}", Some.Campaign());
        await AssertUnavailable(failed);
        await coop.Publish(id: id);

        var read = await coop.Staff().GetFromJsonAsync<JsonElement>($"/staff/v1/campaigns/{id}");
        Assert.Equal(1, read.GetProperty("version").GetInt32());
        var ledger = await coop.Staff().GetFromJsonAsync<JsonElement>($"/staff/v1/ledger?campaign={id}");
        Assert.Equal(
            ["campaignPublished", "campaignDefined"],
            ledger.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task Given_a_fault_at_an_unlink_when_staff_send_again_then_the_member_is_unlinked_once()
    {
        var (_, member) = await coop.LinkedFriend();

        coop.Faults.Order(StateNames.Member, Fault.BeforeTheWrite);
        using var failed = await coop.Staff().PostAsJsonAsync(
            $"/staff/v1/members/{member.Number}/unlink", new { reason = "機種変更", identityCheck = "組合員証" });
        await AssertUnavailable(failed);
        await coop.UnlinkByStaff(member);

        var ledger = await coop.Staff().GetFromJsonAsync<JsonElement>($"/staff/v1/ledger?kind=unlinked&member={member.Number}");
        Assert.Equal(1, ledger.GetProperty("rows").GetArrayLength());
    }

    private static async Task AssertUnavailable(HttpResponseMessage response)
    {
        var problem = await response.AssertProblem(HttpStatusCode.ServiceUnavailable);
        Assert.Equal("urn:coopline:unavailable", problem.GetProperty("type").GetString());
        Assert.Equal(TimeSpan.FromSeconds(1), response.Headers.RetryAfter?.Delta);
    }
}

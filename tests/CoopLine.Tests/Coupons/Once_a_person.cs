using System.Text;
using CoopLine.Grains;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Registry;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Coupons;

/// <summary>A coupon is used once per member number and once per LINE account, however they were tied together (A2-4).</summary>
[Collection(typeof(CouponHost))]
public sealed class Once_a_person(RunningSystem coop)
{
    [Fact]
    public async Task Given_a_use_when_the_account_links_another_number_then_it_is_refused_there()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var milk = await coop.Publish();
        var first = await coop.Use(phone, tofu);

        var second = await Relink(phone);

        Assert.DoesNotContain(tofu, (await coop.Available(phone)).Campaigns("usable"));
        Assert.Contains(tofu, (await coop.Available(phone)).Campaigns("used"));
        using var code = await coop.AskForCode(phone, tofu);
        Assert.Equal(System.Net.HttpStatusCode.Conflict, code.StatusCode);
        Assert.Equal("redeemed", (await coop.Use(phone, milk)).Answer.Outcome);
        Assert.Equal([$"used {tofu} 30"], await coop.LedgerOf(first.Sale));
        Assert.Empty(await UsesOf(second, tofu));
    }

    [Fact]
    public async Task Given_a_code_shown_under_a_link_in_between_when_the_old_number_is_back_then_the_code_is_dead()
    {
        var (phone, old) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var first = await coop.Use(phone, tofu);
        await coop.Void(first.Sale);
        await Relink(phone);
        var code = await coop.ShowCode(phone, tofu); // free again, so there is a code
        await phone.Unlink();
        await coop.Link(phone, old);
        Assert.Equal("redeemed", (await coop.Use(phone, tofu)).Answer.Outcome);

        // The code of the link in between is dead with it.
        (await coop.Redeem(coop.Sale(code))).AssertRefused(tofu, "notLinked");
    }

    [Fact]
    public async Task Given_a_use_when_the_account_goes_to_another_number_and_back_then_it_is_refused()
    {
        var (phone, old) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        await coop.Use(phone, tofu);

        await Relink(phone);
        await phone.Unlink();
        await coop.Link(phone, old);

        await AssertUsedUp(phone, tofu);
    }

    [Fact]
    public async Task Given_a_use_under_the_second_number_when_the_account_goes_back_to_the_first_then_it_is_refused()
    {
        var (phone, first) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        await Relink(phone);
        Assert.Equal("redeemed", (await coop.Use(phone, tofu)).Answer.Outcome);

        await phone.Unlink();
        await coop.Link(phone, first);

        await AssertUsedUp(phone, tofu);
    }

    [Fact]
    public async Task Given_a_use_when_the_number_goes_to_another_account_then_it_is_refused_there_and_back_again()
    {
        var (lost, member) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        await coop.Use(lost, tofu);
        await coop.UnlinkByStaff(member);
        await lost.WaitForRichMenu("coopline-unlinked");

        var fresh = await coop.NewFriend();
        await coop.Link(fresh, member);
        await AssertUsedUp(fresh, tofu);

        await fresh.Unlink();
        await coop.Link(lost, member);
        await AssertUsedUp(lost, tofu);
    }

    [Fact]
    public async Task Given_a_number_that_moved_to_another_account_then_the_first_account_cannot_use_it_again_under_a_new_number()
    {
        var (phone, member) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        await coop.Use(phone, tofu);
        await coop.UnlinkByStaff(member);
        await phone.WaitForRichMenu("coopline-unlinked");
        await coop.Link(await coop.NewFriend(), member);

        var other = await coop.NewMember();
        await coop.Link(phone, other);

        await AssertUsedUp(phone, tofu);
    }

    [Fact]
    public async Task Given_a_use_that_was_voided_then_it_is_used_once_more_under_the_new_number_and_never_again()
    {
        var (phone, old) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var voided = await coop.Use(phone, tofu);
        await Relink(phone);
        await AssertUsedUp(phone, tofu);

        await coop.Void(voided.Sale);
        Assert.Contains(tofu, (await coop.Available(phone)).Campaigns("usable"));
        var again = await coop.Use(phone, tofu);
        Assert.Equal("redeemed", again.Answer.Outcome);

        await phone.Unlink();
        await coop.Link(phone, old);
        await AssertUsedUp(phone, tofu);
        Assert.Equal([$"used {tofu} 30", $"voided {tofu} 30 given back"], await coop.LedgerOf(voided.Sale));
        Assert.Equal([$"used {tofu} 30"], await coop.LedgerOf(again.Sale));
    }

    [Fact]
    public async Task Given_a_code_that_was_shown_before_the_account_changed_its_number_then_it_is_worth_nothing_after_the_change()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var old = await coop.ShowCode(phone, tofu);
        await Relink(phone);

        (await coop.Redeem(coop.Sale(old))).AssertRefused(tofu, "notLinked");

        Assert.Equal("redeemed", (await coop.Use(phone, tofu)).Answer.Outcome);
    }

    [Fact]
    public async Task Given_a_use_when_the_number_is_replaced_then_the_new_number_has_used_it_too()
    {
        var (phone, old) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var milk = await coop.Publish();
        await coop.Use(phone, tofu);
        var successor = old with { Number = Some.Member().Number };

        await coop.Register(old with { Status = "withdrawn", ReplacedBy = successor.Number }, successor);
        coop.Clock.Advance(TimeSpan.FromSeconds(31)); // the sweeper's round
        await phone.WaitForMessage("新しい番号に変わりました");

        await AssertUsedUp(phone, tofu);
        var fresh = await coop.Use(phone, milk);
        Assert.Equal("redeemed", fresh.Answer.Outcome);
        Assert.Single(await UsesOf(successor, milk));
    }

    [Fact]
    public async Task Given_a_use_under_a_replaced_number_when_the_new_number_is_missing_from_a_full_file_then_it_is_refused_all_the_same()
    {
        var (husband, old) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        await coop.Use(husband, tofu);
        await coop.UnlinkByStaff(old);
        var successor = old with { Number = Some.Member().Number };
        await coop.Register(old with { Status = "withdrawn", ReplacedBy = successor.Number }, successor);
        var wife = await coop.NewFriend();
        await coop.Link(wife, successor);
        var milk = await coop.Publish();

        await coop.Import("full", Some.Member()); // which ends no link

        await AssertUsedUp(wife, tofu);
        Assert.Equal("redeemed", (await coop.Use(wife, milk)).Answer.Outcome);
    }

    [Fact]
    public async Task Given_a_code_in_hand_when_the_number_is_missing_from_a_full_file_then_the_till_refuses_what_the_old_number_used()
    {
        var (code, tofu) = await CodeOfTheNumberThatReplacedOneThatUsedIt();

        await coop.Import("full", Some.Member());

        (await coop.Redeem(coop.Sale(code))).AssertRefused(tofu, "alreadyUsed");
    }

    [Fact]
    public async Task Given_a_replaced_number_that_is_in_no_file_any_more_then_it_is_worth_nothing_also_long_after()
    {
        var (husband, old) = await coop.LinkedFriend();
        var (wife, successor) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var code = await coop.ShowCode(husband, tofu);
        await ImportUnnoticed(ImportMode.Delta, old with { Status = "withdrawn", ReplacedBy = successor.Number });
        await ImportUnnoticed(ImportMode.Full, successor);

        using (var refused = await coop.AskForCode(husband, tofu))
            Assert.Equal(System.Net.HttpStatusCode.Forbidden, refused.StatusCode);
        (await coop.Redeem(coop.Sale(code))).AssertRefused(tofu, "notLinked");
        Assert.Equal("redeemed", (await coop.Use(wife, tofu)).Answer.Outcome);
        coop.Clock.Advance(TimeSpan.FromHours(1)); // the sweeper has gone round
        await husband.WaitForRichMenu("coopline-unlinked");
        Assert.True(await coop.IsFree(old.Number));
    }

    /// <summary>And the sweeper does not go round at once.</summary>
    private async Task ImportUnnoticed(ImportMode mode, RegisteredMember member)
    {
        using var csv = new MemoryStream(Encoding.UTF8.GetBytes(Some.Csv(member)));
        var report = await coop.Host.Services.GetRequiredService<IRegistryImport>().Run(csv, new(mode, Force: true), null, default);
        Assert.Equal(ImportOutcome.Applied, report.Outcome);
        if (mode == ImportMode.Full) coop.ForgetMembers();
    }

    [Fact]
    public async Task Given_a_code_in_hand_when_the_number_turns_out_to_replace_one_that_has_used_it_then_the_till_refuses_it()
    {
        var (code, tofu) = await CodeOfTheNumberThatReplacedOneThatUsedIt();

        var sale = coop.Sale(code);
        (await coop.Redeem(sale, what: "evaluations")).AssertRefused(tofu, "alreadyUsed");
        (await coop.Redeem(sale)).AssertRefused(tofu, "alreadyUsed");
        Assert.Empty(await coop.LedgerOf(sale));
    }

    [Fact]
    public async Task Given_a_code_in_hand_when_a_use_under_the_old_number_comes_in_late_then_one_of_them_is_refused()
    {
        var (phone, old) = await coop.LinkedFriend();
        var (tofu, milk) = (await coop.Publish(), await coop.Publish());
        await Relink(phone);
        var (tofuCode, milkCode) = (await coop.ShowCode(phone, tofu), await coop.ShowCode(phone, milk));

        // The till of the old link was slow: its use arrives before the one and after the other.
        Assert.IsType<UseOutcome.Used>(await LateUse(tofu));
        (await coop.Redeem(coop.Sale(tofuCode))).AssertRefused(tofu, "alreadyUsed");
        Assert.Equal("redeemed", (await coop.Redeem(coop.Sale(milkCode))).Outcome);
        Assert.IsType<UseOutcome.Fenced>(await LateUse(milk));

        Task<UseOutcome> LateUse(string campaign)
        {
            Assert.True(ReceiptKey.TryParse(coop.Sale("").Key, out var receipt));
            return coop.Grains.Coupon(campaign, old.Number).Use(
                new(receipt, "hash", phone.UserId, 1, coop.Clock.GetUtcNow(), 1, 30, 1),
                new(RedemptionResult.Redeemed, [new(campaign, 1, 1, 30)], [], null),
                relied: null);
        }
    }

    private async Task<(string Code, string Tofu)> CodeOfTheNumberThatReplacedOneThatUsedIt()
    {
        var (husband, old) = await coop.LinkedFriend();
        var (wife, successor) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var code = await coop.ShowCode(wife, tofu);
        await coop.Use(husband, tofu);
        await coop.Register(old with { Status = "withdrawn", ReplacedBy = successor.Number });
        return (code, tofu);
    }

    /// <summary>Unlinks and links a number that nobody has had before.</summary>
    private async Task<RegisteredMember> Relink(SimulatedPhone phone)
    {
        var member = await coop.NewMember();
        await phone.Unlink();
        await coop.Link(phone, member);
        return member;
    }

    private async Task AssertUsedUp(SimulatedPhone phone, string campaign)
    {
        var page = await coop.Available(phone);
        Assert.True(page.GetProperty("linked").GetBoolean());
        Assert.Contains(campaign, page.Campaigns("used"));
        using var refused = await coop.AskForCode(phone, campaign);
        var problem = await refused.AssertProblem(System.Net.HttpStatusCode.Conflict);
        Assert.Equal("alreadyUsed", problem.GetProperty("refusals")[0].GetProperty("reason").GetString());
    }

    private async Task<string[]> UsesOf(RegisteredMember member, string campaign)
    {
        var page = await coop.Staff().GetFromJsonAsync<System.Text.Json.JsonElement>(
            $"/staff/v1/ledger?kind=used&member={member.Number}&campaign={campaign}");
        return [.. page.GetProperty("rows").EnumerateArray().Select(row => row.GetProperty("receipt").GetString()!)];
    }
}

using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Stories;

/// <summary>お一人様1回限りの利用となります。</summary>
[Collection(typeof(StoryHost))]
public sealed class Q2_4(RunningSystem coop)
{
    [Fact]
    public async Task The_second_time_the_customer_hears_when_and_where_it_was_used()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var code = await coop.ShowCode(phone, tofu);
        var first = await coop.Redeem(coop.Sale(code));
        Assert.Equal("redeemed", first.Outcome);

        var second = coop.Sale(code, store: "0456");
        var refusal = (await coop.Redeem(second, store: "0456")).AssertRefused(tofu, "alreadyUsed");

        Assert.Equal("0123", refusal.GetProperty("usedStore").GetString());
        Assert.Equal(coop.Clock.GetUtcNow(), refusal.GetProperty("usedAt").GetDateTimeOffset());
        Assert.StartsWith(
            "このクーポンは11月22日に0123店でご利用済みです。", refusal.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Empty(await coop.LedgerOf(second));
    }

    [Fact]
    public async Task A_second_code_shown_before_the_first_was_used_is_worth_nothing_afterwards()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var one = await coop.ShowCode(phone, tofu);
        var other = await coop.ShowCode(phone, tofu);

        Assert.Equal("redeemed", (await coop.Redeem(coop.Sale(one))).Outcome);

        (await coop.Redeem(coop.Sale(other))).AssertRefused(tofu, "alreadyUsed");
    }

    [Fact]
    public async Task The_page_lists_it_as_used_and_gives_no_code_for_it_any_more()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        Assert.Contains(tofu, (await coop.Available(phone)).Campaigns("usable"));

        await coop.Use(phone, tofu);

        var page = await coop.Available(phone);
        Assert.DoesNotContain(tofu, page.Campaigns("usable"));
        var used = page.GetProperty("used").EnumerateArray().Single(one => one.GetProperty("campaign").GetString() == tofu);
        Assert.Equal(30, used.GetProperty("amount").GetInt32());
        Assert.Equal("0123", used.GetProperty("store").GetString());
        using var again = await coop.AskForCode(phone, tofu);
        var problem = await again.AssertProblem(System.Net.HttpStatusCode.Conflict);
        Assert.Equal("alreadyUsed", problem.GetProperty("refusals")[0].GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Another_member_has_a_coupon_of_their_own()
    {
        var (phone, _) = await coop.LinkedFriend();
        var (neighbour, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();

        Assert.Equal("redeemed", (await coop.Use(phone, tofu)).Answer.Outcome);

        Assert.Equal("redeemed", (await coop.Use(neighbour, tofu)).Answer.Outcome);
    }
}

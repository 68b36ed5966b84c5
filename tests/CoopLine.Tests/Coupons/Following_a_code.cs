using System.Net;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Coupons;

/// <summary>The page learns what the till does without asking.</summary>
[Collection(typeof(CouponHost))]
public sealed class Following_a_code(RunningSystem coop)
{
    private static readonly TimeSpan LooksEvery = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Tells_at_once_that_the_till_used_the_coupon_and_that_it_gave_it_back()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var code = await coop.ShowCode(phone, tofu);
        await using var page = await FollowedCode.Open(coop, phone, code);
        Assert.Empty((await page.NextState()).Discounts);
        var sale = coop.Sale(code);
        var before = coop.Clock.GetUtcNow();

        await coop.Redeem(sale);
        var used = await page.NextState();
        await coop.Void(sale);
        var after = await page.NextState();

        Assert.Equal(before, coop.Clock.GetUtcNow()); // told, and not found by the next look
        Assert.Equal([$"{tofu} on 1: 30"], used.Discounts);
        Assert.Empty(after.Discounts);
        Assert.Empty(after.Refusals);
        Assert.Equal([$"{tofu} on 1: 30"], (await coop.Redeem(coop.Sale(code))).Discounts);
        Assert.Equal([$"{tofu} on 1: 30"], (await page.NextState()).Discounts);
    }

    [Fact]
    public async Task Tells_which_coupons_the_till_refused_beside_those_it_took()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var milk = await coop.Publish(Some.Campaign(jan: "4006381333931"));
        var egg = await coop.Publish(Some.Campaign(value: 20));
        var code = await coop.ShowCode(phone, tofu, milk, egg);
        await using var page = await FollowedCode.Open(coop, phone, code);
        await page.NextState();

        await coop.Redeem(coop.Sale(code));
        var state = await page.NextState();
        while (state.Discounts.Length < 2) state = await page.NextState(); // one coupon is written after the other

        Assert.Equal([$"{tofu} on 1: 30", $"{egg} on 1: 20"], state.Discounts.Order());
        Assert.Equal([$"{milk}: noEligibleItem"], state.Refusals);
        Assert.Matches(@"\p{IsHiragana}.*。$", state.GetProperty("refusals")[0].GetProperty("message").GetString()!);
    }

    [Fact]
    public async Task Begins_a_new_connection_with_the_state_as_it_is()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var code = await coop.ShowCode(phone, tofu);
        await using (var lost = await FollowedCode.Open(coop, phone, code)) await lost.NextState();

        await coop.Redeem(coop.Sale(code));
        await using var page = await FollowedCode.Open(coop, phone, code);

        Assert.Equal([$"{tofu} on 1: 30"], (await page.NextState()).Discounts);
    }

    [Fact]
    public async Task Tells_two_open_pages_of_one_use()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var code = await coop.ShowCode(phone, tofu);
        await using var one = await FollowedCode.Open(coop, phone, code);
        await using var other = await FollowedCode.Open(coop, phone, await coop.ShowCode(phone, tofu));
        await one.NextState();
        await other.NextState();

        await coop.Redeem(coop.Sale(code));

        Assert.Equal([$"{tofu} on 1: 30"], (await one.NextState()).Discounts);
        Assert.Equal([$"{tofu} on 1: 30"], (await other.NextState()).Discounts);
    }

    [Fact]
    public async Task Says_that_it_is_there_every_ten_seconds_and_is_over_when_the_code_is()
    {
        var (phone, _) = await coop.LinkedFriend();
        var code = await coop.ShowCode(phone, await coop.Publish());
        await using var page = await FollowedCode.Open(coop, phone, code);
        Assert.False((await page.NextState()).GetProperty("expired").GetBoolean());

        var still = await page.NextAfter(LooksEvery);
        var expired = await page.NextStateAfter(TimeSpan.FromMinutes(5));

        Assert.Equal("still", still!.Value.EventType);
        Assert.True(expired.GetProperty("expired").GetBoolean());
        Assert.Equal("over", (await page.Next())!.Value.EventType);
        Assert.Null(await page.Next());
    }

    [Fact]
    public async Task A_page_that_left_before_the_till_used_its_coupon_is_no_error()
    {
        await using var small = new RunningSystem { Also = { ["CoopLine:RateLimits:PagesFollowing"] = "2" } };
        await small.InitializeAsync();
        var (phone, _) = await small.LinkedFriend();
        var code = await small.ShowCode(phone, await small.Publish());
        await using var stays = await FollowedCode.Open(small, phone, code);
        await stays.NextState();
        await using (var leaves = await FollowedCode.Open(small, phone, code)) await leaves.NextState();
        using var third = small.Member(phone);
        await Eventually.Holds(async () =>
        {
            using var asked = await third.GetAsync($"/coupons/codes/{code}/events", HttpCompletionOption.ResponseHeadersRead);
            return asked.StatusCode == HttpStatusCode.OK;
        }, "the server has heard that the second page is gone");

        var sale = small.Sale(code);
        await small.Redeem(sale);
        await stays.NextState();
        await small.Void(sale);
        await stays.NextState(); // what the coupon told the page that left came before

        Assert.DoesNotContain("Unexpected target grain", HostLog.Current.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Is_given_to_ten_pages_of_one_account_at_a_time()
    {
        var (phone, _) = await coop.LinkedFriend();
        var code = await coop.ShowCode(phone, await coop.Publish());
        var pages = new List<FollowedCode>();
        for (var i = 0; i < 10; i++) pages.Add(await FollowedCode.Open(coop, phone, code));
        using var page = coop.Member(phone);

        Assert.Equal(HttpStatusCode.TooManyRequests, await Ask());
        var (other, _) = await coop.LinkedFriend();
        await using (await FollowedCode.Open(coop, other, await coop.ShowCode(other, await coop.Publish())))
            foreach (var followed in pages) await followed.DisposeAsync();

        // The server hears a little later that they are gone.
        await Eventually.Holds(async () => await Ask() == HttpStatusCode.OK, "one more page may follow");

        async Task<HttpStatusCode> Ask()
        {
            using var asked = await page.GetAsync($"/coupons/codes/{code}/events", HttpCompletionOption.ResponseHeadersRead);
            return asked.StatusCode;
        }
    }

    [Fact]
    public async Task Follows_a_used_code_beyond_its_end_for_a_void()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var code = await coop.ShowCode(phone, tofu);
        var sale = coop.Sale(code);
        await coop.Redeem(sale);
        await using var page = await FollowedCode.Open(coop, phone, code);
        await page.NextState();

        Assert.True((await page.NextStateAfter(TimeSpan.FromMinutes(6))).GetProperty("expired").GetBoolean());
        await coop.Void(sale);

        Assert.Empty((await page.NextState()).Discounts);
        Assert.Equal("over", (await page.Next())!.Value.EventType);
    }

    [Fact]
    public async Task Tells_that_a_campaign_was_stopped_or_has_ended_while_the_code_is_shown()
    {
        var (phone, _) = await coop.LinkedFriend();
        var stopped = await coop.Publish();
        var ending = await coop.Publish(Some.Campaign(endsAt: coop.At(TimeSpan.FromMinutes(1))));
        var code = await coop.ShowCode(phone, stopped, ending);
        await using var page = await FollowedCode.Open(coop, phone, code);
        Assert.Empty((await page.NextState()).Refusals);

        using var stop = await coop.Staff().PostAsync($"/staff/v1/campaigns/{stopped}/stop", null);
        var first = await page.NextStateAfter(LooksEvery);
        var second = await page.NextStateAfter(TimeSpan.FromMinutes(1));

        Assert.Equal([$"{stopped}: stopped"], first.Refusals);
        Assert.Equal([$"{stopped}: stopped", $"{ending}: ended"], second.Refusals);
    }

    [Fact]
    public async Task Tells_that_the_number_was_unlinked_meanwhile()
    {
        var (phone, member) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        await using var page = await FollowedCode.Open(coop, phone, await coop.ShowCode(phone, tofu));
        await page.NextState();

        await coop.UnlinkByStaff(member);

        Assert.Equal([$"{tofu}: notLinked"], (await page.NextStateAfter(LooksEvery)).Refusals);
    }

    [Fact]
    public async Task Is_told_nothing_of_a_code_that_is_somebody_elses_unknown_or_no_code()
    {
        var (phone, _) = await coop.LinkedFriend();
        var (stranger, _) = await coop.LinkedFriend();
        var code = await coop.ShowCode(phone, await coop.Publish());

        foreach (var other in new[] { code, "2912345678906", "12", "abc" })
        {
            using var response = await coop.Member(stranger).GetAsync($"/coupons/codes/{other}/events");
            await response.AssertProblem(HttpStatusCode.NotFound);
        }

        using var nobody = new HttpClient { BaseAddress = coop.Host.Address };
        using var unsigned = await nobody.GetAsync($"/coupons/codes/{code}/events");
        await unsigned.AssertProblem(HttpStatusCode.Unauthorized);
    }
}

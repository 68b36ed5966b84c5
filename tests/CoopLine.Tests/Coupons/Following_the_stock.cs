using System.Net;
using System.Net.ServerSentEvents;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Coupons;

/// <summary>A page that shows coupons learns that one is nearly used up, used up, or to be had again, whoever used it.</summary>
public sealed class Following_the_stock(RunningSystem coop) : IClassFixture<RunningSystem>
{
    [Fact]
    public async Task The_list_is_told_of_a_change_and_may_then_read_it()
    {
        var (phone, _) = await coop.LinkedFriend();
        var (one, _) = await coop.LinkedFriend();
        var (other, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish(Some.Campaign(limits: new { totalUses = 2 }));
        using var page = coop.Member(phone);
        using var response = await page.GetAsync("/coupons/events", HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal((HttpStatusCode.OK, "no"), (response.StatusCode, response.Headers.GetValues("X-Accel-Buffering").Single()));
        await using var events = SseParser.Create(await response.Content.ReadAsStreamAsync()).EnumerateAsync().GetAsyncEnumerator();
        await Changes(); // nobody knows what there was before

        await coop.Use(one, tofu);
        await coop.Use(other, tofu);
        await Changes();
        Assert.Contains(tofu, (await coop.Available(phone)).Campaigns("ended"));

        // The clock stands still: nothing comes by time.
        async Task Changes()
        {
            do Assert.True(await events.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(1)));
            while (events.Current.EventType != "changed");
        }
    }

    [Fact]
    public async Task A_code_on_show_says_that_the_last_one_went_to_somebody_else_and_the_winner_s_says_what_was_saved()
    {
        var (winner, _) = await coop.LinkedFriend();
        var (loser, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish(Some.Campaign(limits: new { totalUses = 1 }));
        var (won, lost) = (await coop.ShowCode(winner, tofu), await coop.ShowCode(loser, tofu));
        await using var winning = await FollowedCode.Open(coop, winner, won);
        await using var losing = await FollowedCode.Open(coop, loser, lost);
        await winning.NextState();
        Assert.Empty((await losing.NextState()).Refusals);

        await coop.Redeem(coop.Sale(won));

        Assert.Equal([$"{tofu}: soldOut"], (await losing.NextState()).Refusals);
        var saved = await winning.NextState();
        Assert.Equal([$"{tofu} on 1: 30"], saved.Discounts);
        Assert.Empty(saved.Refusals);
        (await coop.Redeem(coop.Sale(lost))).AssertRefused(tofu, "soldOut");
    }
}

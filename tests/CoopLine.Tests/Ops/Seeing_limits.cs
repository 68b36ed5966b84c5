using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Ops;

/// <summary>How much of their limits campaigns have given away, as operators see it.</summary>
public sealed class Seeing_limits(Looking_things_up.WithOperators shop) : IClassFixture<Looking_things_up.WithOperators>
{
    private readonly RunningSystem coop = shop.Coop;

    [Fact]
    public async Task The_fullest_campaign_is_first_with_uses_and_yen_in_all_today_and_of_its_three_fullest_stores()
    {
        string[] stores = ["0123", "0123", "0123", "0456", "0456", "0777", "0888"];
        var byStore = await coop.Publish(Some.Campaign(
            limits: new { perStoreUses = 4, perStore = new Dictionary<string, object> { ["0888"] = new { uses = 10 } } }));
        var inAll = await coop.Publish(Some.Campaign(limits: new { totalUses = 5, totalYen = 1000 }));
        var byDay = await coop.Publish(Some.Campaign(limits: new { perDayYen = 30 }));
        var unlimited = await coop.Publish();
        var stopped = await coop.Publish(Some.Campaign(limits: new { totalUses = 1 }));
        using var stop = await coop.Staff().PostAsync($"/staff/v1/campaigns/{stopped}/stop", null);
        for (var i = 0; i < stores.Length; i++)
        {
            var (phone, _) = await coop.LinkedFriend();
            await Use(byStore, stores[i]);
            if (i < 4) await Use(inAll, "0123");
            if (i < 1) await Use(byDay, "0123");

            async Task Use(string campaign, string store) => Assert.Equal(
                "redeemed", (await coop.Redeem(coop.Sale(await coop.ShowCode(phone, campaign), store), store)).Outcome);
        }

        var page = await Words("ja");

        Assert.Contains(
            $"とうふ {byDay} 100% 本日: 1回、30 / 30円 終了 "
            + $"とうふ {inAll} 80% 全体: 4 / 5回、120 / 1,000円 残りわずか "
            + $"とうふ {byStore} 75% 店 0123: 3 / 4回、90円 50% 店 0456: 2 / 4回、60円 25% 店 0777: 1 / 4回、30円 ",
            page,
            StringComparison.Ordinal);
        Assert.DoesNotContain("0888", page, StringComparison.Ordinal);
        Assert.DoesNotContain(unlimited, page, StringComparison.Ordinal);
        Assert.DoesNotContain(stopped, page, StringComparison.Ordinal);
        Assert.Contains($"{inAll} 80% In all: 4 / 5 uses, 120 / 1,000 yen nearly used up ", await Words("en"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_more_than_twenty_campaigns_are_listed_and_the_others_counted()
    {
        for (var i = 0; i < 22; i++) await coop.Publish(Some.Campaign(limits: new { totalUses = 5 }));

        var page = await Page("ja");

        Assert.Equal(20, Regex.Count(page, "<code>tofu-"));
        Assert.Matches("ほか[0-9]+件", page);
    }

    private async Task<string> Words(string language) => Regex.Replace(Regex.Replace(await Page(language), "<[^>]+>", " "), @"\s+", " ");

    private async Task<string> Page(string language)
    {
        using var staff = new HttpClient { BaseAddress = shop.Ops };
        staff.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", RunningSystem.StaffKey);
        staff.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        using var answer = await staff.GetAsync("/ops");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }
}

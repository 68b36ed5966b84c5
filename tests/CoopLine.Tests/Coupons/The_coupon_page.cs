using System.Net;
using System.Text.Json;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Coupons;

/// <summary>What the page in the phone asks and is told.</summary>
[Collection(typeof(CouponHost))]
public sealed class The_coupon_page(RunningSystem coop)
{
    [Fact]
    public async Task Lists_what_can_be_used_now_soonest_end_first_and_nothing_else()
    {
        var (phone, _) = await coop.LinkedFriend("home");
        var later = await coop.Publish(Some.Campaign(endsAt: coop.At(TimeSpan.FromDays(2))));
        var sooner = await coop.Publish(Some.Campaign(endsAt: coop.At(TimeSpan.FromDays(1)), businesses: ["home"], stores: ["0456"]));
        string[] hidden =
        [
            await coop.Publish(Some.Campaign(startsAt: coop.At(TimeSpan.FromMilliseconds(1)))),
            await coop.Publish(Some.Campaign(endsAt: coop.At())),
            await coop.Publish(Some.Campaign(businesses: ["store", "group"])),
            await Draft(),
            await Stopped(),
        ];

        var listed = (await coop.Available(phone)).Campaigns("usable");

        Assert.Equal([sooner, later], listed.Where(id => id == later || id == sooner));
        Assert.Empty(listed.Intersect(hidden));
        foreach (var campaign in hidden)
        {
            using var refused = await coop.AskForCode(phone, later, campaign);
            var problem = await refused.AssertProblem(HttpStatusCode.Conflict);
            Assert.Equal(campaign, problem.GetProperty("refusals")[0].GetProperty("campaign").GetString());
            Assert.Matches(@"\p{IsHiragana}.*。$", problem.GetProperty("refusals")[0].GetProperty("message").GetString()!);
        }
    }

    [Fact]
    public async Task Shows_each_coupon_with_its_discount_and_conditions_in_words()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish(Some.Campaign(stores: ["0123", "0456"]));

        var page = await coop.Available(phone);
        var coupon = page.GetProperty("usable").EnumerateArray().Single(one => one.GetProperty("campaign").GetString() == tofu);

        Assert.True(page.GetProperty("linked").GetBoolean());
        Assert.Equal("とうふ", coupon.GetProperty("title").GetString());
        Assert.Equal("もめん・きぬ", coupon.GetProperty("description").GetString());
        Assert.Equal("yen", coupon.GetProperty("discount").GetProperty("type").GetString());
        Assert.Equal(30, coupon.GetProperty("discount").GetProperty("value").GetInt32());
        Assert.Equal("30円引き", coupon.GetProperty("discount").GetProperty("text").GetString());
        var (own, common) = (Strings(coupon), Strings(page));
        Assert.Equal("11月1日(日)から11月30日(月)まで", own[0]);
        Assert.Equal("11月30日(月)まで", coupon.GetProperty("until").GetString());
        Assert.Equal(
            [
                "お一人様1回限り", "ほかのクーポンや金券と併用できます", "使える店舗:0123、0456", "値引きされた品かどうかがレジで分からない品も対象外",
                "値引シール品は対象外", "1点につき1枚",
            ],
            own[1..].Concat(common).Order(StringComparer.Ordinal).OrderBy(one => one[0] == '1'));
    }

    [Fact]
    public async Task Says_once_what_holds_for_all_coupons_and_with_each_what_holds_for_it_alone()
    {
        await using var small = new RunningSystem();
        await small.InitializeAsync();
        var (phone, _) = await small.LinkedFriend();
        var tofu = await small.Publish(Some.Campaign(stores: ["0123"]));
        var milk = await small.Publish(Some.Campaign(unknownMarkdown: "allow"));

        var page = await small.Available(phone);

        var common = Strings(page);
        var coupons = page.GetProperty("usable").EnumerateArray().ToDictionary(one => one.GetProperty("campaign").GetString()!, Strings);
        Assert.Equal(["1点につき1枚", "値引シール品は対象外", "お一人様1回限り", "ほかのクーポンや金券と併用できます"], common);
        Assert.All(coupons.Values, own => Assert.Empty(own.Intersect(common)));
        Assert.Equal(["使える店舗:0123", "値引きされた品かどうかがレジで分からない品も対象外"], coupons[tofu][1..]);
        Assert.Equal(["すべての店舗で使えます。"], coupons[milk][1..]);
    }

    [Fact]
    public async Task Opens_a_link_page_for_whoever_is_not_linked_which_ends_the_older_one_and_none_for_whoever_is()
    {
        var (phone, member) = await coop.Newcomer();
        var older = await coop.OpenPage(phone);
        using var unlinked = coop.Member(phone);

        using var begun = await unlinked.PostAsync("/coupons/link", null);
        var address = JsonElement.Parse(await begun.Content.ReadAsStringAsync()).GetProperty("address").GetString()!;
        var page = new Uri(coop.Host.Address, address);
        Assert.Equal(HttpStatusCode.Gone, (await coop.Visit(older)).Status);
        await coop.Line.OpenAccountLinkDialog((await coop.Answer(page, member)).Location!, phone.UserId);
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);
        using var again = await unlinked.PostAsync("/coupons/link", null);
        using var stranger = await coop.Http.PostAsync(new Uri(coop.Host.Address, "/coupons/link"), null);

        Assert.True(await coop.IsLinked(member.Number, phone));
        Assert.Equal(HttpStatusCode.Conflict, again.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, stranger.StatusCode);
    }

    private static string[] Strings(JsonElement of) => [.. of.GetProperty("conditions").EnumerateArray().Select(one => one.GetString()!)];

    [Fact]
    public async Task Lists_what_ended_or_was_stopped_within_a_month_unless_used_or_never_meant_for_this_member()
    {
        var (phone, _) = await coop.LinkedFriend("home");
        var used = await coop.Publish(Some.Campaign(endsAt: coop.At(TimeSpan.FromSeconds(30))));
        await coop.Use(phone, used);
        var ended = await coop.Publish(Some.Campaign(endsAt: coop.At(TimeSpan.FromMinutes(1))));
        var stopped = await Stopped();
        string[] hidden =
        [
            used,
            await coop.Publish(Some.Campaign(businesses: ["store"], endsAt: coop.At())),
            await coop.Publish(Some.Campaign(startsAt: coop.At(-TimeSpan.FromDays(60)), endsAt: coop.At(-TimeSpan.FromDays(30)))),
            await Draft(),
        ];
        coop.Clock.Advance(TimeSpan.FromMinutes(1));

        var page = await coop.Available(phone);
        var listed = page.Campaigns("ended");

        Assert.Equal([ended, stopped], listed.Where(id => id == ended || id == stopped));
        Assert.Empty(listed.Intersect(hidden));
        Assert.DoesNotContain(ended, page.Campaigns("usable"));
        var sentence = page.GetProperty("ended").EnumerateArray().Select(one => one.GetProperty("text").GetString()).First();
        Assert.Matches("^11月[0-9]+日.*に終わりました。$", sentence!);
    }

    [Fact]
    public async Task Shows_nothing_to_a_friend_without_a_member_number_and_gives_no_code()
    {
        var phone = await coop.NewFriend();
        var tofu = await coop.Publish();

        var page = await coop.Available(phone);
        using var code = await coop.AskForCode(phone, tofu);

        Assert.False(page.GetProperty("linked").GetBoolean());
        Assert.Empty(page.Campaigns("usable"));
        Assert.Equal("notLinked", (await code.AssertProblem(HttpStatusCode.Forbidden)).GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Gives_a_code_of_thirteen_digits_for_five_minutes_that_says_nothing_of_the_member()
    {
        var (phone, member) = await coop.LinkedFriend();
        var tofu = await coop.Publish();

        using var response = await coop.AskForCode(phone, tofu, tofu);
        var issued = await response.Content.ReadFromJsonAsync<JsonElement>();

        var code = issued.GetProperty("code").GetString()!;
        Assert.Matches("^2[0-9]{12}$", code);
        Assert.True(CoopLine.Grains.Coupons.Ean13.IsValid(code));
        Assert.DoesNotContain(member.Number, code, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromMinutes(5), issued.GetProperty("expiresAt").GetDateTimeOffset() - coop.Clock.GetUtcNow());
        Assert.NotEqual(code, await coop.ShowCode(phone, tofu));
        // A campaign chosen twice counts once.
        Assert.Equal([$"{tofu} on 1: 30"], (await coop.Redeem(coop.Sale(code))).Discounts);
    }

    [Fact]
    public async Task Follows_its_code_until_the_till_has_used_it_and_after_a_void()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var code = await coop.ShowCode(phone, tofu);
        var sale = coop.Sale(code);
        Assert.Empty((await Progress(phone, code)).Discounts);

        await coop.Redeem(sale);
        var used = await Progress(phone, code);
        await coop.Void(sale);

        Assert.Equal([$"{tofu} on 1: 30"], used.Discounts);
        Assert.False(used.GetProperty("expired").GetBoolean());
        Assert.Empty((await Progress(phone, code)).Discounts);
    }

    [Fact]
    public async Task Learns_that_its_code_has_expired_at_exactly_five_minutes()
    {
        var (phone, _) = await coop.LinkedFriend();
        var code = await coop.ShowCode(phone, await coop.Publish());

        coop.Clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromMilliseconds(1));
        Assert.False((await Progress(phone, code)).GetProperty("expired").GetBoolean());
        coop.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True((await Progress(phone, code)).GetProperty("expired").GetBoolean());
    }

    [Fact]
    public async Task Is_told_nothing_of_a_code_that_is_somebody_elses_unknown_or_no_code()
    {
        var (phone, _) = await coop.LinkedFriend();
        var (stranger, _) = await coop.LinkedFriend();
        var code = await coop.ShowCode(phone, await coop.Publish());

        foreach (var other in new[] { code, "2912345678906", "12", "abc" })
        {
            using var response = await coop.Member(stranger).GetAsync($"/coupons/codes/{other}");
            await response.AssertProblem(HttpStatusCode.NotFound);
        }
    }

    [Theory]
    [InlineData("{}", "campaignsMissing")]
    [InlineData("""{"campaigns":null}""", "campaignsMissing")]
    [InlineData("""{"campaigns":[]}""", "campaignsMissing")]
    [InlineData("""{"campaigns":[null]}""", "campaignsMalformed")]
    [InlineData("""{"campaigns":["a/b"]}""", "campaignsMalformed")]
    [InlineData("""{"campaigns":["Tofu"]}""", "campaignsMalformed")]
    [InlineData("""{"campaigns":["tofu.2026"]}""", "campaignsMalformed")]
    [InlineData("""{"campaigns":["1","2","3","4","5","6","7","8","9","10","11","12","13","14","15","16","17","18","19","20","21"]}""", "tooMany")]
    public async Task Refuses_a_choice_that_is_none(string body, string reason)
    {
        var (phone, _) = await coop.LinkedFriend();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");

        using var response = await coop.Member(phone).PostAsync("/coupons/codes", content);

        Assert.Equal(reason, (await response.AssertProblem(HttpStatusCode.BadRequest)).GetProperty("reason").GetString());
    }

    [Theory]
    [InlineData("{", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("""{"campaigns":"tofu"}""", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("""{"campaigns":[1]}""", "application/json", HttpStatusCode.BadRequest)]
    [InlineData("campaigns=tofu", "application/x-www-form-urlencoded", HttpStatusCode.UnsupportedMediaType)]
    public async Task Refuses_what_is_not_the_JSON_it_wants(string body, string type, HttpStatusCode status)
    {
        var (phone, _) = await coop.LinkedFriend();
        using var content = new StringContent(body, System.Text.Encoding.UTF8, type);

        using var response = await coop.Member(phone).PostAsync("/coupons/codes", content);

        await response.AssertProblem(status);
    }

    [Fact]
    public async Task Refuses_a_campaign_that_does_not_exist()
    {
        var (phone, _) = await coop.LinkedFriend();

        using var response = await coop.AskForCode(phone, "no-such-campaign");

        var refusal = Assert.Single((await response.AssertProblem(HttpStatusCode.Conflict)).GetProperty("refusals").EnumerateArray());
        Assert.Equal("stopped", refusal.GetProperty("reason").GetString());
    }

    [Fact]
    public async Task Refuses_id_tokens_that_are_expired_foreign_forged_or_missing()
    {
        var (phone, _) = await coop.LinkedFriend();
        var good = phone.IdToken();
        string?[] bad =
        [
            null, "", phone.IdToken(life: TimeSpan.FromSeconds(-1)), phone.IdToken(audience: "9999999999"),
            phone.IdToken(issuer: "https://example.com"), good[..^8] + "AAAAAAAA", "a.b.c", "nonsense", new string('x', 5000),
            RunningSystem.TillKey("0123"), RunningSystem.StaffKey,
        ];

        foreach (var token in bad)
            foreach (var path in new[] { "/coupons/available", "/coupons/codes/2912345678906" })
            {
                using var page = With(token);
                using var response = await page.GetAsync(path);
                var problem = await response.AssertProblem(HttpStatusCode.Unauthorized);
                Assert.Equal("signInAgain", problem.GetProperty("reason").GetString());
            }

        using var signedIn = With(good);
        using var accepted = await signedIn.GetAsync("/coupons/available");
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
    }

    [Fact]
    public async Task Keeps_its_session_when_another_machine_answers()
    {
        var (phone, _) = await coop.LinkedFriend();
        var elsewhere = TestDatabase.IsPostgreSql ? Directory.CreateTempSubdirectory("coopline-").FullName : null;
        var settings = new Dictionary<string, string?>(coop.Settings("another"));
        settings["CoopLine:DataDirectory"] = elsewhere ?? settings["CoopLine:DataDirectory"];
        await using (var other = await Fixtures.Host.Start(settings, coop.Clock))
        {
            var session = (await coop.Available(phone)).GetProperty("session").GetString();
            using var page = With(session);
            page.BaseAddress = other.Address;
            using var there = await page.GetAsync("/coupons/available");
            Assert.Equal(HttpStatusCode.OK, there.StatusCode);
        }

        if (elsewhere is null) return;
        Assert.Empty(Directory.GetFileSystemEntries(elsewhere)); // PostgreSQL keeps everything
        Directory.Delete(elsewhere);
    }

    [Fact]
    public async Task Keeps_a_session_of_its_own_for_half_an_hour_without_asking_LINE()
    {
        var (phone, _) = await coop.LinkedFriend();
        var tofu = await coop.Publish();
        var session = (await coop.Available(phone)).GetProperty("session").GetString();
        var asked = Verifications();
        using var page = With(session);

        coop.Clock.Advance(TimeSpan.FromMinutes(30) - TimeSpan.FromMilliseconds(1));
        using var listed = await page.GetAsync("/coupons/available");
        using var issued = await page.PostAsJsonAsync("/coupons/codes", new { campaigns = new[] { tofu } });
        coop.Clock.Advance(TimeSpan.FromMilliseconds(1));
        using var over = await page.GetAsync("/coupons/available");

        Assert.Equal(HttpStatusCode.OK, listed.StatusCode);
        Assert.False((await listed.Content.ReadFromJsonAsync<JsonElement>()).TryGetProperty("session", out _)); // no endless renewal
        Assert.Equal(HttpStatusCode.OK, issued.StatusCode);
        await over.AssertProblem(HttpStatusCode.Unauthorized);
        Assert.Equal(asked, Verifications());
    }

    [Fact]
    public async Task Says_503_while_LINE_verifies_nothing_and_works_again_afterwards()
    {
        var (phone, _) = await coop.LinkedFriend();
        coop.Line.Trouble.Fail(LineCall.VerifyIdToken, Trouble.Always);

        using var down = await coop.Member(phone).GetAsync("/coupons/available");
        coop.Line.Trouble.Clear();
        using var up = await coop.Member(phone).GetAsync("/coupons/available");

        var problem = await down.AssertProblem(HttpStatusCode.ServiceUnavailable);
        Assert.Equal("lineUnavailable", problem.GetProperty("reason").GetString());
        Assert.Equal(HttpStatusCode.OK, up.StatusCode);
    }

    private int Verifications() => coop.Line.Calls.Count(call => call.Name == LineCall.VerifyIdToken);

    private Task<JsonElement> Progress(SimulatedPhone phone, string code) =>
        coop.Member(phone).GetFromJsonAsync<JsonElement>($"/coupons/codes/{code}");

    private HttpClient With(string? token)
    {
        var client = new HttpClient { BaseAddress = coop.Host.Address };
        if (token is not null) client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", "Bearer " + token);
        return client;
    }

    private async Task<string> Draft()
    {
        var id = Some.CampaignId();
        using var put = await coop.Staff().PutAsJsonAsync($"/staff/v1/campaigns/{id}", Some.Campaign());
        Assert.Equal(HttpStatusCode.OK, put.StatusCode);
        return id;
    }

    private async Task<string> Stopped()
    {
        var id = await coop.Publish();
        using var stopped = await coop.Staff().PostAsync($"/staff/v1/campaigns/{id}/stop", null);
        Assert.Equal(HttpStatusCode.OK, stopped.StatusCode);
        return id;
    }
}

using System.Globalization;
using System.Net;
using CoopLine.BrowserTests.Fixtures;
using CoopLine.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CoopLine.BrowserTests;

/// <summary>The operations page: what is going on now, and what happened to this one.</summary>
public sealed class Ops_screens(Shop shop) : Screens(shop), IClassFixture<Shop>
{
    private static readonly Look Desk = new() { Width = 1000, Height = 800, StopClock = false };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_staff_key_opens_it_and_nothing_else_does()
    {
        var screen = await Shop.Open(new(Shop.Ops, "/ops/search?q=tofu"), Desk);
        await Expect(SignInHeading(screen)).ToBeVisibleAsync();

        await Enter(screen, "no-such-key");
        await Expect(screen.GetByRole(AriaRole.Alert).First).ToContainTextAsync("このキーではサインインできません。もう一度お試しください。");
        await Enter(screen, RunningSystem.StaffKey);
        await Expect(screen.GetByRole(AriaRole.Searchbox).Or(screen.Locator("#q"))).ToHaveValueAsync("tofu"); // where one wanted to go
        await screen.GotoAsync(new Uri(Shop.Ops, "/ops/orleans/").ToString());
        await Expect(screen.Locator("body")).Not.ToBeEmptyAsync();

        await screen.GotoAsync(new Uri(Shop.Ops, "/ops").ToString());
        await screen.GetByRole(AriaRole.Button, new() { Name = "サインアウト" }).ClickAsync();
        foreach (var behind in new[] { "/ops", "/ops/search", "/ops/orleans/" })
        {
            await screen.GotoAsync(new Uri(Shop.Ops, behind).ToString());
            await Expect(SignInHeading(screen)).ToBeVisibleAsync();
        }

        using var stranger = new HttpClient();
        using var events = await stranger.GetAsync(new Uri(Shop.Ops, "/ops/events"), Cancellation);
        Assert.Equal(HttpStatusCode.Unauthorized, events.StatusCode);
    }

    [Theory]
    [InlineData("/ops")]
    [InlineData("/ops/login")]
    [InlineData("/ops/orleans/")]
    [InlineData("/metrics")]
    public async Task The_public_address_has_none_of_it_whatever_the_host_is_called(string path)
    {
        using var staff = Shop.Coop.Staff();
        using var request = new HttpRequestMessage(HttpMethod.Get, path) { Headers = { Host = Shop.Ops.Authority } };
        using var answer = await staff.SendAsync(request, Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);

        using var away = new HttpClient();
        using var members = await away.GetAsync(new Uri(Shop.Ops, "/coupons"), Cancellation);
        Assert.Equal(HttpStatusCode.NotFound, members.StatusCode);
    }

    [Fact]
    public async Task What_is_going_on_now_is_drawn_and_comes_anew_by_itself()
    {
        var usedUp = await Shop.Coop.Publish(Some.Campaign(limits: new { perStoreUses = 1, totalUses = 100 }));
        await Shop.Coop.Use((await Shop.Coop.LinkedFriend()).Phone, usedUp);

        var screen = await LogIn();
        await Expect(screen.GetByRole(AriaRole.Listitem).Filter(new() { HasText = usedUp }).GetByRole(AriaRole.Listitem))
            .ToContainTextAsync(["1% 全体: 1 / 100回、30円", "100% 店 0123: 1 / 1回、30円 終了"]);
        await Expect(screen.GetByRole(AriaRole.Img, new() { Name = "レジの回答(毎秒)" })).ToBeVisibleAsync();
        await Expect(screen.GetByText("Active")).ToBeVisibleAsync();
        await Expect(screen.GetByText("エラーはありません。").Or(screen.Locator("main > div ol.story")).First).ToBeVisibleAsync();
        await Check("ops-now", "operations: what is going on now", screen);

        await screen.EvaluateAsync("() => { document.querySelector('[data-live] h2').textContent = 'old'; }");
        await Expect(screen.Locator("[data-live] h2").First).ToHaveTextAsync("このプロセスの直近1時間");
    }

    [Fact]
    public async Task A_refusal_at_a_register_is_found_by_store_register_and_time_with_its_words_and_its_trace()
    {
        var (phone, member) = await Shop.Coop.LinkedFriend();
        var tofu = await Shop.Coop.Publish();
        var code = await Shop.Coop.ShowCode(phone, tofu);
        var first = Shop.Coop.Sale(code);
        await Shop.Coop.Redeem(first);
        var second = Shop.Coop.Sale(code);
        var refused = await Shop.Coop.Redeem(second);
        Assert.Equal("refused", refused.GetProperty("outcome").GetString());

        var screen = await LogIn();
        var time = Shop.Coop.Clock.GetUtcNow().ToOffset(TimeSpan.FromHours(9)).ToString("HH:mm", CultureInfo.InvariantCulture);
        await Ask(screen, $"{Day(second.Key)}/0123/05 {time}");
        var line = screen.GetByRole(AriaRole.Listitem).Filter(new() { HasText = second.Key });
        await Expect(line).ToContainTextAsync("断りました");
        await Expect(line.Locator(".said")).ToContainTextAsync("とうふ このクーポンは11月22日にみどり店でご利用済みです。");
        await Check("ops-search", "operations: what a register was told at a time", screen);
        await Resize(screen.Page, Desk.Width, Desk.Height);

        await line.GetByRole(AriaRole.Link).ClickAsync();
        await Expect(screen.Locator("code").First).ToHaveTextAsync(refused.GetProperty("traceId").GetString()!);
        await Expect(screen.Locator("svg.waterfall")).ToContainTextAsync("POST /pos/v1/redemptions");
        await Expect(screen.Locator("svg.waterfall")).ToContainTextAsync("receipt.redeem");
        await Check("ops-trace", "operations: one trace, drawn", screen);
        await Resize(screen.Page, Desk.Width, Desk.Height);

        await Ask(screen, first.Key);
        await Expect(screen.Locator(".story")).ToContainTextAsync("で使われました(-30円)");
        await Expect(screen.GetByText(second.Key)).ToHaveCountAsync(0);
        await Ask(screen, tofu);
        await Expect(screen.Locator(".story")).ToContainTextAsync("が公開されました");
        await Ask(screen, member.Number);
        await Expect(screen.GetByText($"組合員番号 ***{member.Number[^3..]} は")).ToBeVisibleAsync();
        Assert.DoesNotContain(member.Number, await screen.Locator("main").InnerTextAsync(), StringComparison.Ordinal);
        await Ask(screen, "no-such-campaign");
        await Expect(screen.GetByText("何も見つかりません")).ToBeVisibleAsync();
        await Ask(screen, refused.GetProperty("traceId").GetString()!.ToUpperInvariant());
        await Expect(screen.Locator("svg.waterfall")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Every_refusal_of_an_answer_is_told_with_its_coupon_and_a_day_is_enough_to_find_it()
    {
        var (phone, _) = await Shop.Coop.LinkedFriend();
        var (tofu, milk) = (await Shop.Coop.Publish(), await Shop.Coop.Publish(Some.Campaign(jan: "4902345678905")));
        var sale = Shop.Coop.Sale(await Shop.Coop.ShowCode(phone, tofu, milk), lines: [Sale.Line(markdown: "yes")]);
        await Shop.Coop.Redeem(sale);

        var screen = await LogIn();
        await Ask(screen, Day(sale.Key));

        var line = screen.GetByRole(AriaRole.Listitem).Filter(new() { HasText = sale.Key });
        await Expect(line.Locator(".said")).ToContainTextAsync(["とうふ 値引シールの付いた商品", "とうふ このお買い物には、このクーポンを使える商品がありません。"]);
    }

    [Fact]
    public async Task Operators_pages_are_shown_in_no_frame_and_run_no_script_but_ours()
    {
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(Shop.Ops, "/staff/sign-in"), Cancellation);

        var policy = answer.Headers.GetValues("Content-Security-Policy").Single().Split("; ");
        Assert.Contains("frame-ancestors 'none'", policy);
        Assert.Contains("script-src 'self'", policy);
        Assert.Contains("connect-src 'self'", policy);
    }

    [Fact]
    public async Task A_call_that_came_to_no_end_has_a_story_too_and_odd_words_find_nothing()
    {
        var (phone, _) = await Shop.Coop.LinkedFriend();
        var sale = Shop.Coop.Sale(await Shop.Coop.ShowCode(phone, await Shop.Coop.Publish()));
        Shop.Coop.Faults.Order("coupon", Fault.BeforeTheWrite);
        using var till = Shop.Coop.Till();
        using var failed = await till.PostAsJsonAsync("/pos/v1/redemptions", sale, Cancellation);
        Shop.Coop.Faults.Recover();
        Assert.False(failed.IsSuccessStatusCode);

        var screen = await LogIn();
        await Ask(screen, sale.Key);
        var line = screen.GetByRole(AriaRole.Listitem).Filter(new() { HasText = sale.Key });
        await Expect(line).ToContainTextAsync("終わりませんでした");
        await line.GetByRole(AriaRole.Link).ClickAsync();
        await Expect(screen.Locator("svg.waterfall")).ToContainTextAsync("receipt.redeem");

        foreach (var odd in new[] { "%00", "a%00b", "%0A", "2026-99-99/0123/05", "0001-01-01/0123", "9999-12-31/0123", "//", "0123/05%2099:99" })
        {
            var found = await screen.GotoAsync(new Uri(Shop.Ops, "/ops/search?q=" + odd).ToString());
            Assert.Equal(200, found!.Status);
        }
    }

    [Fact]
    public async Task A_coupon_that_did_not_come_back_is_not_said_to_have_come_back()
    {
        var (phone, _) = await Shop.Coop.LinkedFriend();
        var tofu = await Shop.Coop.Publish();
        var (sale, _) = await Shop.Coop.Use(phone, tofu);
        await Shop.Stop(tofu);
        await Shop.Coop.Void(sale);

        var screen = await LogIn();
        await Ask(screen, sale.Key);

        await Expect(screen.Locator(".story")).ToContainTextAsync("クーポンは、企画が終わったか停止中のため戻りません");
    }

    [Fact]
    public async Task When_the_login_is_over_the_page_asks_for_a_key_and_does_not_stand_still()
    {
        var screen = await LogIn();
        await screen.Page.RouteAsync("**/ops/events", route => route.FulfillAsync(new() { Status = 401 }));
        await screen.GotoAsync(new Uri(Shop.Ops, "/ops").ToString());
        await Expect(screen.GetByText("現在").First).ToBeVisibleAsync();

        await screen.Page.Context.ClearCookiesAsync();

        await Expect(SignInHeading(screen)).ToBeVisibleAsync();
    }

    private static string Day(string receipt) => receipt.Split('/')[0];

    private static async Task Ask(IFrame screen, string what)
    {
        await screen.GotoAsync(new Uri(new Uri(screen.Url), "/ops/search").ToString());
        await screen.Locator("#q").FillAsync(what);
        await screen.GetByRole(AriaRole.Button, new() { Name = "さがす" }).ClickAsync();
    }

    private static async Task Enter(IFrame screen, string key)
    {
        var field = screen.GetByLabel("職員キー");
        if (!await field.IsVisibleAsync()) await screen.GetByText("職員キーでサインイン").ClickAsync();
        await field.FillAsync(key);
        await screen.Press("キーでサインイン");
    }

    private static ILocator SignInHeading(IFrame screen) => screen.GetByRole(AriaRole.Heading, new() { Name = "サインイン", Exact = true });

    private async Task<IFrame> LogIn()
    {
        var screen = await Shop.Open(new(Shop.Ops, "/ops"), Desk);
        await Enter(screen, RunningSystem.StaffKey);
        await Expect(screen.GetByRole(AriaRole.Heading, new() { Name = "運用" })).ToBeVisibleAsync();
        return screen;
    }
}

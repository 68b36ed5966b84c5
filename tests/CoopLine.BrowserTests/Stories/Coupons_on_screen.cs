using CoopLine.BrowserTests.Fixtures;
using CoopLine.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CoopLine.BrowserTests.Stories;

/// <summary>The coupon page, from the list to 「ご利用済み」.</summary>
public sealed class Coupons_on_screen(Shop shop) : IClassFixture<Shop>
{
    private const string Tofu = "豆腐 30円引";
    private const string Milk = "牛乳 10%引";

    [Fact]
    public async Task The_till_redeems_and_the_screen_says_so_without_a_reload_and_a_void_brings_the_coupon_back()
    {
        var (screen, _) = await Coupons(Tofu);
        await screen.EvaluateAsync("window.neverReloaded = true");
        var sale = shop.Coop.Sale(await screen.ShowCode(Tofu));

        await shop.Coop.Redeem(sale);
        await screen.Shows("ご利用済み");
        await screen.ShowsText("合計 30円お得になりました。");
        await shop.Coop.Void(sale);
        await screen.ShowsText("お会計の取り消しか返品がありました");

        Assert.NotEmpty(await screen.Code());
        Assert.True(await screen.EvaluateAsync<bool>("window.neverReloaded"));
    }

    [Fact]
    public async Task All_coupons_go_into_one_code_and_the_screen_tells_what_each_saved()
    {
        var (screen, _) = await Coupons(Tofu, Milk);
        await screen.Press("全部使う");

        await shop.Coop.Redeem(shop.Coop.Sale(await screen.Code(), lines: [Sale.Line(1), Sale.Line(2, quantity: 1)]));

        await screen.Shows("ご利用済み");
        await screen.ShowsText("合計 60円お得になりました。");
    }

    [Fact]
    public async Task A_code_is_renewed_before_it_ends_and_both_can_be_redeemed_until_then()
    {
        var (screen, _) = await Coupons(Tofu);
        var first = await screen.ShowCode(Tofu);

        await shop.Advance(TimeSpan.FromSeconds(285));
        await Expect(screen.Digits).Not.ToHaveTextAsync(Grouped(first));
        var second = await screen.Code();

        Assert.NotEqual(first, second);
        await screen.ShowsText("5分0秒");
        await shop.Coop.Redeem(shop.Coop.Sale(first)); // the till had read it before
        await screen.Shows("ご利用済み");
    }

    [Fact]
    public async Task A_dead_code_is_never_on_screen_even_after_the_phone_slept()
    {
        var (screen, _) = await Coupons(Tofu);
        var first = await screen.ShowCode(Tofu);
        await screen.Page.Context.SetOfflineAsync(true);

        await shop.Advance(TimeSpan.FromMinutes(6));
        await screen.ShowsText("番号の時間が切れました。電波の状態をお確かめください。");
        await Expect(screen.Digits).Not.ToBeVisibleAsync();
        await screen.Page.Context.SetOfflineAsync(false);

        await Expect(screen.Digits).Not.ToHaveTextAsync(Grouped(first));
        Assert.NotEqual(first, await screen.Code());
    }

    [Fact]
    public async Task What_others_use_up_is_marked_on_the_list_without_a_reload_and_ticks_stay()
    {
        var (screen, campaigns) = await Coupons((Tofu, Some.Campaign(limits: new { totalUses = 5 })), (Milk, Some.Campaign()));
        await screen.EvaluateAsync("window.neverReloaded = true");
        var milk = screen.GetByRole(AriaRole.Checkbox, new() { Name = Milk });
        await milk.CheckAsync();
        await milk.FocusAsync();

        for (var used = 0; used < 4; used++) await shop.Coop.Use((await shop.Coop.LinkedFriend()).Phone, campaigns[0]);
        await screen.ShowsText("残りわずか");
        await shop.Coop.Use((await shop.Coop.LinkedFriend()).Phone, campaigns[0]);
        await screen.ShowsText("ご用意した数に達したため、終了しました。");

        await Expect(milk).ToBeCheckedAsync();
        await Expect(milk).ToBeFocusedAsync();
        Assert.True(await screen.EvaluateAsync<bool>("window.neverReloaded"));
    }

    [Fact]
    public async Task A_coupon_that_is_stopped_while_its_code_is_shown_leaves_the_screen()
    {
        var (screen, campaigns) = await Coupons(Tofu);
        await screen.ShowCode(Tofu);

        await shop.Stop(campaigns[0]);
        await shop.AdvanceUntil(screen.Heading("このクーポンは使えません"));

        await screen.ShowsText("このクーポンは、いまは使えません。");
        await Expect(screen.Digits).Not.ToBeVisibleAsync();
    }

    [Fact]
    public async Task Of_two_coupons_one_that_is_stopped_is_named_beside_the_code()
    {
        var (screen, campaigns) = await Coupons(Tofu, Milk);
        await screen.ShowCode(Tofu, Milk);

        await shop.Stop(campaigns[1]);
        await shop.AdvanceUntil(screen.Text("次のクーポンは、いまは使えません。"));

        Assert.NotEmpty(await screen.Code());
    }

    [Fact]
    public async Task Of_two_coupons_one_that_is_stopped_leaves_the_other_its_code_when_it_is_renewed()
    {
        var (screen, campaigns) = await Coupons(Tofu, Milk);
        var first = await screen.ShowCode(Tofu, Milk);
        await shop.Stop(campaigns[1]);

        await shop.Advance(TimeSpan.FromSeconds(285));

        await Expect(screen.Digits).Not.ToHaveTextAsync(Grouped(first));
        var second = await screen.Code();
        await screen.ShowsText("次のクーポンは、いまは使えません。");
        await Expect(screen.Locator("[data-chosen] li")).ToHaveTextAsync([Tofu]);
        await shop.Coop.Redeem(shop.Coop.Sale(second));
        await screen.Shows("ご利用済み");
    }

    [Fact]
    public async Task What_the_till_redeemed_while_the_phone_slept_is_shown_as_used_and_not_as_refused()
    {
        var (phone, _) = await shop.Coop.LinkedFriend();
        await shop.Offer((Tofu, Some.Campaign()));
        var screen = await shop.OpenCoupons(phone);
        await screen.Page.RouteAsync("**/coupons/codes/*/events", route => route.AbortAsync());
        await shop.Coop.Redeem(shop.Coop.Sale(await screen.ShowCode(Tofu)));

        await shop.Advance(TimeSpan.FromSeconds(285)); // a new code is asked for, and refused

        await screen.Shows("ご利用済み");
        await screen.ShowsText("合計 30円お得になりました。");
    }

    [Fact]
    public async Task A_new_code_that_comes_after_the_member_has_chosen_anew_is_not_shown()
    {
        var (screen, _) = await Coupons(Tofu, Milk);
        await screen.ShowCode(Tofu, Milk);
        await AssertLateAnswerChangesNothing(screen, "**/coupons/codes");
    }

    [Fact]
    public async Task Of_two_coupons_one_that_is_stopped_leaves_the_other_also_when_the_network_fails_just_then()
    {
        var (screen, campaigns) = await Coupons(Tofu, Milk);
        await screen.ShowCode(Tofu, Milk);
        await shop.Stop(campaigns[0]);
        var (asked, network) = (0, false);
        await screen.Page.RouteAsync("**/coupons/codes", route => ++asked == 1 || network ? route.ContinueAsync() : route.AbortAsync());

        await shop.Advance(TimeSpan.FromSeconds(285));
        await Eventually.Holds(() => asked >= 2, "the page has asked twice for a new code");
        await shop.Advance(TimeSpan.FromSeconds(16)); // the old code has ended, and says once more what it was refused
        await screen.ShowsText("番号の時間が切れました。");
        await Expect(screen.Heading("このクーポンは使えません")).Not.ToBeVisibleAsync();
        network = true;
        await screen.Press("新しい番号を表示する");

        Assert.NotEmpty(await screen.Code());
        await Expect(screen.Locator("[data-chosen] li")).ToHaveTextAsync([Milk]);
    }

    [Fact]
    public async Task What_became_of_an_older_choice_takes_no_newer_code_away()
    {
        var (screen, campaigns) = await Coupons(Tofu, Milk);
        await screen.ShowCode(Tofu, Milk);
        await shop.Stop(campaigns[0]);
        await AssertLateAnswerChangesNothing(screen, "**/coupons/codes/*");
    }

    [Fact]
    public async Task A_campaign_that_ended_a_second_ago_gives_no_code_and_the_list_says_so()
    {
        var (screen, _) = await Coupons((Tofu, Some.Campaign(endsAt: shop.Coop.At(TimeSpan.FromMinutes(1)))));
        // Told of other campaigns that end as well, the page would take the coupon off its list before the button is pressed.
        await screen.Page.RouteAsync("**/coupons/events", route => route.AbortAsync());
        await screen.Page.ReloadAsync();

        await screen.Coupon(Tofu).CheckAsync();
        await shop.Advance(TimeSpan.FromMinutes(1));
        await screen.Press("LINEクーポンを使う");

        await screen.ShowsText("このクーポンの期間は終わりました。");
        await Expect(screen.Digits).Not.ToBeVisibleAsync();
        await Expect(screen.Coupon(Tofu)).Not.ToBeVisibleAsync();
    }

    [Fact]
    public async Task Who_linked_elsewhere_meanwhile_is_told_how_to_link()
    {
        var (phone, member) = await shop.Coop.LinkedFriend();
        await shop.Offer((Tofu, Some.Campaign()));
        var screen = await shop.OpenCoupons(phone);
        await screen.ShowCode(Tofu);

        await shop.Coop.UnlinkByStaff(member);
        await shop.Coop.Link(await shop.Coop.NewFriend(), member);
        await shop.AdvanceUntil(screen.Heading("組合員番号の連携が必要です"));

        await Expect(screen.Digits).Not.ToBeVisibleAsync();
    }

    [Fact]
    public async Task Of_two_tabs_the_other_one_shows_too_that_the_coupon_was_used()
    {
        var (phone, _) = await shop.Coop.LinkedFriend();
        await shop.Offer((Tofu, Some.Campaign()));
        var one = await shop.OpenCoupons(phone);
        var other = await Shop.OpenTab(one, shop.CouponsOf(phone));
        await other.ShowCode(Tofu);

        await shop.Coop.Redeem(shop.Coop.Sale(await one.ShowCode(Tofu)));

        await one.Shows("ご利用済み");
        await other.Shows("ご利用済み");
        await Expect(other.Digits).Not.ToBeVisibleAsync();
    }

    [Fact]
    public async Task While_nothing_can_be_saved_the_button_says_so_and_works_again_afterwards()
    {
        var (screen, _) = await Coupons(Tofu);
        shop.Coop.Faults.Order("coupon-code", Fault.BeforeTheWrite);

        await screen.Choose(Tofu);
        await screen.ShowsText("ただいま、生協のシステムにつながりません。");
        await screen.Press("LINEクーポンを使う");

        Assert.NotEmpty(await screen.Code());
    }

    [Fact]
    public async Task While_LINE_is_down_one_button_tries_again()
    {
        var (phone, _) = await shop.Coop.LinkedFriend();
        await shop.Offer((Tofu, Some.Campaign()));
        shop.Coop.Line.Trouble.Fail(CoopLine.Simulator.LineCall.VerifyIdToken, CoopLine.Simulator.Trouble.Always);
        var screen = await shop.OpenCoupons(phone);

        await screen.ShowsText("LINEにつながりません。少し待ってから、もう一度お試しください。");
        shop.Coop.Line.Trouble.Clear();
        await screen.Press("もう一度試す");

        await Expect(screen.Coupon(Tofu).First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_double_press_makes_one_code()
    {
        var (screen, _) = await Coupons(Tofu);
        var asked = 0;
        screen.Page.Request += (_, request) =>
        {
            if (request.Method == "POST") asked++;
        };
        await screen.Coupon(Tofu).CheckAsync();

        await screen.Button("LINEクーポンを使う").DblClickAsync();
        await screen.Code();

        Assert.Equal(1, asked);
    }

    [Fact]
    public async Task With_the_keyboard_alone_a_coupon_is_chosen_and_its_code_shown()
    {
        var (screen, _) = await Coupons(Tofu);
        var keyboard = screen.Page.Keyboard;
        await Expect(screen.Coupon(Tofu)).ToBeVisibleAsync();

        await Reach(screen.Coupon(Tofu));
        await keyboard.PressAsync("Space");
        await Reach(screen.Button("LINEクーポンを使う"));
        await keyboard.PressAsync("Enter");

        Assert.NotEmpty(await screen.Code());
        await Expect(screen.Heading("レジでこの画面を見せてください")).ToBeFocusedAsync(); // the screen reader starts there
        await Reach(screen.Button("クーポンを選びなおす"));
        await keyboard.PressAsync("Enter");
        await Expect(screen.Coupon(Tofu)).ToBeVisibleAsync();

        async Task Reach(ILocator wanted)
        {
            for (var i = 0; i < 20; i++)
            {
                await keyboard.PressAsync("Tab");
                if (await wanted.EvaluateAsync<bool>("element => element === document.activeElement")) return;
            }

            Assert.Fail($"Tab does not lead to {wanted}.");
        }
    }

    /// <param name="calls">Of these, the first is answered when the member has chosen another coupon.</param>
    private async Task AssertLateAnswerChangesNothing(IFrame screen, string calls)
    {
        var late = new TaskCompletionSource<IRoute>();
        await screen.Page.RouteAsync(calls, route => late.TrySetResult(route) ? Task.CompletedTask : route.ContinueAsync());
        await shop.Advance(TimeSpan.FromSeconds(285));
        var held = await late.Task;
        await screen.Press("クーポンを選びなおす");
        var chosen = await screen.ShowCode(Milk);

        await screen.Page.RunAndWaitForResponseAsync(() => held.ContinueAsync(), response => response.Request == held.Request);
        await shop.Advance(TimeSpan.FromSeconds(1));
        await screen.ShowsText("4分59秒");

        Assert.Equal(chosen, await screen.Code());
    }

    private static string Grouped(string code) => $"{code[..4]} {code[4..7]} {code[7..10]} {code[10..]}";

    private Task<(IFrame Screen, string[] Campaigns)> Coupons(params string[] titles) =>
        Coupons([.. titles.Select(title => (title, Some.Campaign()))]);

    /// <summary>A member's list with these coupons.</summary>
    private async Task<(IFrame Screen, string[] Campaigns)> Coupons(params (string Title, object Definition)[] offers)
    {
        var (phone, _) = await shop.Coop.LinkedFriend();
        var campaigns = await shop.Offer(offers);
        return (await shop.OpenCoupons(phone), campaigns);
    }
}

using CoopLine.BrowserTests.Fixtures;
using CoopLine.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CoopLine.BrowserTests.Stories;

/// <summary>The switches for messages at the end of the coupon page.</summary>
public sealed class Topics_on_screen(Shop shop) : IClassFixture<Shop>
{
    [Fact]
    public async Task With_the_keyboard_alone_a_topic_is_turned_off_and_stays_off_after_a_reload()
    {
        var screen = await shop.OpenCoupons((await shop.Coop.LinkedFriend()).Phone);
        var home = screen.Topic("個配・共同購入");
        await Expect(home).ToBeCheckedAsync();

        await home.FocusAsync();
        await screen.Page.Keyboard.PressAsync("Space");
        await Expect(home).Not.ToBeCheckedAsync();
        await Expect(home).ToContainTextAsync("止めています");
        await Expect(home).ToBeFocusedAsync();
        await screen.Page.Keyboard.PressAsync("Tab");
        await Expect(screen.Topic("お知らせ")).ToBeFocusedAsync();
        await screen.Page.Keyboard.PressAsync("Enter");
        await Expect(screen.Topic("お知らせ")).Not.ToBeCheckedAsync();
        await screen.Page.AssertAccessible("two topics off");
        foreach (var topic in new[] { "店舗", "個配・共同購入", "お知らせ" })
            Assert.InRange((await screen.Topic(topic).BoundingBoxAsync())!.Height, 44, 200);

        await screen.Page.ReloadAsync();
        await Expect(home).Not.ToBeCheckedAsync();
        await Expect(screen.Topic("店舗")).ToBeCheckedAsync();
        await home.ClickAsync();
        await Expect(home).ToBeCheckedAsync();
    }

    [Fact]
    public async Task A_friend_without_a_link_has_the_switches_too_and_they_are_beside_no_code()
    {
        var unlinked = await shop.OpenCoupons(await shop.Coop.NewFriend());
        await unlinked.Topic("店舗").ClickAsync();
        await Expect(unlinked.Topic("店舗")).Not.ToBeCheckedAsync();

        await shop.Offer(("豆腐 30円引", Some.Campaign()));
        var screen = await shop.OpenCoupons((await shop.Coop.LinkedFriend()).Phone);
        await Expect(screen.Topic("店舗")).ToBeVisibleAsync();
        await screen.ShowCode("豆腐 30円引");
        await Expect(screen.Topic("店舗")).Not.ToBeVisibleAsync();
        await screen.Press("クーポンを選びなおす");
        await Expect(screen.Topic("店舗")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task While_nothing_can_be_saved_the_switch_stays_and_says_so_and_works_again_afterwards()
    {
        var (phone, _) = await shop.Coop.LinkedFriend();
        var screen = await shop.OpenCoupons(phone);
        await Expect(screen.Topic("店舗")).ToBeCheckedAsync();
        await shop.Coop.FailWriteOf(phone, Fault.BeforeTheWrite);

        await screen.Topic("店舗").ClickAsync();
        await screen.ShowsText("ただいま、生協のシステムにつながりません。");
        await Expect(screen.Topic("店舗")).ToBeCheckedAsync();
        await screen.Topic("店舗").ClickAsync();

        await Expect(screen.Topic("店舗")).Not.ToBeCheckedAsync();
        await Expect(screen.Text("ただいま、生協のシステムにつながりません。")).Not.ToBeVisibleAsync();
    }

    [Fact]
    public async Task Without_an_answer_about_topics_the_page_is_as_good_as_ever()
    {
        var (phone, _) = await shop.Coop.LinkedFriend();
        await shop.Offer(("豆腐 30円引", Some.Campaign()));
        var page = await (await shop.NewBrowser(owner: phone)).NewPageAsync();
        await page.RouteAsync("**/coupons/topics", route => route.FulfillAsync(new() { Status = 503 }));
        await page.GotoAsync(shop.CouponsOf(phone).ToString());

        Assert.NotEmpty(await page.MainFrame.ShowCode("豆腐 30円引"));
        await Expect(page.GetByRole(AriaRole.Switch)).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task An_answer_from_before_a_press_is_not_shown_after_it()
    {
        var (phone, _) = await shop.Coop.LinkedFriend();
        await shop.Offer(("豆腐 30円引", Some.Campaign()));
        var screen = await shop.OpenCoupons(phone);
        await Expect(screen.Topic("店舗")).ToBeCheckedAsync();
        await screen.ShowCode("豆腐 30円引");
        var late = new TaskCompletionSource<IRoute>();
        await screen.Page.RouteAsync("**/coupons/topics", route => late.TrySetResult(route) ? Task.CompletedTask : route.ContinueAsync());
        await screen.Press("クーポンを選びなおす");
        var held = await late.Task;

        await screen.Topic("店舗").ClickAsync();
        await Expect(screen.Topic("店舗")).Not.ToBeCheckedAsync();
        await screen.Page.RunAndWaitForResponseAsync(
            () => held.FulfillAsync(new()
            {
                ContentType = "application/json",
                Body = """{"topics":[{"topic":"late","name":"遅い返事","on":true}]}""",
            }),
            response => response.Request == held.Request);
        await screen.Topic("お知らせ").ClickAsync();
        await Expect(screen.Topic("お知らせ")).Not.ToBeCheckedAsync(); // by now the page has read both answers

        await Expect(screen.Topic("遅い返事")).ToHaveCountAsync(0);
    }
}

using CoopLine.BrowserTests.Fixtures;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CoopLine.BrowserTests.Stories;

/// <summary>The coupon page, opened by the button of a coupon's card in a message.</summary>
public sealed class At_a_coupon_on_screen(Shop shop) : IClassFixture<Shop>
{
    private const string NotNow = "お知らせのクーポンは、いまはお使いいただけません。";

    private static readonly string[] Titles = [.. Enumerable.Range(1, 9).Select(one => $"豆腐 その{one}")];

    [Fact]
    public async Task The_button_of_a_message_opens_the_page_at_its_coupon_which_is_in_view_focused_and_announced()
    {
        var (phone, campaigns) = await Offered();
        var screen = await Open(phone, campaigns[^1]);

        await Expect(screen.Coupon(Titles[^1])).ToBeFocusedAsync();
        await Expect(screen.Coupon(Titles[^1])).ToBeInViewportAsync();
        await Expect(screen.Coupon(Titles[0])).Not.ToBeInViewportAsync();
        await Expect(screen.Coupon(Titles[^1])).Not.ToBeCheckedAsync();
        await Expect(screen.GetByRole(AriaRole.Status).Filter(new() { HasText = $"お知らせのクーポンは「{Titles[^1]}」です。" })).ToHaveCountAsync(1);
        await Expect(screen.Text(NotNow)).Not.ToBeVisibleAsync();
        await screen.Page.AssertAccessible("opened at a coupon");
        await screen.Page.Keyboard.PressAsync("Space");
        await screen.Press("LINEクーポンを使う");
        Assert.NotEmpty(await screen.Code());
    }

    [Fact]
    public async Task Whoever_comes_back_to_the_list_is_not_led_to_the_coupon_again()
    {
        var (phone, campaigns) = await Offered();
        var screen = await Open(phone, campaigns[^1]);
        await screen.ShowCode(Titles[0]);

        await screen.Press("クーポンを選びなおす");

        await Expect(screen.Heading("いま使えるクーポン")).ToBeFocusedAsync();
        Assert.Equal("", new Uri(screen.Page.Url).Query);
    }

    [Theory]
    [InlineData("stopped")]
    [InlineData("unknown")]
    [InlineData("\"]<b>")]
    public async Task A_coupon_that_is_not_to_be_had_now_is_said_to_be_so_and_the_page_is_as_ever(string which)
    {
        var (phone, campaigns) = await Offered();
        if (which == "stopped") await shop.Stop(campaigns[^1]);
        var screen = await Open(phone, which == "stopped" ? campaigns[^1] : which);

        await screen.ShowsText(NotNow);
        await Expect(screen.GetByRole(AriaRole.Alert).Filter(new() { HasText = NotNow })).ToBeInViewportAsync();
        await Expect(screen.Heading("いま使えるクーポン")).ToBeFocusedAsync();
        await screen.Page.AssertAccessible("not the coupon of the message");
        await screen.ShowCode(Titles[0]);
        await screen.Press("クーポンを選びなおす");
        await Expect(screen.Coupon(Titles[0])).ToBeVisibleAsync();
        await Expect(screen.Text(NotNow)).Not.ToBeVisibleAsync();
    }

    [Fact]
    public async Task Without_any_coupon_it_is_said_too_in_English_where_that_is_asked_for()
    {
        await shop.Offer();
        var screen = await Open((await shop.Coop.LinkedFriend()).Phone, "tofu", new() { Locale = "en-GB" });

        await screen.ShowsText("The coupon of the message cannot be used now.");
    }

    [Fact]
    public async Task Outside_LINE_the_way_through_the_sign_in_leads_to_the_coupon()
    {
        var (phone, campaigns) = await Offered();
        var screen = await shop.Open(new(shop.Coop.Host.Address, $"/coupons?coupon={campaigns[^1]}"));
        await screen.Press("LINEアプリでログイン");
        await Expect(screen.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/liff/login"));
        var back = new Uri(screen.Page.Url).Query.Split("redirect=")[1];

        await screen.Page.GotoAsync($"{Uri.UnescapeDataString(back)}&liffUser={phone.UserId}");

        await Expect(screen.Coupon(Titles[^1])).ToBeFocusedAsync();
    }

    /// <summary>More than a screen shows.</summary>
    private async Task<(SimulatedPhone Phone, string[] Campaigns)> Offered()
    {
        var campaigns = await shop.Offer([.. Titles.Select(title => (title, Some.Campaign()))]);
        return ((await shop.Coop.LinkedFriend()).Phone, campaigns);
    }

    /// <summary>By LIFF's address, as the button has it.</summary>
    private async Task<IFrame> Open(SimulatedPhone phone, string campaign, Look? look = null) =>
        await shop.Open(
            new(shop.Coop.Line.BaseAddress, $"/liff/{shop.Coop.Line.Options.LiffId}?coupon={Uri.EscapeDataString(campaign)}&liffUser={phone.UserId}"),
            look, phone);
}

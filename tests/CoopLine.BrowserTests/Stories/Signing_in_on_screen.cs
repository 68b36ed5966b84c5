using CoopLine.BrowserTests.Fixtures;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CoopLine.BrowserTests.Stories;

/// <summary>Signing in to the coupon page, when LINE or the phone does not play along.</summary>
public sealed class Signing_in_on_screen(Shop shop) : IClassFixture<Shop>
{
    private const string SignIn = "LINEで確認してください";
    private const string LineIsDown = "LINEにつながりません";
    private const string Clock = "日付と時刻を自動にして";

    [Fact]
    public async Task Who_declines_at_LINE_is_offered_to_sign_in_and_no_reload_brings_the_refusal_back()
    {
        var phone = await Member();
        var screen = await Open(phone, "/coupons?error=access_denied&error_description=User+denied&state=x&liffOAuth2Error=true");

        await screen.Shows(SignIn);
        await Expect(screen.Text(LineIsDown)).Not.ToBeVisibleAsync();
        Assert.Equal("", new Uri(screen.Page.Url).Query);
        await screen.Page.ReloadAsync();
        await screen.Shows(SignIn);
        await SignsIn(screen, phone);
    }

    [Fact]
    public async Task A_stored_token_that_LINE_takes_no_more_is_thrown_away_and_the_phone_s_clock_is_named()
    {
        var phone = await Member();
        var screen = await shop.OpenCoupons(phone);
        await screen.Shows("使えるクーポン");
        await screen.EvaluateAsync("sessionStorage.setItem('simulator-liff-stale', '1')");

        await screen.Page.ReloadAsync();

        await screen.Shows(SignIn);
        await screen.ShowsText(Clock);
        await Expect(screen.Text(LineIsDown)).Not.ToBeVisibleAsync();
        await SignsIn(screen, phone);
    }

    [Fact]
    public async Task When_signing_out_does_not_help_the_clock_is_named_and_nothing_goes_round_in_circles()
    {
        var phone = await Member();
        var screen = await Open(phone, "/coupons", Failing("INVALID_ID_TOKEN"));

        await screen.ShowsText(Clock);
        await Expect(screen.Text(LineIsDown)).Not.ToBeVisibleAsync();
        Assert.Equal(2, await screen.EvaluateAsync<int>("liff.begun"));
        Assert.Equal(1, await screen.EvaluateAsync<int>("liff.loggedOut"));
        await screen.Press("もう一度試す");
        await screen.ShowsText(Clock);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("503")]
    [InlineData("429")]
    public async Task LINE_counts_as_down_when_it_cannot_be_reached_and_the_sign_in_is_kept(string? code)
    {
        var phone = await Member();
        var screen = await Open(phone, "/coupons", Failing(code));

        await screen.ShowsText(LineIsDown);
        await Expect(screen.Text(Clock)).Not.ToBeVisibleAsync();
        Assert.Equal(0, await screen.EvaluateAsync<int>("liff.loggedOut"));
    }

    [Fact]
    public async Task LINE_counts_as_down_when_its_script_cannot_be_loaded()
    {
        var phone = await Member();
        var screen = await shop.OpenCoupons(phone);
        await screen.Page.RouteAsync("**/liff/sdk.js", route => route.AbortAsync());

        await screen.Page.ReloadAsync();

        await screen.ShowsText(LineIsDown);
    }

    [Fact]
    public async Task The_page_works_where_LIFF_appends_a_path()
    {
        var phone = await Member();
        var screen = await shop.OpenCoupons(phone);
        await screen.Page.GotoAsync(new Uri(shop.Coop.Host.Address, $"/coupons/coupons?liffUser={phone.UserId}").ToString());

        await screen.Shows("使えるクーポン");
    }

    /// <summary>LIFF's start fails for ever, and counts.</summary>
    private static string Failing(string? code) =>
        $$"""
        window.liff = {
          begun: 0,
          loggedOut: 0,
          async init() { this.begun++; throw Object.assign(new Error('no'), { code: {{(code is null ? "undefined" : $"'{code}'")}} }); },
          logout() { this.loggedOut++; },
          isInClient: () => false,
          isLoggedIn: () => false,
          getIDToken: () => null,
        };
        """;

    /// <param name="liff">Instead of the simulator's SDK.</param>
    private async Task<IFrame> Open(SimulatedPhone phone, string address, string? liff = null)
    {
        var screen = await shop.OpenCoupons(phone);
        await screen.Shows("使えるクーポン"); // the SDK remembers who looks, and then no more
        var page = screen.Page;
        await page.EvaluateAsync("sessionStorage.clear()");
        if (liff is not null)
            await page.RouteAsync("**/liff/sdk.js", route => route.FulfillAsync(new() { ContentType = "text/javascript", Body = liff }));
        await page.GotoAsync(new Uri(shop.Coop.Host.Address, address).ToString());
        return page.MainFrame;
    }

    private async Task SignsIn(IFrame screen, SimulatedPhone phone)
    {
        await screen.Press("LINEアプリでログイン");
        await Expect(screen.Page).ToHaveURLAsync(new System.Text.RegularExpressions.Regex("/liff/login"));
        await screen.Page.GotoAsync(shop.CouponsOf(phone).ToString());
        await screen.Shows("使えるクーポン");
    }

    private async Task<SimulatedPhone> Member() => (await shop.Coop.LinkedFriend()).Phone;
}

using CoopLine.BrowserTests.Fixtures;
using CoopLine.Tests.Fixtures;
using static Microsoft.Playwright.Assertions;

namespace CoopLine.BrowserTests.Stories;

/// <summary>Outside LINE the page explains LINE's login screen before it appears.</summary>
public sealed class Q2_5_on_screen(Shop shop) : IClassFixture<Shop>
{
    [Fact]
    public async Task The_login_is_explained_first_and_leads_back_to_the_coupons()
    {
        var friend = await shop.NewFriend("さくらのスマホ");
        var member = await shop.Coop.NewMember();
        await shop.Coop.Link(friend, member);
        await shop.Offer(("豆腐 30円引", Some.Campaign()));
        var screen = await shop.Open(new(shop.Coop.Host.Address, "/coupons"));

        await screen.Shows("LINEで確認してください");
        await screen.ShowsText("メールアドレスとパスワードは、いりません。");
        await screen.Press("LINEアプリでログイン");
        await screen.Shows("LINEログイン");
        await screen.Press(friend.Name);

        await Expect(screen.Coupon("豆腐 30円引")).ToBeVisibleAsync();
        Assert.NotEmpty(await screen.ShowCode("豆腐 30円引"));
    }
}

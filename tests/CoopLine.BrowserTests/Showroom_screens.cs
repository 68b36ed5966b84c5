using CoopLine.BrowserTests.Fixtures;
using CoopLine.Tests.Fixtures;
using static Microsoft.Playwright.Assertions;

namespace CoopLine.BrowserTests;

/// <summary>The simulator: phones, a till and what goes wrong.</summary>
public sealed class Showroom_screens(Shop shop) : IClassFixture<Shop>
{
    [Fact]
    public async Task Phones_and_a_till_after_a_sale_are_accessible_and_photographed()
    {
        await shop.PublishMenus();
        var member = await shop.Coop.NewMember();
        var (sakura, _) = (await shop.NewFriend("さくらのスマホ"), await shop.NewFriend("ひろしのスマホ"));
        await shop.Coop.Line.OpenAccountLinkDialog(await shop.Coop.FillInForm(sakura, member), sakura.UserId);
        await sakura.WaitForMessage("連携が完了しました");
        await shop.Publish("豆腐 30円引", Some.Campaign(), "tofu-2026-11"); // the till knows its title
        shop.Coop.Line.DemoIsReady = true;
        var showroom = await shop.OpenShowroom();
        var phone = showroom.Phone(sakura.Name);

        await phone.Tap("クーポン");
        await (await phone.Screen()).ShowCode("豆腐 30円引");
        await showroom.Sell("もめん豆腐", "コープ牛乳 1L");
        await (await phone.Screen()).Shows("ご利用済み");
        await Expect(showroom.Slip.GetByText("-¥30")).ToBeVisibleAsync();

        await Screens.Picture(showroom.Page, "showroom");
        // Good practice wants one main part a page; each phone shows a page that has one.
        await showroom.Page.AssertAccessible("showroom", goodPractice: false);
        await showroom.Page.EmulateMediaAsync(new() { ColorScheme = Microsoft.Playwright.ColorScheme.Dark });
        await showroom.Page.AssertAccessible("showroom in dark", goodPractice: false);
    }
}

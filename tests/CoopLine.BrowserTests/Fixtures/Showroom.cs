using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CoopLine.BrowserTests.Fixtures;

/// <summary>The simulator's page: what people do with its phones and its till.</summary>
internal static class Showroom
{
    extension(IFrame showroom)
    {
        public ILocator Phone(string name) => showroom.GetByRole(AriaRole.Article, new() { Name = name });

        public ILocator Till => showroom.GetByRole(AriaRole.Region, new() { Name = "レジ1" });

        /// <summary>The newest slip of the till.</summary>
        public ILocator Slip => showroom.Till.GetByRole(AriaRole.Article).First;

        /// <summary>Puts products into the basket, takes the code off the phone in front and takes the money.</summary>
        public async Task Sell(params string[] products)
        {
            foreach (var product in products)
                await showroom.Till.GetByRole(AriaRole.Group, new() { Name = "商品" })
                    .GetByRole(AriaRole.Button, new() { Name = product }).ClickAsync();
            await showroom.ReadCode();
            await showroom.Till.GetByRole(AriaRole.Button, new() { Name = "会計" }).ClickAsync();
            await Expect(showroom.Slip).ToBeVisibleAsync();
        }
    }

    /// <summary>As a cashier does: the scanner gives a slow phone half a second, so once more until it has read the code.</summary>
    private static async Task ReadCode(this IFrame showroom)
    {
        var read = showroom.Till.GetByText("クーポンコードを読みました");
        for (var tries = 1; tries == 1 || (tries <= 20 && !await read.IsVisibleAsync()); tries++)
        {
            await showroom.Till.GetByRole(AriaRole.Button, new() { Name = "スマホのコードを読む" }).ClickAsync();
            await Expect(read.Or(showroom.Till.GetByText("コードを表示しているスマホがありません")).First).ToBeVisibleAsync();
        }

        await Expect(read).ToBeVisibleAsync();
    }

    extension(ILocator phone)
    {
        public Task Tap(string button) => phone.GetByRole(AriaRole.Button, new() { Name = button, Exact = true }).Last.ClickAsync();

        public Task Hears(string message) =>
            Expect(phone.GetByRole(AriaRole.Log).GetByText(message).Last).ToBeVisibleAsync();

        /// <summary>The page that is open in the phone.</summary>
        public async Task<IFrame> Screen() =>
            await (await phone.Locator("iframe").ElementHandleAsync()).ContentFrameAsync()
            ?? throw new InvalidOperationException("No page is open.");
    }
}

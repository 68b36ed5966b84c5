using System.Text.RegularExpressions;
using CoopLine.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CoopLine.BrowserTests.Fixtures;

/// <summary>What members do on the pages, found by role and label as they find it.</summary>
internal static partial class Steps
{
    extension(IFrame screen)
    {
        public ILocator Button(string name) => screen.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

        public ILocator Heading(string name) => screen.GetByRole(AriaRole.Heading, new() { Name = name });

        /// <summary>A text that can be seen now.</summary>
        public ILocator Text(string text) => screen.GetByText(text).Filter(new() { Visible = true }).First;

        /// <summary>Waits until the heading is there to read.</summary>
        public Task Shows(string heading) => Expect(screen.Heading(heading)).ToBeVisibleAsync();

        public Task ShowsText(string text) => Expect(screen.Text(text)).ToBeVisibleAsync();

        public Task Press(string button) => screen.Button(button).ClickAsync();

        public ILocator Field(string label) => screen.GetByLabel(label, new() { Exact = true });

        public Task FillIn(RegisteredMember member) => screen.FillIn(member.Number, member.Phone, member.BirthDate);

        public async Task FillIn(string number, string phone, string birthDate)
        {
            await screen.Field("組合員番号").FillAsync(number);
            await screen.Field("電話番号").FillAsync(phone);
            await screen.Field("生年月日(数字8ケタ)").FillAsync(birthDate);
        }

        public ILocator Coupon(string title) =>
            screen.GetByRole(AriaRole.Checkbox, new() { NameRegex = new(Regex.Escape(title)) });

        /// <summary>The switch for messages about something.</summary>
        public ILocator Topic(string name) => screen.GetByRole(AriaRole.Switch, new() { Name = name, Exact = true });

        public async Task Choose(params string[] titles)
        {
            foreach (var title in titles) await screen.Coupon(title).CheckAsync();
            await screen.Press("LINEクーポンを使う");
        }

        /// <summary>Ticks the coupons and shows their code.</summary>
        /// <returns>The 13 digits.</returns>
        public async Task<string> ShowCode(params string[] titles)
        {
            await screen.Choose(titles);
            return await screen.Code();
        }

        /// <summary>The 13 digits on screen.</summary>
        public async Task<string> Code()
        {
            await screen.Shows("レジでこの画面を見せてください");
            await Expect(screen.Digits).ToBeVisibleAsync();
            return string.Concat((await screen.Digits.InnerTextAsync()).Where(char.IsAsciiDigit));
        }

        /// <summary>Where the digits are, seen or not.</summary>
        public ILocator Digits => screen.GetByText(ThirteenDigits());
    }

    [GeneratedRegex(@"^\s*2\d{3}( \d{3}){3}\s*$")]
    private static partial Regex ThirteenDigits();
}

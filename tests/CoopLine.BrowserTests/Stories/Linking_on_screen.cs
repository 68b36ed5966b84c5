using CoopLine.BrowserTests.Fixtures;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CoopLine.BrowserTests.Stories;

/// <summary>The link page, in browsers that remember nothing.</summary>
public sealed class Linking_on_screen(Shop shop) : IClassFixture<Shop>
{
    private const string Accepted = "手続きを受け付けました。";

    [Fact]
    public async Task A_private_window_links()
    {
        var (phone, member) = await shop.Coop.Newcomer();
        var screen = await shop.OpenLink(phone);

        await screen.FillIn(member);
        await screen.Press("連携する");

        await screen.ShowsText(Accepted);
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);
        Assert.True(await shop.Coop.IsLinked(member.Number, phone));
    }

    [Fact]
    public async Task Without_JavaScript_it_links_after_a_correction()
    {
        var (phone, member) = await shop.Coop.Newcomer();
        var screen = await shop.OpenLink(phone, new() { JavaScript = false });

        await screen.FillIn(member.Number, member.Phone, "46.4.1");
        await screen.Press("連携する");
        await screen.ShowsText("何年のことか、決められませんでした。");
        await Expect(screen.Field("組合員番号")).ToHaveValueAsync(member.Number);
        await screen.GetByLabel("1971年(昭和46年)4月1日").CheckAsync();
        await screen.Press("連携する");

        await screen.ShowsText(Accepted);
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);
    }

    [Fact]
    public async Task Who_changes_the_browser_half_way_goes_on_in_the_other_one()
    {
        var (phone, member) = await shop.Coop.Newcomer();
        var first = await shop.OpenLink(phone);
        await first.Field("組合員番号").FillAsync(member.Number);

        await shop.Advance(TimeSpan.FromMinutes(3));
        var second = await shop.Open(new(first.Url), owner: phone);
        await second.ShowsText("7分0秒"); // the ten minutes did not start again
        await second.FillIn(member);
        await second.Press("連携する");

        await second.ShowsText(Accepted);
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);
    }

    [Fact]
    public async Task With_the_keyboard_alone_the_form_is_filled_in_and_sent()
    {
        var (phone, member) = await shop.Coop.Newcomer();
        var screen = await shop.OpenLink(phone);
        var keyboard = screen.Page.Keyboard;

        await keyboard.PressAsync("Tab");
        await Expect(screen.Field("組合員番号")).ToBeFocusedAsync();
        await keyboard.TypeAsync(member.Number);
        await keyboard.PressAsync("Tab"); // 組合員番号はどこ?
        await keyboard.PressAsync("Enter");
        await Expect(screen.GetByRole(AriaRole.Img, new() { NameRegex = new("組合員証") })).ToBeVisibleAsync();
        await keyboard.PressAsync("Tab");
        await Expect(screen.Field("電話番号")).ToBeFocusedAsync();
        await keyboard.TypeAsync(member.Phone);
        await keyboard.PressAsync("Tab");
        await keyboard.TypeAsync("1971");
        await keyboard.PressAsync("Enter");

        // What is wrong is said first, and leads to the field.
        await Expect(screen.GetByRole(AriaRole.Alert).First).ToBeFocusedAsync();
        await Expect(screen.Field("生年月日(数字8ケタ)")).ToHaveAttributeAsync("aria-invalid", "true");
        await keyboard.PressAsync("Tab");
        await keyboard.PressAsync("Enter");
        await Expect(screen.Field("生年月日(数字8ケタ)")).ToBeFocusedAsync();
        await keyboard.PressAsync("Control+A");
        await keyboard.TypeAsync(member.BirthDate);
        await keyboard.PressAsync("Enter");

        await screen.ShowsText(Accepted);
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);
    }

    [Fact]
    public async Task Fields_open_the_numeric_keyboard_and_are_tied_to_their_help_and_errors()
    {
        var screen = await shop.OpenLink(await shop.Coop.NewFriend());
        await screen.Press("連携する");

        foreach (var (label, error) in new[]
                 {
                     ("組合員番号", "組合員番号を入力してください。"),
                     ("電話番号", "電話番号を入力してください。"),
                     ("生年月日(数字8ケタ)", "例:1971年4月1日は 19710401"),
                 })
        {
            await Expect(screen.Field(label)).ToHaveAttributeAsync("inputmode", "numeric");
            await Expect(screen.Field(label)).ToHaveAccessibleDescriptionAsync(new System.Text.RegularExpressions.Regex(error));
        }
    }

    [Fact]
    public async Task While_LINE_is_down_what_was_typed_stays_and_the_button_works_later()
    {
        var (phone, member) = await shop.Coop.Newcomer();
        var screen = await shop.OpenLink(phone);
        await screen.FillIn(member);
        shop.Coop.Line.Trouble.Fail(LineCall.LinkToken, Trouble.Always);

        await screen.Press("連携する");
        await screen.Shows("LINEにつながりませんでした");
        shop.Coop.Line.Trouble.Clear();
        await screen.Press("連携する");

        await screen.ShowsText(Accepted);
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);
    }

    [Fact]
    public async Task While_nothing_can_be_saved_the_page_is_there_and_its_ten_minutes_start_later()
    {
        var phone = await shop.Coop.NewFriend();
        var address = await shop.Coop.TapLink(phone);
        shop.Coop.Faults.Order("link-session", Fault.BeforeTheWrite);

        var screen = await shop.Open(address, owner: phone);

        await Expect(screen.Button("連携する")).ToBeVisibleAsync();
        await Expect(screen.GetByRole(AriaRole.Timer)).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_page_that_nobody_sees_yet_starts_its_ten_minutes_when_it_is_shown()
    {
        var phone = await shop.Coop.NewFriend();
        var address = await shop.Coop.TapLink(phone);
        var page = await (await shop.NewBrowser(new(), phone)).NewPageAsync();
        await page.AddInitScriptAsync("""Object.defineProperty(document, 'visibilityState', { get: () => window.seen ? 'visible' : 'hidden' })""");

        await page.GotoAsync(address.ToString());
        await page.MainFrame.ShowsText("画面を開いてから10分以内に");
        await shop.Advance(TimeSpan.FromMinutes(20));
        await Expect(page.GetByRole(AriaRole.Timer)).ToBeHiddenAsync();
        await page.EvaluateAsync("window.seen = true; document.dispatchEvent(new Event('visibilitychange'))");

        await page.MainFrame.ShowsText("10分0秒");
    }

    [Fact]
    public async Task A_date_in_another_form_is_read_back_before_it_is_sent()
    {
        var (phone, member) = await shop.Coop.Newcomer();
        var screen = await shop.OpenLink(phone);

        await screen.FillIn(member.Number, member.Phone, "S460401");
        await screen.Field("生年月日(数字8ケタ)").BlurAsync();
        await screen.ShowsText("「1971年4月1日」と読み取りました。");
        await screen.Press("連携する");

        await screen.ShowsText(Accepted);
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);
    }

    [Fact]
    public async Task After_a_wrong_answer_reload_and_back_send_nothing()
    {
        var (phone, member) = await shop.Coop.Newcomer();
        var screen = await shop.OpenLink(phone);
        await screen.FillIn(member.Number, member.Phone, "19000101");
        await screen.Press("連携する");
        await screen.Shows("ご登録の内容と合いませんでした");

        for (var i = 0; i < 5; i++) await screen.Page.ReloadAsync();
        await screen.Shows("ご登録の内容と合いませんでした");
        await Expect(screen.Field("組合員番号")).ToHaveValueAsync(member.Number);
        await screen.Page.GoBackAsync();

        await Expect(screen.Button("連携する")).ToBeVisibleAsync();
        Assert.Equal(1, (await shop.Coop.Look(member.Number)).GetProperty("mismatches").GetArrayLength());
    }

    [Fact]
    public async Task A_double_press_sends_the_form_once()
    {
        var (phone, member) = await shop.Coop.Newcomer();
        var screen = await shop.OpenLink(phone);
        await screen.FillIn(member.Number, member.Phone, "19000101");
        var sent = 0;
        screen.Page.Request += (_, request) =>
        {
            if (request.Method == "POST" && request.PostData?.Contains("memberNumber", StringComparison.Ordinal) == true) sent++;
        };

        await screen.Button("連携する").DblClickAsync();
        await screen.Shows("ご登録の内容と合いませんでした");

        Assert.Equal(1, sent);
    }

    [Fact]
    public async Task Of_two_phones_that_race_for_one_number_one_links_and_the_other_is_told_what_to_do()
    {
        var member = await shop.Coop.NewMember();
        SimulatedPhone[] phones = [await shop.Coop.NewFriend(), await shop.Coop.NewFriend()];
        var screens = await Task.WhenAll(phones.Select(phone => shop.OpenLink(phone)));
        foreach (var screen in screens) await screen.FillIn(member);

        await Task.WhenAll(screens.Select(screen => screen.Press("連携する")));
        var outcomes = await Task.WhenAll(phones.Zip(screens, Outcome));

        Assert.Equal(["linked", "told what to do"], outcomes.Order());
        Assert.Single(phones, phone => phone.RichMenu == LinkingSteps.LinkedMenu);

        // The loser is told by the page, or, when both came as far as LINE's dialog, in the chat.
        async Task<string> Outcome(SimulatedPhone phone, IFrame screen)
        {
            var refused = screen.Heading("この番号は連携されています");
            await Expect(screen.Text(Accepted).Or(refused)).ToBeVisibleAsync();
            if (await refused.IsVisibleAsync()) return "told what to do";

            var linked = (await phone.WaitForMessage(
                message => Says(message, "連携が完了しました") || Says(message, "すでに別のLINEと連携されています"), "the outcome")).Text;
            if (!linked.Contains("完了", StringComparison.Ordinal)) return "told what to do";
            await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);
            return "linked";
        }
    }

    private static bool Says(ReceivedMessage message, string text) => message.Text.Contains(text, StringComparison.Ordinal);

    [Fact]
    public async Task The_countdown_warns_at_two_minutes_and_explains_at_the_end_what_to_do()
    {
        var (phone, member) = await shop.Coop.Newcomer();
        var screen = await shop.OpenLink(phone);
        await screen.ShowsText("10分0秒");

        await shop.Advance(TimeSpan.FromMinutes(8));
        await screen.ShowsText("残り時間が2分を切りました。");
        await screen.FillIn(member);
        await shop.Advance(TimeSpan.FromMinutes(2));
        await screen.Shows("時間が過ぎました");

        await screen.ShowsText("もう一度LINEの「組合員番号で連携する」を押してください。");
        await Expect(screen.Button("連携する")).Not.ToBeVisibleAsync();
        var again = await shop.OpenLink(phone);
        await again.FillIn(member);
        await again.Press("連携する");
        await again.ShowsText(Accepted);
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);
    }

    [Fact]
    public async Task A_press_that_the_browser_gave_up_is_not_the_last()
    {
        var (phone, member) = await shop.Coop.Newcomer();
        var page = await (await shop.NewBrowser(new Look { StopClock = false }, phone)).NewPageAsync();
        await page.Clock.InstallAsync(new() { TimeDate = shop.Coop.Clock.GetUtcNow().UtcDateTime });
        await page.GotoAsync((await shop.Coop.TapLink(phone)).ToString());
        // The press comes to nothing, as when the browser's own stop button is pressed.
        await page.EvaluateAsync(
            """
            window.sent = 0;
            document.forms[0].addEventListener('submit', event => {
              if (!event.defaultPrevented) window.sent++;
              event.preventDefault();
            });
            """);
        await page.MainFrame.FillIn(member);
        await page.MainFrame.Press("連携する");
        await page.Locator("form button").DispatchEventAsync("click");
        Assert.Equal(1, await Sent());

        await page.Clock.FastForwardAsync(21_000);
        await page.MainFrame.Press("連携する");

        Assert.Equal(2, await Sent());

        Task<int> Sent() => page.EvaluateAsync<int>("window.sent");
    }
}

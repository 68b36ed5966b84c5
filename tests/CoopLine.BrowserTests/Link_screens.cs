using CoopLine.BrowserTests.Fixtures;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CoopLine.BrowserTests;

/// <summary>The link page and whatever it says.</summary>
public sealed class Link_screens(Shop shop) : Screens(shop), IClassFixture<Shop>
{
    private static readonly RegisteredMember Nobody = new("10000001", "090-1234-5678", "19710401");

    [Fact]
    public async Task Form()
    {
        var screen = await Open();
        await Expect(screen.Button("連携する")).ToBeVisibleAsync();
        await Check("link-form", "the form, just opened", screen, alsoDark: true);
    }

    [Fact]
    public async Task Form_with_help()
    {
        var screen = await Open();
        await screen.GetByText("組合員番号はどこ?").ClickAsync();
        await Expect(screen.GetByRole(AriaRole.Img, new() { NameRegex = new("組合員証") })).ToBeVisibleAsync();
        await Check("link-form-help", "where the number is printed", screen, alsoDark: true);
    }

    [Fact]
    public async Task Form_in_English()
    {
        var screen = await Open(Phone with { Locale = "en-US" });
        await Expect(screen.Locator("html")).ToHaveAttributeAsync("lang", "en");
        await Check("link-form-english", "the form for a browser that asks for English", screen);
    }

    [Fact]
    public async Task Fields_to_correct()
    {
        var screen = await Open();
        await screen.FillIn("", "1234", "460401");
        await screen.Press("連携する");
        await screen.Shows("入力を直していただくところがあります");
        await Check("link-fields", "three fields to correct", screen, alsoDark: true);
    }

    [Fact]
    public async Task Two_minutes_left()
    {
        var screen = await Open();
        await Shop.Advance(TimeSpan.FromMinutes(8));
        await screen.ShowsText("残り時間が2分を切りました。");
        await Check("link-two-minutes", "the warning at two minutes", screen);
    }

    [Fact]
    public async Task Time_is_over_while_the_page_is_open()
    {
        var screen = await Open();
        await Shop.Advance(TimeSpan.FromMinutes(10));
        await screen.Shows("時間が過ぎました");
        await Check("link-over", "the ten minutes end while the page is open", screen);
    }

    [Fact]
    public async Task Opened_after_the_time()
    {
        var screen = await Open();
        await Shop.Advance(TimeSpan.FromMinutes(10));
        await screen.Page.ReloadAsync();
        await screen.Shows("時間が過ぎました");
        await Check("link-expired", "opened again after the ten minutes", screen);
    }

    [Fact]
    public async Task Wrong_answers()
    {
        var (phone, member) = await Shop.Coop.Newcomer();
        var screen = await Shop.OpenLink(phone, Phone);
        await screen.FillIn(member.Number, "090-0000-0000", member.BirthDate);
        await screen.Press("連携する");
        await screen.Shows("ご登録の内容と合いませんでした");
        await Check("link-mismatch", "the answers do not match the registry", screen);
    }

    [Fact]
    public async Task Third_wrong_answer()
    {
        var (phone, member) = await Shop.Coop.Newcomer();
        var screen = await Shop.OpenLink(phone, Phone);
        for (var left = 4; left >= 2; left--)
        {
            await screen.FillIn(member.Number, member.Phone, $"190001{left:00}");
            await screen.Press("連携する");
            await screen.ShowsText($"「1900年1月{left}日」");
            await screen.Shows("ご登録の内容と合いませんでした");
        }

        await screen.ShowsText("あと2回間違えると");
        await Check("link-tries-left", "the third wrong answer: how many are left", screen);
    }

    [Fact]
    public async Task Not_in_the_registry()
    {
        var screen = await Open();
        await screen.FillIn(Nobody);
        await screen.Press("連携する");
        await screen.ShowsText("加入したばかりで、まだ登録が済んでいない");
        await Check("link-not-registered", "a number that the registry does not know yet", screen);
    }

    [Fact]
    public async Task Too_many_guesses()
    {
        var (phone, member) = await Shop.Coop.Newcomer();
        var page = await Shop.Coop.OpenPage(phone);
        for (var i = 0; i < 4; i++) await Shop.Coop.Answer(page, member, birthDate: "19000101");
        var screen = await Shop.Open(page, Phone);
        await screen.FillIn(member.Number, member.Phone, "19000101");
        await screen.Press("連携する");
        await screen.Shows("いまは連携できません");
        await Check("link-locked", "locked for an hour after five wrong answers", screen);
    }

    [Fact]
    public async Task LINE_is_down()
    {
        var (phone, member) = await Shop.Coop.Newcomer();
        var screen = await Shop.OpenLink(phone, Phone);
        await screen.FillIn(member);
        Shop.Coop.Line.Trouble.Fail(LineCall.LinkToken, Trouble.Always);
        await screen.Press("連携する");
        await screen.Shows("LINEにつながりませんでした");
        await screen.ShowsText("受付番号");
        Shop.Coop.Line.Trouble.Clear();
        await Check("link-line-down", "LINE issues no link token", screen);
    }

    [Fact]
    public async Task Storage_is_down()
    {
        var (phone, member) = await Shop.Coop.Newcomer();
        var screen = await Shop.OpenLink(phone, Phone);
        await screen.FillIn(member);
        Shop.Coop.Faults.Order("link-session", Fault.BeforeTheWrite);
        await screen.Press("連携する");
        await screen.Shows("ただいまご利用いただけません");
        await Check("link-storage-down", "the database cannot be written", screen);
    }

    [Fact]
    public async Task Number_linked_elsewhere()
    {
        var (_, member) = await Shop.Coop.LinkedFriend();
        var screen = await Open();
        await screen.FillIn(member);
        await screen.Press("連携する");
        await screen.Shows("この番号は連携されています");
        await Check("link-number-linked", "the number is linked to another LINE account", screen);
    }

    [Fact]
    public async Task Account_linked_already()
    {
        var (phone, member) = await Shop.Coop.Newcomer();
        var (_, other) = await Shop.Coop.Newcomer();
        var page = await Shop.Coop.OpenPage(phone);
        var dialog = (await Shop.Coop.Answer(page, member)).Location!;
        var screen = await Shop.Open(page, Phone);
        await Shop.Coop.Line.OpenAccountLinkDialog(dialog, phone.UserId);
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);
        await screen.FillIn(other);
        await screen.Press("連携する");
        await Expect(screen.Heading("すでに連携されています").Or(screen.Heading("手続きは終わっています"))).ToBeVisibleAsync();
        await Check("link-finished", "sent again after the link was made", screen);
    }

    [Fact]
    public async Task Replaced_by_a_newer_message()
    {
        var phone = await Shop.Coop.NewFriend();
        var first = await Shop.Coop.TapLink(phone);
        await Shop.Coop.TapLink(phone);
        var screen = await Shop.Open(first, Phone);
        await screen.Shows("新しいご案内があります");
        await Check("link-replaced", "a newer message has come", screen);
    }

    [Fact]
    public async Task Unknown()
    {
        var screen = await Shop.Open(new(Shop.Coop.Host.Address, "/link/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), Phone);
        await screen.Shows("画面が見つかりません");
        await Check("link-unknown", "an address that leads nowhere", screen);
    }

    [Fact]
    public async Task Not_an_address()
    {
        var screen = await Shop.Open(new(Shop.Coop.Host.Address, "/link/a/b"), Phone);
        await screen.Shows("このページは開けません");
        await Check("link-no-page", "an address that is none", screen);
    }

    [Fact]
    public async Task Crowded()
    {
        await using var crowded = new Shop { Coop = { Also = { ["CoopLine:RateLimits:PagesPerSecond"] = "1" } } };
        await crowded.InitializeAsync();
        var address = new Uri(crowded.Coop.Host.Address, "/link/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
        // For as long as the browser takes: a second later there is room for one again, and one of the crowd is there first.
        using var opened = new CancellationTokenSource();
        var crowd = Enumerable.Range(0, 20).Select(_ => Ask()).ToArray();

        var screen = await crowded.Open(address, Phone);
        for (var again = 0; again < 20 && !await screen.Heading("ただいま混み合っています").IsVisibleAsync(); again++)
            await screen.Page.ReloadAsync(); // it was there first
        await screen.Shows("ただいま混み合っています");
        await opened.CancelAsync();
        await Task.WhenAll(crowd);
        await Check("link-crowded", "too many ask at once", screen);

        async Task Ask()
        {
            while (!opened.IsCancellationRequested) (await crowded.Coop.Http.GetAsync(address)).Dispose();
        }
    }

    private async Task<IFrame> Open(Look? look = null) => await Shop.OpenLink(await Shop.Coop.NewFriend(), look ?? Phone);
}

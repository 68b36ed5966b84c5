using System.Text.Json;
using System.Text.Json.Nodes;
using CoopLine.BrowserTests.Fixtures;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CoopLine.BrowserTests;

/// <summary>The coupon page and whatever it says.</summary>
public sealed class Coupon_screens(Shop shop) : Screens(shop), IClassFixture<Shop>, IAsyncLifetime
{
    private const string Tofu = "もめん豆腐";
    private const string Milk = "コープ牛乳";
    private const string Bread = "食パン 6枚";
    private const string OneMore = "冷凍うどん";

    private static bool offered;

    /// <summary>What the shop offers all the time to those who use its stores.</summary>
    public async ValueTask InitializeAsync()
    {
        if (offered) return;
        offered = true;
        string[] stores = ["0123", "0456"];
        string[] businesses = ["store"];
        await Shop.Offer(
            (Tofu, Some.Campaign(businesses: businesses, stores: stores)),
            (Milk, Offer(Some.Campaign(10, "percent", "4901234567900", businesses: businesses), "牛乳ならどれでも")),
            (Bread, Offer(
                Some.Campaign(98, "price", "4901234567917", businesses: businesses, endsAt: "2026-11-30T18:00:00+09:00"),
                "人気の食パンを特別価格で")),
            ("たまご 10個", Some.Campaign(20, businesses: businesses, endsAt: "2026-11-21T00:00:00+09:00")));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Loading()
    {
        var page = await (await Shop.NewBrowser(Phone)).NewPageAsync();
        var never = new TaskCompletionSource();
        await page.RouteAsync("**/liff/sdk.js", _ => never.Task);
        await page.GotoAsync(new Uri(Shop.Coop.Host.Address, "/coupons").ToString(), new() { WaitUntil = WaitUntilState.Commit });
        await page.MainFrame.ShowsText("クーポンを読み込んでいます…");
        await Check("coupons-loading", "a slow network", page.MainFrame, alsoDark: true);
    }

    [Fact]
    public async Task Without_JavaScript()
    {
        var screen = await Shop.Open(new(Shop.Coop.Host.Address, "/coupons"), Phone with { JavaScript = false });
        await Expect(screen.Locator("noscript p")).ToBeVisibleAsync();
        await Expect(screen.GetByText("クーポンを読み込んでいます…")).Not.ToBeVisibleAsync();
        await Shoot(screen.Page, "coupons-no-javascript"); // axe is a script itself
    }

    [Fact]
    public async Task Login()
    {
        var screen = await Shop.Open(new(Shop.Coop.Host.Address, "/coupons"), Phone);
        await screen.Shows("LINEで確認してください");
        await Check("coupons-login", "outside LINE: what LINE's login screen will ask (Q2-5)", screen, alsoDark: true);
    }

    [Fact]
    public async Task Not_linked()
    {
        var screen = await Shop.OpenCoupons(await Shop.Coop.NewFriend(), Phone);
        await screen.Shows("組合員番号の連携が必要です");
        await Expect(screen.Button("組合員番号で連携する")).ToBeVisibleAsync();
        await Check("coupons-not-linked", "no member number is linked", screen);
    }

    [Fact]
    public async Task LINE_is_down()
    {
        Shop.Coop.Line.Trouble.Fail(LineCall.VerifyIdToken, Trouble.Always);
        var screen = await Shop.OpenCoupons(await Member(), Phone);
        await screen.ShowsText("LINEにつながりません。");
        await screen.ShowsText("受付番号");
        Shop.Coop.Line.Trouble.Clear();
        await Check("coupons-line-down", "LINE cannot say who it is", screen);
    }

    [Fact]
    public async Task No_network()
    {
        var page = await (await Shop.NewBrowser(Phone)).NewPageAsync();
        await page.RouteAsync("**/coupons/available", route => route.AbortAsync("internetdisconnected"));
        await page.GotoAsync(Shop.CouponsOf(await Member()).ToString());
        await page.MainFrame.ShowsText("電波の状態をお確かめのうえ、もう一度お試しください。");
        await Check("coupons-no-network", "no network: one button tries again", page.MainFrame);
    }

    [Fact]
    public async Task List()
    {
        var phone = await Member();
        var screen = await Shop.OpenCoupons(phone, Phone);
        await screen.Coupon(Milk).CheckAsync();
        await Check("coupons-list", "the list, one ticked", screen, alsoDark: true);
    }

    [Fact]
    public async Task Opened_at_a_coupon()
    {
        var phone = await Member();
        var campaign = (await Shop.Coop.Available(phone)).GetProperty("usable").EnumerateArray()
            .Single(one => one.GetProperty("title").GetString() == Tofu).GetProperty("campaign").GetString();
        var screen = await Shop.Open(new($"{Shop.CouponsOf(phone)}&coupon={campaign}"), Phone);
        await Expect(screen.Coupon(Tofu)).ToBeFocusedAsync();
        await Check("coupons-opened-at", "opened by the button of a message, at its coupon", screen, alsoDark: true);
    }

    [Fact]
    public async Task Opened_at_a_coupon_that_cannot_be_used_now()
    {
        var screen = await Shop.Open(new($"{Shop.CouponsOf(await Member())}&coupon=tofu"), Phone);
        await screen.ShowsText("お知らせのクーポンは、いまはお使いいただけません。");
        await Check("coupons-not-now", "opened by the button of a message whose coupon cannot be used now", screen, alsoDark: true);
    }

    [Fact]
    public async Task List_with_used_and_ended()
    {
        var phone = await Member();
        var screen = await Shop.OpenCoupons(phone, Phone);
        await Shop.Coop.Redeem(Shop.Coop.Sale(await screen.ShowCode(Tofu)));
        await screen.Shows("ご利用済み");
        await screen.Press("クーポン一覧へ");
        await screen.Shows("使ったクーポン");
        await Check("coupons-list-used", "the list with a used and an ended coupon", screen);
    }

    [Fact]
    public async Task List_in_English()
    {
        var screen = await Shop.OpenCoupons(await Member(), Phone with { Locale = "en-US" });
        await Expect(screen.Coupon(Tofu)).ToBeVisibleAsync();
        await Check("coupons-list-english", "the list for a browser that asks for English", screen);
    }

    [Fact]
    public async Task Topics()
    {
        var phone = await Member("home");
        await phone.Tap("action=topic-off&topic=home");
        await phone.WaitForMessage("「個配・共同購入」を止めました。");
        var screen = await Shop.OpenCoupons(phone, Phone);
        await Expect(screen.Topic("個配・共同購入")).Not.ToBeCheckedAsync();
        await Check("coupons-topics", "which messages arrive, one topic off", screen, alsoDark: true);
    }

    [Fact]
    public async Task Nothing_to_use()
    {
        var screen = await Shop.OpenCoupons(await Member("home"), Phone);
        await screen.ShowsText("いま使えるクーポンはありません。");
        await Check("coupons-none", "no coupon for this member", screen);
    }

    [Fact]
    public async Task Nothing_chosen()
    {
        var screen = await Shop.OpenCoupons(await Member(), Phone);
        await screen.Press("LINEクーポンを使う");
        await Expect(screen.Text("使うクーポンを選んでください。")).ToBeInViewportAsync();
        await Check("coupons-nothing-chosen", "the button without a tick", screen);
    }

    [Fact]
    public async Task Storage_is_down()
    {
        var screen = await Shop.OpenCoupons(await Member(), Phone);
        Shop.Coop.Faults.Order("coupon-code", Fault.BeforeTheWrite);
        await screen.Choose(Tofu);
        await screen.ShowsText("ただいま、生協のシステムにつながりません。");
        await Check("coupons-storage-down", "the database cannot be written", screen);
    }

    [Fact]
    public async Task Code()
    {
        var screen = await Shop.OpenCoupons(await Member(), Phone);
        await screen.ShowCode(Tofu, Milk);
        await Check("coupons-code", "the code of two coupons", screen, alsoDark: true);
    }

    [Fact]
    public async Task Code_in_its_last_seconds_without_a_network()
    {
        var screen = await Shop.OpenCoupons(await Member(), Phone);
        await screen.ShowCode(Tofu);
        await screen.Page.Context.SetOfflineAsync(true);
        await Shop.Advance(TimeSpan.FromSeconds(289));
        await screen.ShowsText("電波が弱いようです。");
        await Check("coupons-code-no-network", "eleven seconds left, and no network for a new one", screen);
    }

    [Fact]
    public async Task Code_gone()
    {
        var screen = await Shop.OpenCoupons(await Member(), Phone);
        await screen.ShowCode(Tofu);
        await screen.Page.Context.SetOfflineAsync(true);
        await Shop.Advance(TimeSpan.FromMinutes(6));
        await screen.ShowsText("番号の時間が切れました。");
        await Check("coupons-code-gone", "the code has ended and there is no network", screen);
    }

    [Fact]
    public async Task Code_being_renewed()
    {
        var screen = await Shop.OpenCoupons(await Member(), Phone);
        await screen.ShowCode(Tofu);
        var never = new TaskCompletionSource();
        await screen.Page.RouteAsync("**/coupons/codes", _ => never.Task);
        await Shop.Advance(TimeSpan.FromMinutes(6));
        await screen.ShowsText("新しい番号を用意しています。");
        await Check("coupons-code-renewing", "the code has ended and a new one is under way", screen);
    }

    [Fact]
    public async Task Code_of_which_one_coupon_was_stopped_meanwhile()
    {
        var (screen, stopped) = await WithOneMore();
        await screen.ShowCode(Tofu, OneMore);
        await Shop.Stop(stopped);
        await Shop.AdvanceUntil(screen.Text("次のクーポンは、いまは使えません。"));
        await Check("coupons-code-partly", "one of two coupons was stopped while the code is shown", screen);
    }

    [Fact]
    public async Task Unusable()
    {
        var (screen, stopped) = await WithOneMore();
        await screen.ShowCode(OneMore);
        await Shop.Stop(stopped);
        await Shop.AdvanceUntil(screen.Heading("このクーポンは使えません"));
        await Check("coupons-unusable", "the coupon was stopped while its code is shown", screen);
    }

    [Fact]
    public async Task Used()
    {
        var screen = await Shop.OpenCoupons(await Member(), Phone);
        await Shop.Coop.Redeem(Shop.Coop.Sale(
            await screen.ShowCode(Tofu, Milk), lines: [Sale.Line(1), Sale.Line(2, "4901234567900", 1, 238)]));
        await screen.Shows("ご利用済み");
        await Check("coupons-used", "the till has redeemed both", screen, alsoDark: true);
    }

    [Fact]
    public async Task Used_in_part()
    {
        var screen = await Shop.OpenCoupons(await Member(), Phone);
        await Shop.Coop.Redeem(Shop.Coop.Sale(await screen.ShowCode(Tofu, Milk)));
        await screen.Shows("ご利用済み");
        await screen.ShowsText("次のクーポンは、使われませんでした。");
        await Check("coupons-used-partly", "the till has redeemed one of two", screen);
    }

    [Fact]
    public async Task Given_back()
    {
        var screen = await Shop.OpenCoupons(await Member(), Phone);
        var sale = Shop.Coop.Sale(await screen.ShowCode(Tofu));
        await Shop.Coop.Redeem(sale);
        await screen.Shows("ご利用済み");
        await Shop.Coop.Void(sale);
        await screen.ShowsText("お会計の取り消しか返品がありました。");
        await Check("coupons-given-back", "the till has voided the receipt", screen);
    }

    [Fact]
    public async Task To_be_opened_again()
    {
        var page = (await Shop.OpenCoupons(await Member(), Phone)).Page;
        await page.MainFrame.Coupon(Tofu).CheckAsync();
        // As in LINE's own browser, where LIFF gives no new token while the page is open.
        await page.EvaluateAsync("() => { liff.isInClient = () => true; liff.getIDToken = () => 'over'; }");
        await Shop.Advance(TimeSpan.FromHours(1));
        await page.MainFrame.Press("LINEクーポンを使う");
        await page.MainFrame.Shows("もう一度開いてください");
        await Check("coupons-reopen", "the page was open for longer than LINE vouches for who it is", page.MainFrame);
    }

    private async Task<SimulatedPhone> Member(string businesses = "store") => (await Shop.Coop.LinkedFriend(businesses)).Phone;

    /// <summary>A member who also uses group buying, and a coupon for such members: it ends in no other member's list.</summary>
    private async Task<(IFrame Screen, string Campaign)> WithOneMore()
    {
        var campaign = await Shop.Publish(OneMore, Offer(Some.Campaign(50, businesses: ["group"]), "共同購入をご利用の方へ"));
        return (await Shop.OpenCoupons(await Member("store;group"), Phone), campaign);
    }

    private static JsonNode Offer(object campaign, string description)
    {
        var offer = JsonSerializer.SerializeToNode(campaign)!;
        offer["description"] = description;
        return offer;
    }
}

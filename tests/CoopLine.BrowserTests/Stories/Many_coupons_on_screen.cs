using CoopLine.BrowserTests.Fixtures;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CoopLine.BrowserTests.Stories;

/// <summary>A list that is longer than the screen: what is on the first screen, what stays, and where Back leads.</summary>
public sealed class Many_coupons_on_screen(Shop shop) : IClassFixture<Shop>, IAsyncLifetime
{
    private const int Count = 31;
    private const int Limit = 20;

    private static readonly Look Phone = new();

    private static bool offered;

    private SimulatedPhone phone = null!;

    /// <summary>31 coupons: the later, the more yen; three of them end tomorrow.</summary>
    public async ValueTask InitializeAsync()
    {
        (phone, _) = await shop.Coop.LinkedFriend();
        if (offered) return;
        offered = true;
        await shop.Offer([.. Enumerable.Range(1, Count).Select(i => (
            Title(i), Some.Campaign(i, endsAt: i <= 3 ? "2026-11-24T00:00:00+09:00" : "2026-12-01T00:00:00+09:00")))]);
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task A_card_is_a_third_of_the_screen_at_most_and_what_holds_for_all_stands_once_at_the_top()
    {
        var screen = await List();

        foreach (var card in await screen.GetByRole(AriaRole.Listitem).Filter(new() { Has = screen.GetByRole(AriaRole.Checkbox) }).AllAsync())
            Assert.InRange((await card.BoundingBoxAsync())!.Height, 40, Phone.Height / 3f);
        Assert.InRange(await screen.EvaluateAsync<double>("document.documentElement.scrollHeight / innerHeight"), 1, Count / 3.0);
        await screen.Shows("もうすぐ終わるクーポン");
        await screen.Shows("そのほかのクーポン");
        await screen.GetByText("すべてのクーポンの決まり").ClickAsync();
        await Expect(screen.GetByText("お一人様1回限り").Filter(new() { Visible = true })).ToHaveCountAsync(1);
        await Expect(screen.GetByText("11月1日(日)から11月30日(月)まで").Filter(new() { Visible = true })).ToHaveCountAsync(0);
        await screen.GetByText("くわしく").Last.ClickAsync();
        await Expect(screen.GetByText("11月1日(日)から11月30日(月)まで").Filter(new() { Visible = true })).ToHaveCountAsync(1);
    }

    [Fact]
    public async Task The_limit_is_told_before_and_use_all_takes_the_best_twenty()
    {
        var screen = await List();
        await screen.ShowsText("一度に20枚まで使えます。「全部使う」は、お得な20枚です。");

        await screen.Press("全部使う");
        await screen.Code();

        var chosen = await screen.Locator("[data-chosen] li").AllInnerTextsAsync();
        Assert.Equal(Enumerable.Range(Count - Limit + 1, Limit).Select(Title).Order(), chosen.Select(one => one.Trim()).Order());
    }

    [Fact]
    public async Task One_more_than_twenty_cannot_be_ticked_and_the_bar_counts()
    {
        var screen = await List();
        for (var i = 1; i <= Limit; i++) await screen.Coupon(Title(i)).CheckAsync();
        await Expect(screen.GetByText("枚選択中")).ToHaveTextAsync("20枚選択中");

        await screen.Coupon(Title(Count)).ClickAsync();

        await screen.ShowsText("一度に使えるクーポンは20枚までです。");
        await Expect(screen.Coupon(Title(Count))).Not.ToBeCheckedAsync();
        await screen.ShowsText("20枚選択中");
    }

    [Fact]
    public async Task Ticks_and_place_stay_when_the_member_chooses_again_and_ticks_for_the_rest_of_the_day()
    {
        var screen = await List();
        await screen.Coupon(Title(3)).CheckAsync();
        await screen.Coupon(Title(25)).CheckAsync();
        await screen.EvaluateAsync("addEventListener('submit', () => { window.placeThen = scrollY; }, true)");
        await screen.Press("LINEクーポンを使う");
        await screen.Code();
        var before = await screen.EvaluateAsync<int>("Math.round(placeThen)");
        Assert.True(before > 0);

        await screen.Press("クーポンを選びなおす");
        await screen.ShowsText("2枚選択中");
        Assert.Equal(before, await screen.EvaluateAsync<int>("Math.round(scrollY)"));
        await screen.Page.ReloadAsync();

        await screen.ShowsText("2枚選択中");
        await Expect(screen.Coupon(Title(3))).ToBeCheckedAsync();
        await Expect(screen.Coupon(Title(25))).ToBeCheckedAsync();
        await shop.Advance(TimeSpan.FromDays(1));
        await screen.Page.ReloadAsync();
        await Expect(screen.Coupon(Title(25))).Not.ToBeCheckedAsync();
    }

    [Fact]
    public async Task Back_goes_from_the_code_to_the_list_and_from_the_used_coupons_too_and_leaves_the_page_only_there()
    {
        var screen = await List();
        await screen.ShowCode(Title(5), Title(6));

        await screen.Page.GoBackAsync();
        await screen.Shows("いま使えるクーポン");
        await Expect(screen.Coupon(Title(5))).ToBeCheckedAsync();
        await screen.Page.GoForwardAsync();
        await shop.Coop.Redeem(shop.Coop.Sale(await screen.Code(), lines: [Sale.Line(1), Sale.Line(2, quantity: 1)]));
        await screen.Shows("ご利用済み");
        await screen.Press("クーポン一覧へ");
        await screen.Shows("いま使えるクーポン");
        await screen.Page.GoBackAsync();

        await screen.Shows("ご利用済み");
    }

    [Fact]
    public async Task A_code_whose_page_is_loaded_again_is_shown_again()
    {
        var screen = await List();
        await screen.ShowCode(Title(7));

        await screen.Page.ReloadAsync();

        Assert.NotEmpty(await screen.Code());
        await screen.Page.GoBackAsync();
        await screen.Shows("いま使えるクーポン");
    }

    [Fact]
    public async Task With_text_twice_as_large_the_first_screen_shows_a_coupon_and_the_code_its_barcode()
    {
        var screen = await List();
        await Enlarge();

        var bar = (await screen.Button("LINEクーポンを使う").BoundingBoxAsync())!;
        var first = (await screen.Locator("label").Filter(new() { HasText = Title(1) }).GetByText(Title(1)).BoundingBoxAsync())!;
        Assert.InRange(first.Y + first.Height, 0, bar.Y);
        await screen.Page.AssertNoSidewaysScrolling("the list at twice the size");
        await screen.ShowCode(Title(1));
        await screen.EvaluateAsync("scrollTo(0, 0)");
        var barcode = (await screen.Locator("[data-barcode] svg").BoundingBoxAsync())!;
        Assert.InRange(barcode.Y + barcode.Height, 0, Phone.Height);
        await screen.Page.AssertNoSidewaysScrolling("the code at twice the size");

        Task Enlarge() => screen.EvaluateAsync(
            "document.documentElement.style.fontSize = `${2 * parseFloat(getComputedStyle(document.documentElement).fontSize)}px`");
    }

    [Fact]
    public async Task Who_is_not_linked_presses_one_button_and_fills_in_the_form()
    {
        var (newcomer, member) = await shop.Coop.Newcomer();
        var screen = await shop.OpenCoupons(newcomer);

        await screen.Press("組合員番号で連携する");
        await screen.FillIn(member);
        await screen.Press("連携する");

        await newcomer.WaitForRichMenu(LinkingSteps.LinkedMenu);
        Assert.True(await shop.Coop.IsLinked(member.Number, newcomer));
    }

    private static string Title(int number) => $"お買い得品{number:00}";

    private async Task<IFrame> List()
    {
        var screen = await shop.OpenCoupons(phone, Phone);
        await Expect(screen.Coupon(Title(1))).ToBeVisibleAsync();
        return screen;
    }
}

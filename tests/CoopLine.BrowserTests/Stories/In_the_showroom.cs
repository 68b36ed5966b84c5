using System.Globalization;
using CoopLine.BrowserTests.Fixtures;
using CoopLine.Tests.Fixtures;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace CoopLine.BrowserTests.Stories;

/// <summary>The co-op's questions and answers, told on screen: phones, their chats and pages, and a till.</summary>
public sealed class In_the_showroom(Shop shop) : IClassFixture<Shop>
{
    private const string Link = "組合員番号で連携する";
    private const string Unlink = "組合員番号連携解除";

    private static int receipts;

    /// <summary>Q1-6: I want to link another number.</summary>
    [Fact]
    public async Task Q1_6_A_member_unlinks_with_the_banner_stays_a_friend_and_links_a_new_number()
    {
        var (old, other) = (await shop.Coop.NewMember(), await shop.Coop.NewMember());
        var friend = await shop.NewFriend("はなこのスマホ");
        var showroom = await shop.OpenShowroom();
        var phone = showroom.Phone(friend.Name);

        await LinkOnScreen(phone, old);
        await phone.Tap(Unlink);
        await phone.Hears("組合員番号の連携を解除しますか?");
        await phone.Tap("解除する");
        await phone.Hears("組合員番号の連携を解除しました。");
        await phone.Hears("お友だち登録は、そのまま残っています。");

        await LinkOnScreen(phone, other);
        Assert.True(friend.IsFriend);
        Assert.True(await shop.Coop.IsFree(old.Number));
        Assert.True(await shop.Coop.IsLinked(other.Number, friend));
    }

    /// <summary>Q1-8: a new smartphone, and the LINE account was not taken along.</summary>
    [Fact]
    public async Task Q1_8_The_new_phone_is_told_whom_to_call_the_counter_unlinks_the_old_one_and_then_it_links()
    {
        var member = await shop.Coop.NewMember();
        var (before, now) = (await shop.NewFriend("前のスマホ"), await shop.NewFriend("新しいスマホ"));
        await shop.Coop.Link(before, member);
        var showroom = await shop.OpenShowroom();
        var (old, replacement) = (showroom.Phone(before.Name), showroom.Phone(now.Name));

        await replacement.Tap(Link);
        await replacement.Tap("連携画面を開く");
        var screen = await replacement.Screen();
        await screen.FillIn(member);
        await screen.Press("連携する");
        await screen.Shows("この番号は連携されています");
        await Expect(screen.GetByRole(AriaRole.Link, new() { Name = "0120-000-111" })).ToBeVisibleAsync();
        await replacement.Tap("閉じる");
        await shop.Coop.UnlinkByStaff(member);
        await old.Hears("生協の窓口で組合員番号の連携を解除しました。");

        await LinkOnScreen(replacement, member);
        await Expect(old.GetByRole(AriaRole.Button, new() { Name = Link })).ToBeVisibleAsync();
        Assert.True(await shop.Coop.IsLinked(member.Number, now));
    }

    /// <summary>Q1-10: ten minutes from the opening of the page.</summary>
    [Fact]
    public async Task Q1_10_Who_is_late_closes_the_page_taps_the_banner_again_and_links_from_the_new_message()
    {
        var member = await shop.Coop.NewMember();
        var friend = await shop.NewFriend("たろうのスマホ");
        var showroom = await shop.OpenShowroom();
        var phone = showroom.Phone(friend.Name);
        await phone.Tap(Link);
        await phone.Tap("連携画面を開く");
        var screen = await phone.Screen();
        await screen.FillIn(member);

        await shop.Advance(TimeSpan.FromMinutes(10));
        await screen.Shows("時間が過ぎました");
        await phone.Tap("閉じる");

        await LinkOnScreen(phone, member);
        Assert.True(await shop.Coop.IsLinked(member.Number, friend));
    }

    /// <summary>Q2-3: one coupon, two units, one discount.</summary>
    [Fact]
    public async Task Q2_3_Of_two_units_one_is_discounted_and_the_phone_shows_it_used()
    {
        await shop.Offer(("豆腐 30円引(Q2-3)", Some.Campaign()));
        var (showroom, phone) = await Customer("みどりのスマホ");
        var screen = await phone.Screen();
        await screen.ShowCode("豆腐 30円引(Q2-3)");

        await Receipt(showroom);
        await showroom.Sell("もめん豆腐", "もめん豆腐");

        await Expect(showroom.Slip.GetByText("-¥30")).ToHaveCountAsync(1);
        await Expect(showroom.Slip.GetByText("¥366")).ToBeVisibleAsync(); // 2 × 198 − 30
        await screen.Shows("ご利用済み");
        await screen.ShowsText("合計 30円お得になりました。");
    }

    [Fact]
    public async Task A_receipt_that_is_sent_with_other_goods_stays_what_it_was_and_can_be_voided()
    {
        await shop.Offer(("豆腐 30円引(取消)", Some.Campaign()));
        var (showroom, phone) = await Customer("なおこのスマホ");
        var screen = await phone.Screen();
        await screen.ShowCode("豆腐 30円引(取消)");
        await Receipt(showroom);
        await showroom.Sell("もめん豆腐");
        await screen.Shows("ご利用済み");

        await showroom.Till.GetByRole(AriaRole.Button, new() { Name = "もめん豆腐" }).First.ClickAsync();
        await showroom.Till.Tap("会計");
        await Expect(showroom.Slip).ToContainTextAsync("このレシート番号は、別の内容で会計済みです。");
        await showroom.Till.Tap("もう一度送る");
        await Expect(showroom.Slip).ToContainTextAsync("再送");
        await showroom.Till.Tap("取消");

        await Expect(showroom.Slip).ToContainTextAsync("もう一度使えます");
        await screen.ShowsText("お会計の取り消しか返品がありました");
    }

    /// <summary>Q2-4: once a person.</summary>
    [Fact]
    public async Task Q2_4_The_second_time_the_till_reads_out_when_and_where_it_was_used_and_the_list_knows()
    {
        await shop.Offer(("豆腐 30円引(Q2-4)", Some.Campaign()));
        var (showroom, phone) = await Customer("ひろこのスマホ");
        var screen = await phone.Screen();
        var code = await screen.ShowCode("豆腐 30円引(Q2-4)");
        await Receipt(showroom);
        await showroom.Sell("もめん豆腐");
        await screen.Shows("ご利用済み");

        await showroom.Till.Tap("次のお客様");
        await Receipt(showroom);
        await showroom.Till.GetByLabel("クーポンコード").FillAsync(code);
        await showroom.Till.GetByRole(AriaRole.Button, new() { Name = "もめん豆腐" }).ClickAsync();
        await showroom.Till.Tap("会計");

        await Expect(showroom.Slip).ToContainTextAsync("このクーポンは11月22日にみどり店でご利用済みです。");
        await Expect(showroom.Till.GetByRole(AriaRole.Button, new() { Name = "取消" })).ToBeDisabledAsync(); // nothing was used
        await screen.Press("クーポン一覧へ");
        await screen.ShowsText("みどり店 30円引き");
        await Expect(screen.Coupon("豆腐 30円引(Q2-4)")).Not.ToBeVisibleAsync();
    }

    /// <summary>Each sale has a number of its own, although the clock stands still.</summary>
    private static Task Receipt(IFrame showroom) => showroom.Till.GetByLabel("レシート番号")
        .FillAsync(Interlocked.Increment(ref receipts).ToString("D6", CultureInfo.InvariantCulture));

    /// <summary>A linked member with the coupon page open, in front of the till; nobody else's coupons are on offer.</summary>
    private async Task<(IFrame Showroom, ILocator Phone)> Customer(string name)
    {
        var member = await shop.Coop.NewMember();
        var friend = await shop.NewFriend(name);
        await shop.Coop.Link(friend, member);
        var showroom = await shop.OpenShowroom();
        var phone = showroom.Phone(name);
        await phone.Tap("クーポン");
        return (showroom, phone);
    }

    private async Task LinkOnScreen(ILocator phone, RegisteredMember member)
    {
        var invitations = phone.GetByRole(AriaRole.Button, new() { Name = "連携画面を開く" });
        var before = await invitations.CountAsync();
        await shop.Advance(TimeSpan.FromSeconds(1)); // nobody taps twice in one moment
        await phone.Tap(Link);
        await Expect(invitations).ToHaveCountAsync(before + 1);
        await phone.Tap("連携画面を開く");
        var screen = await phone.Screen();
        await screen.FillIn(member);
        await screen.Press("連携する");
        await screen.Press("トークに戻る");
        await phone.Hears("組合員番号の連携が完了しました。");
        await Expect(phone.GetByRole(AriaRole.Button, new() { Name = Unlink })).ToBeVisibleAsync();
    }
}

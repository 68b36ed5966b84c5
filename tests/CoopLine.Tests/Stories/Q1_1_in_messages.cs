using System.Text.Json;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Stories;

/// <summary>
/// Without a link information arrives; with it there is more, for one's own store and businesses (Q1-1), from the moment of
/// linking (Q1-9). Nobody reads both wordings of one message.
/// </summary>
public sealed class Q1_1_in_messages : IAsyncLifetime
{
    private const string General = "年末年始の営業時間のお知らせです。";
    private const string ForMembers = "さくら中央店のクーポンが届きました。11月22日から使えます。";

    private readonly RunningSystem coop = new RunningSystem().WithApprover();

    public async ValueTask InitializeAsync()
    {
        coop.Also["CoopLine:Stores:0123"] = "さくら中央店";
        await coop.InitializeAsync();
    }

    public ValueTask DisposeAsync() => coop.DisposeAsync();

    [Fact]
    public async Task A_friend_gets_the_general_one_and_once_linked_the_next_one_for_members_and_never_both()
    {
        var (phone, member) = await coop.Newcomer();
        await phone.WaitForMessage("連携すると、お得な情報と、お店で使えるクーポンが届きます");

        await Sent();
        Assert.Equal([General], phone.Got());

        await coop.Link(phone, member);
        await phone.WaitForMessage("連携が完了しました");
        await Sent();
        Assert.Equal([General, ForMembers], phone.Got());

        await coop.Unlink(phone);
        await Sent();
        Assert.Equal([General, ForMembers, General], phone.Got());
    }

    [Fact]
    public async Task A_member_reads_about_the_coupon_opens_it_and_finds_the_way_to_turn_messages_off()
    {
        var phone = await coop.LinkedPhone();
        var tofu = await coop.Publish();
        var card = new { title = "{coupon} 30円引き", lines = new[] { "{until}まで、{store}で" }, altText = "{coupon}のクーポンです。{until}まで使えます。", coupon = tofu };
        await coop.WaitUntil(await coop.Send(MessageSteps.Define(unlinked: false, forLinked: new { card })), "done");

        var got = Assert.Single(phone.Messages, message => message.Way == MessageWay.Multicast);
        Assert.Equal("とうふ 30円引き\n11月30日まで、さくら中央店で", got.Text);
        Assert.Equal("とうふのクーポンです。11月30日まで使えます。", got.AltText);
        Assert.Equal(["クーポンを見る", "配信設定"], got.Buttons.Select(button => button.Label));
        Assert.Equal($"?coupon={tofu}", new Uri(got.Buttons[0].Uri!).Query);

        await phone.Tap(got.Buttons[1]);
        var topics = await phone.WaitForMessage("いまの配信設定です");
        await phone.Tap(topics.Buttons[0]);
        await phone.WaitForMessage("「店舗」を止めました。");
        await Sent();
        Assert.Single(phone.Got());
    }

    [Fact]
    public async Task Who_shops_elsewhere_hears_of_home_delivery_and_the_others_do_not()
    {
        var (store, home) = (await coop.LinkedPhone("store"), await coop.LinkedPhone("home"));

        await coop.WaitUntil(
            await coop.Send(MessageSteps.Define(new { linked = true, businesses = new[] { "home" } }, unlinked: false, forLinked: new { text = "個配のご注文は水曜日までです。" })),
            "done");

        Assert.Equal(["個配のご注文は水曜日までです。"], home.Got());
        Assert.Empty(store.Got());
    }

    [Fact]
    public async Task A_test_is_marked_and_goes_to_nobody_else()
    {
        var ((staff, member), other) = (await coop.LinkedFriend(), await coop.LinkedPhone());
        var id = Some.CampaignId();
        await coop.Did(HttpMethod.Put, id, Wordings);

        await coop.Did(HttpMethod.Post, id + "/test", new { members = new[] { member.Number } });

        var shown = staff.Messages.Where(message => message.Text.StartsWith("【テスト】", StringComparison.Ordinal)).Select(message => message.Text);
        Assert.Equal(["【テスト】ご登録の店舗のクーポンが届きました。11月22日から使えます。", "【テスト】" + General], shown);
        Assert.DoesNotContain(other.Messages, message => message.Text.Contains("テスト", StringComparison.Ordinal));
    }

    private static object Wordings => new
    {
        title = "年末",
        topic = "store",
        variants = new
        {
            linked = new { text = "{store}のクーポンが届きました。{date}から使えます。" },
            unlinked = new { text = General },
        },
        ceilingYen = 0,
    };

    private async Task<JsonElement> Sent() => await coop.WaitUntil(await coop.Send(Wordings), "done");
}

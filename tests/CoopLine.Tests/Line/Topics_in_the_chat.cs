using CoopLine.Grains;
using CoopLine.Grains.Accounts;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Line;

/// <summary>A friend asks for 「配信設定」 and turns topics off and on with one tap.</summary>
[Collection(typeof(RequestHost))]
public sealed class Topics_in_the_chat(RunningSystem coop)
{
    private const string List = "いまの配信設定です";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whoever_asks_learns_what_is_on_and_gets_a_button_for_each(bool linked)
    {
        var phone = linked ? (await coop.LinkedFriend()).Phone : await coop.NewFriend();

        await phone.Say(" 配信設定 ");
        var told = await phone.WaitForMessage(List);

        Assert.Equal(MessageWay.Reply, told.Way);
        Assert.Contains("○ 店舗:届きます\n○ 個配・共同購入:届きます\n○ お知らせ:届きます", told.Text, StringComparison.Ordinal);
        Assert.Equal(["店舗を止める", "個配・共同購入を止める", "お知らせを止める"], told.Buttons.Select(button => button.Label));
        Assert.All(told.Buttons, button => Assert.Equal(button.Label, button.Says));
        Assert.Equal(0, phone.Count("ご質問にお答えできません"));
    }

    [Fact]
    public async Task One_tap_turns_a_topic_off_and_the_next_one_on_again()
    {
        var (phone, _) = await coop.LinkedFriend();
        var list = await AskForTopics(phone);

        await phone.Tap(list.Buttons[1]);
        var off = await phone.WaitForMessage("「個配・共同購入」を止めました。");

        Assert.Equal(MessageWay.Reply, off.Way);
        Assert.Contains("○ 店舗:届きます\n× 個配・共同購入:止めています\n○ お知らせ:届きます", off.Text, StringComparison.Ordinal);
        Assert.Equal(["店舗を止める", "個配・共同購入を受け取る", "お知らせを止める"], off.Buttons.Select(button => button.Label));
        Assert.Equal([Topic.Home], await TopicsOff(phone));

        await phone.Tap(off.Buttons[1]);
        var on = await phone.WaitForMessage("「個配・共同購入」が届くようにしました。");

        Assert.Contains("○ 個配・共同購入:届きます", on.Text, StringComparison.Ordinal);
        Assert.Empty(await TopicsOff(phone));
    }

    [Fact]
    public async Task An_old_message_s_button_does_what_it_says_however_often_it_is_pressed()
    {
        var phone = await coop.NewFriend();
        var list = await AskForTopics(phone);

        await phone.Tap(list.Buttons[0]);
        await phone.Tap(list.Buttons[0]);
        await phone.Tap(list.Buttons[2]);
        await phone.Settle();

        Assert.Equal(2, phone.Count("「店舗」を止めました。"));
        Assert.Equal([Topic.Store, Topic.Notice], await TopicsOff(phone));
    }

    [Fact]
    public async Task What_is_off_stays_off_through_a_block_a_link_and_its_end()
    {
        var (phone, member) = await coop.Newcomer();
        await phone.Tap((await AskForTopics(phone)).Buttons[0]);
        await phone.WaitForMessage("「店舗」を止めました。");

        await phone.Block();
        await phone.Unblock();
        await coop.Link(phone, member);
        await phone.WaitForMessage("連携が完了しました");
        await phone.Unlink();
        await phone.WaitForMessage("連携を解除しました");

        Assert.Equal([Topic.Store], await TopicsOff(phone));
    }

    [Fact]
    public async Task A_tap_is_kept_when_a_write_fails_and_LINE_delivers_it_again()
    {
        var phone = await coop.NewFriend();
        var list = await AskForTopics(phone);
        await coop.FailWriteOf(phone, Fault.BeforeTheWrite);

        await phone.Tap(list.Buttons[0]);
        await coop.Faults.AllStruck();
        await coop.Line.RedeliverFailed();

        await phone.WaitForMessage("「店舗」を止めました。");
        Assert.Equal([Topic.Store], await TopicsOff(phone));
    }

    [Fact]
    public async Task The_hint_for_whoever_writes_something_else_names_it()
    {
        var phone = await coop.NewFriend();

        await phone.Say("こんにちは");

        Assert.Contains("「配信設定」", (await phone.WaitForMessage("ご質問にお答えできません")).Text, StringComparison.Ordinal);
    }

    private static async Task<ReceivedMessage> AskForTopics(SimulatedPhone phone)
    {
        await phone.Tap("action=topics");
        return await phone.WaitForMessage(List);
    }

    private async Task<IEnumerable<Topic>> TopicsOff(SimulatedPhone phone) =>
        (await coop.Grains.Account(phone.UserId).Topics()).Where(topic => !TopicNames.MustBeWanted(topic));
}

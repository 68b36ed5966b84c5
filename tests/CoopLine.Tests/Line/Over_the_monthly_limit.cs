using CoopLine.Grains.Line;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Line;

/// <summary>LINE takes no more messages that cost money this month. It says 429 to that, as it does to too many calls.</summary>
public sealed class Over_the_monthly_limit(RunningSystem coop) : IClassFixture<RunningSystem>
{
    private const string Done = "連携が完了しました";
    private const string Help = "ご質問にお答えできません";

    [Fact]
    public async Task What_costs_money_is_asked_for_every_ten_minutes_what_is_free_goes_on_and_all_arrives_once_in_the_end()
    {
        var (first, member) = await Newcomer();
        var (second, other) = await Newcomer();
        coop.Line.Trouble.QuotaUsedUp(LineCall.Push, Trouble.Always);
        var over = coop.Clock.GetUtcNow();

        await coop.Link(first, member);
        await coop.Line.WaitForCall(call => call.Name == LineCall.Push, "the push that meets the limit");
        await coop.SenderIsIdle(first);
        await coop.Link(second, other);
        for (var minute = 0; minute < 9; minute++)
        {
            await coop.NextRound();
            await coop.SenderIsIdle(first);
            await coop.SenderIsIdle(second);
        }
        await first.Say("?");
        await first.WaitForMessage(Help);

        Assert.Equal(1, Pushes);
        Assert.Equal(MessageWay.Reply, first.Messages[^1].Way);
        Assert.Equal(0, first.Count(Done) + second.Count(Done));

        coop.Line.Trouble.Clear(); // the month is over
        await Eventually.Holds(
            async () =>
            {
                await coop.NextRound();
                await coop.SenderIsIdle(first);
                await coop.SenderIsIdle(second);
                return first.Count(Done) + second.Count(Done) == 2;
            },
            "both are told");

        Assert.Equal((1, 1), (first.Count(Done), second.Count(Done)));
        Assert.InRange(coop.Clock.GetUtcNow() - over, MonthlyLimit.Pause, 3 * MonthlyLimit.Pause);
    }

    private int Pushes => coop.Line.Calls.Count(call => call.Name == LineCall.Push);

    private async Task<(SimulatedPhone Phone, RegisteredMember Member)> Newcomer()
    {
        var newcomer = await coop.Newcomer();
        await newcomer.Phone.WaitForMessage("お友だち登録ありがとうございます");
        await coop.SenderIsIdle(newcomer.Phone);
        return newcomer;
    }
}

using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Stories;

/// <summary>From the moment of linking what is meant for members arrives (Q1-9), and who is on the way when it is planned gets it once.</summary>
public sealed class Q1_9_in_messages : IAsyncLifetime
{
    private readonly RunningSystem coop = new RunningSystem().WithApprover();

    public ValueTask InitializeAsync() => coop.InitializeAsync();

    public ValueTask DisposeAsync() => coop.DisposeAsync();

    [Fact]
    public async Task The_next_one_for_members_arrives_without_any_time_passing()
    {
        var (phone, member) = await coop.Newcomer();
        var before = coop.Clock.GetUtcNow();
        await coop.Link(phone, member);
        await phone.WaitForMessage("連携が完了しました");

        await coop.WaitUntil(await coop.Send(MessageSteps.Define(new { linked = true }, unlinked: false)), "done");

        Assert.Equal(["組合員の皆さまへ"], phone.Got());
        Assert.True(coop.Clock.GetUtcNow() - before < TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task Who_links_between_plan_and_turn_gets_the_members_wording_only_and_who_unlinks_the_general_one_only()
    {
        var (coming, member) = await coop.Newcomer();
        var (going, leaving) = await coop.LinkedFriend();
        coop.Line.Trouble.Fail(LineCall.Quota, Trouble.Always); // no block is closed
        var id = await coop.Send();
        await coop.WaitUntil(id, "sending");

        await coop.Link(coming, member);
        await coop.UnlinkByStaff(leaving);
        await Eventually.Holds(async () => !await coop.IsLinked(leaving.Number, going), "no link");
        coop.Line.Trouble.Clear();
        await coop.WaitUntil(id, "done");

        Assert.Equal(["組合員の皆さまへ"], coming.Got());
        Assert.Equal(["皆さまへ"], going.Got());
    }
}

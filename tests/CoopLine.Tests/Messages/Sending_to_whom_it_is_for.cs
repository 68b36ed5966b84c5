using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Messages;

/// <summary>Who gets a message to many, and which wording; who does not, and why. The sum closes.</summary>
public sealed class Sending_to_whom_it_is_for : IAsyncLifetime
{
    private readonly RunningSystem coop = new RunningSystem().WithApprover();

    public ValueTask InitializeAsync() => coop.InitializeAsync();

    public ValueTask DisposeAsync() => coop.DisposeAsync();

    [Fact]
    public async Task Members_get_theirs_and_other_friends_the_general_one_and_nobody_both()
    {
        var (member, other, friend) = (await Linked(), await Linked(), await coop.NewFriend());
        var blocking = await coop.NewFriend();
        await blocking.Block();
        var off = await coop.NewFriend();
        await off.Tap("action=topic-off&topic=store");

        var id = await coop.Send();
        var done = await coop.WaitUntil(id, "done");

        Assert.All([member, other], phone => Assert.Equal(["組合員の皆さまへ"], phone.Got()));
        Assert.Equal(["皆さまへ"], friend.Got());
        Assert.Empty(off.Got());
        Assert.Equal((3, 3, 0), (done.Number("planned"), done.Number("accepted"), done.Number("waiting")));
        Assert.Equal("blocked:1 optedOut:1", done.Reasons("leftOut"));
        done.AssertAddsUp();
    }

    private async Task<SimulatedPhone> Linked(string businesses = "store")
    {
        var phone = await coop.NewFriend();
        await coop.Link(phone, await coop.NewMember(businesses));
        return phone;
    }
}

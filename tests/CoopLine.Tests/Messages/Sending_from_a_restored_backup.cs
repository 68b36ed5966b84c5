using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Messages;

/// <summary>The database forgets what was sent since its backup. LINE's keys know it, as long as the plan is the same; else staff are asked.</summary>
public sealed class Sending_from_a_restored_backup : IAsyncLifetime
{
    private static readonly string[] Tables = ["send_plan", "send_block", "send_person"];

    private readonly RunningSystem coop = new RunningSystem().WithApprover();

    public async ValueTask InitializeAsync()
    {
        coop.Also["CoopLine:Messages:BlockPersons"] = "2";
        await coop.InitializeAsync();
    }

    public ValueTask DisposeAsync() => coop.DisposeAsync();

    [Fact]
    public async Task With_the_plan_in_the_backup_the_same_keys_go_again_and_nobody_gets_a_second_one()
    {
        var friends = await Friends();
        coop.Line.Trouble.Fail(LineCall.Quota, Trouble.Always); // no block is closed without knowing the quota
        var id = await coop.Send();
        await coop.WaitUntil(id, "sending");
        BackUp();
        coop.Line.Trouble.Clear();
        await coop.WaitUntil(id, "done");
        Assert.All(friends, friend => Assert.Single(friend.Got()));

        Restore();
        Assert.Equal(6, (await coop.LookAt(id)).Number("waiting"));
        var done = await coop.WaitUntil(id, "done");

        Assert.All(friends, friend => Assert.Single(friend.Got()));
        Assert.Equal(3, coop.Line.Calls.Count(call => call is { Name: LineCall.Multicast, Status: 409 }));
        Assert.Equal((6, 6), (done.Number("planned"), done.Number("accepted")));
        done.AssertAddsUp();
    }

    [Fact]
    public async Task With_a_backup_from_before_the_plan_staff_are_asked_and_nothing_goes_by_itself()
    {
        var friends = await Friends();
        var id = await coop.Send(MessageSteps.Define(sendAt: "2026-11-22T10:30:00+09:00"));
        BackUp();
        coop.Clock.Advance(TimeSpan.FromMinutes(30));
        await coop.WaitUntil(id, "done");

        coop.Clock.Advance(TimeSpan.FromMinutes(61));
        Restore();
        var held = await coop.WaitUntil(id, "paused");

        Assert.Equal("late", held.GetProperty("pausedFor").GetString());
        Assert.All(friends, friend => Assert.Single(friend.Got()));
    }

    private async Task<SimulatedPhone[]> Friends()
    {
        var friends = new SimulatedPhone[6];
        for (var one = 0; one < friends.Length; one++) friends[one] = await coop.NewFriend();
        return friends;
    }

    private void BackUp()
    {
        foreach (var table in Tables) coop.Execute($"CREATE TABLE backup_{table} AS SELECT * FROM {table}");
        coop.Execute("CREATE TABLE backup_message AS SELECT GrainIdExtensionString AS id, PayloadBinary, Version FROM OrleansStorage WHERE GrainTypeString = 'message'");
    }

    private void Restore()
    {
        foreach (var table in Tables)
        {
            coop.Execute($"DELETE FROM {table}");
            coop.Execute($"INSERT INTO {table} SELECT * FROM backup_{table}");
        }

        coop.Execute("""
            UPDATE OrleansStorage
            SET PayloadBinary = (SELECT kept.PayloadBinary FROM backup_message AS kept WHERE kept.id = GrainIdExtensionString),
                Version = (SELECT kept.Version FROM backup_message AS kept WHERE kept.id = GrainIdExtensionString)
            WHERE GrainTypeString = 'message'
            """);
    }
}

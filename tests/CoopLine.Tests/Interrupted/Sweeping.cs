using CoopLine.Silo.Storage;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Interrupted;

/// <summary>What cannot be finished, however often it is tried, must not keep what can be from being finished.</summary>
public sealed class Sweeping(RunningSystem coop) : IClassFixture<RunningSystem>
{
    [Fact]
    public async Task Behind_hundreds_of_states_that_stay_unfinished_a_link_is_finished_all_the_same()
    {
        var (phone, member) = await coop.Newcomer();
        var dialog = await coop.FillInForm(phone, member);
        await LeaveUnfinished(600);
        await coop.SenderIsIdle(phone);
        coop.Faults.Order("member", Fault.BeforeTheWrite);
        await coop.Line.OpenAccountLinkDialog(dialog, phone.UserId);

        await coop.NextRound();
        await coop.NextRound();

        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);
    }

    /// <summary>Members that say they have something to do and have nothing, long untouched: nobody ever writes them.</summary>
    private async Task LeaveUnfinished(int count)
    {
        var more = TestDatabase.IsPostgreSql ? ", CreatedOn, Pending" : "";
        var values = TestDatabase.IsPostgreSql ? ", ModifiedOn, 1" : "";
        await using var connection = await coop.Host.Services.GetRequiredService<Database>().OpenWriter(default);
        await using var insert = connection.Command(
            $$"""
            WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < {{count}})
            INSERT INTO OrleansStorage (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString,
                GrainIdExtensionString, ServiceId, PayloadBinary, Version, ModifiedOn{{more}})
            SELECT i, GrainTypeHash, 0, 0, 'member', 'm-stuck-' || i, ServiceId, @payload, 1, @long_ago{{values}}
            FROM n, (SELECT * FROM OrleansStorage WHERE GrainTypeString = 'line-account' LIMIT 1) AS one
            """,
            ("@payload", """{"pending":true}"""u8.ToArray()),
            ("@long_ago", coop.Host.Services.GetRequiredService<Database>().Time(coop.Clock.GetUtcNow() - TimeSpan.FromDays(1))));
        Assert.Equal(count, await insert.ExecuteNonQueryAsync());
    }
}

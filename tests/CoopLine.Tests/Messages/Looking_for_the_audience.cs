using CoopLine.Grains.Accounts;
using CoopLine.Grains.Messages;
using CoopLine.Silo.Storage;
using CoopLine.Silo.Storage.Forgetting;
using CoopLine.Silo.Storage.Sending;
using CoopLine.Tests.Fixtures;
using CoopLine.Tests.Storage;

namespace CoopLine.Tests.Messages;

/// <summary>One query over all friends, and over those of a block: neither may take them all for each of them.</summary>
public sealed class Looking_for_the_audience(AdoNetHost host) : IClassFixture<AdoNetHost>
{
    private static readonly MessageContent Text = new(new("皆さまへ", null), null);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_member_is_found_by_an_index_on_SQLite(bool some)
    {
        TestDatabase.SkipOnPostgreSql("plans of SQLite");

        var plan = await Plan("EXPLAIN QUERY PLAN", some, 3);

        Assert.DoesNotContain(plan, step => step.Contains("AUTOMATIC", StringComparison.Ordinal));
        Assert.Contains(plan, step => step.Contains("SEARCH linked USING PRIMARY KEY (member_number=?)", StringComparison.Ordinal));
        Assert.Equal(some, plan.Any(step => step.Contains("SEARCH known USING PRIMARY KEY (account=?)", StringComparison.Ordinal)));
        Assert.Contains(plan, step => step.Contains("SEARCH person USING INDEX send_person_account (campaign=? AND account=?)", StringComparison.Ordinal));
        Assert.Contains(plan, step => step.Contains("SEARCH block USING INDEX send_block_sent (first_sent_at>?)", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Those_of_a_block_are_found_by_an_index_on_PostgreSQL()
    {
        TestDatabase.SkipOnSqlite("plans of PostgreSQL");

        var plan = await Plan("EXPLAIN", some: true, 0);

        Assert.DoesNotContain(plan, step => step.Contains("Seq Scan", StringComparison.Ordinal));
        Assert.Contains(plan, step => step.Contains("line_accounts_pkey", StringComparison.Ordinal));
        Assert.Contains(plan, step => step.Contains("linked_members_pkey", StringComparison.Ordinal));
        Assert.Contains(plan, step => step.Contains("Index Cond: (account = ANY", StringComparison.Ordinal));
        Assert.Contains(plan, step => step.Contains(".campaign) AND (account = known.account))", StringComparison.Ordinal));
        Assert.Contains(plan, step => step.Contains("((campaign = person.campaign) AND (number = person.block))", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("account")]
    [InlineData("member")]
    public async Task Who_is_erased_is_found_in_each_message_by_an_index_on_SQLite(string which)
    {
        TestDatabase.SkipOnPostgreSql("plans of SQLite");

        var plan = await Plan("EXPLAIN QUERY PLAN " + Erasures.RenameInPlans(which), 3, ("@account", "a"), ("@member", "b"), ("@who", "c"));

        Assert.DoesNotContain(plan, step => step.StartsWith("SCAN send_person", StringComparison.Ordinal));
        Assert.Contains(plan, step => step.Contains($"send_person_{which} (campaign=? AND {which}=?)", StringComparison.Ordinal));
    }

    private Task<List<string>> Plan(string explain, bool some, int column)
    {
        var definition = new MessageDefinition("題", Topic.Store, MessageKind.Normal, new(null, null, null, null, null), Text, Text, null, null, 0);
        var audience = new AudienceSql(
            host.Database, new(), new(), DateTimeOffset.UnixEpoch, "message", definition, coupon: null);
        return Plan(
            $"{explain} {audience.Candidates(some)} SELECT * FROM candidate", column,
            [.. audience.Values, ("@accounts", host.Database.List(["U1", "U2"]))]);
    }

    private async Task<List<string>> Plan(string explained, int column, params (string, object?)[] values)
    {
        await using var connection = await host.Database.OpenReader(TestContext.Current.CancellationToken);
        await using var command = connection.Command(explained, values);
        await using var row = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        var plan = new List<string>();
        while (await row.ReadAsync(TestContext.Current.CancellationToken)) plan.Add(row.GetString(column));
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join('\n', plan)); // what was found instead
        return plan;
    }
}
